/* The file of a model, as it is, in flash. */
  .section .rodata.model_file, "a"
  .balign 16
  .global model_file, model_bytes
model_file:
  .incbin "model.slr"
model_end:
  .balign 4
model_bytes:
  .word model_end - model_file
