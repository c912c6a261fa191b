/* Camera to letter, for ever. What is board and what is not: stubs.c. */
#include "model.h"
#include "stubs.h"

extern const char *const letters[MODEL_OUTPUTS]; /* letters.c */
static uint8_t image[MODEL_INPUTS]; /* rows, columns, red green blue */

int main(void) {
  for (;;) {
    camera_image(image, MODEL_INPUTS);
    int8_t *input = model_input();
    for (int32_t i = 0; i < MODEL_INPUTS; i++) input[i] = model_code[image[i]];
    model_run();
    const int8_t *output = model_output();
    int32_t best = 0;
    for (int32_t i = 1; i < MODEL_OUTPUTS; i++)
      if (output[i] > output[best]) best = i;
    show_letter(letters[best], (float)(output[best] - model_zero) * model_scale);
  }
}
