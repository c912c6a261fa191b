/* Answers the images of images.bin, one after the other, into answers.bin. */
#include "board.h"
#include "model.h"

int main(void) {
  const int32_t images = open_file("images.bin", 0), answers = open_file("answers.bin", 1);
  uint32_t count = 0, least = UINT32_MAX, most = 0;
  if (images < 0 || answers < 0) return 2;
  while (read_file(images, model_input(), MODEL_INPUTS) == MODEL_INPUTS) {
    clock_start();
    model_run();
    const uint32_t ticks = clock_ticks();
    least = ticks < least ? ticks : least;
    most = ticks > most ? ticks : most;
    write_file(answers, model_output(), MODEL_OUTPUTS);
    count++;
  }
  print_results(count, least, most);
  return 0;
}
