/* What a page calls. It writes the file to `file_address()` and asks `load`, which says how many
 * bytes of memory to have, or why not; from then on the memory never grows. */
#include "model.h"

#define EXPORT(name) __attribute__((export_name(name)))
extern uint8_t __heap_base; /* the linker's: the first byte that the program does not use itself */

static uint32_t file(void) { return ((uint32_t)&__heap_base + 15u) & ~15u; }
static uint32_t arena_begin;

EXPORT("file_address") uint32_t file_address(void) { return file(); }

/* Is this a file that may run? 0, or a reason of model.h. */
EXPORT("load") int32_t load(uint32_t bytes) {
  arena_begin = 0;
  const uint64_t memory = (uint64_t)__builtin_wasm_memory_size(0) << 16;
  if (file() + (uint64_t)bytes > memory) return FILE_LENGTH;
  const struct header *h = (const struct header *)file();
  const int reason = check_model((const uint8_t *)h, bytes);
  if (reason) return reason;
  const uint64_t begin = (file() + (uint64_t)bytes + 15u) & ~15ull;
  if (begin + 4ull * h->arena_floats > memory) return FILE_SIZES;
  arena_begin = (uint32_t)begin;
  return FILE_FINE;
}

/* Where the landmarks are put, and where the probabilities are found. */
EXPORT("input") uint32_t input(void) { return arena_begin; }
EXPORT("output") uint32_t output(void) {
  return arena_begin + 4 * ((const struct header *)file())->output;
}

EXPORT("predict") void predict(uint32_t frames) {
  if (arena_begin) run_model((const uint8_t *)file(), (float *)arena_begin, frames);
}
