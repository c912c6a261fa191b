/* Answers the clips of clips.bin with a model of our runtime: for each clip the number of its
 * frames and then its landmarks. The same steps and kernels as in the browser. */
#include "board.h"
#include "../wasm/model.h"

extern const uint8_t model_file[]; /* of model.S */
extern const uint32_t model_bytes;
static float arena[ARENA_FLOATS] __attribute__((aligned(16)));

int main(void) {
  const struct header *h = (const struct header *)model_file;
  const int32_t clips = open_file("clips.bin", 0), answers = open_file("answers.bin", 1);
  uint32_t count = 0, frames = 0, least = UINT32_MAX, most = 0;
  if (clips < 0 || answers < 0) return 2;
  const int reason = check_model(model_file, model_bytes);
  if (reason || h->arena_floats > ARENA_FLOATS) return 10 + reason;
  while (read_file(clips, &frames, 4) == 4) {
    if (frames < 1 || frames > h->max_frames) return 20;
    read_file(clips, arena, (int32_t)(frames * 600));
    clock_start();
    run_model(model_file, arena, frames);
    const uint32_t ticks = clock_ticks();
    least = ticks < least ? ticks : least;
    most = ticks > most ? ticks : most;
    write_file(answers, arena + h->output, (int32_t)(4 * h->classes));
    count++;
  }
  print_results(count, least, most);
  return 0;
}
