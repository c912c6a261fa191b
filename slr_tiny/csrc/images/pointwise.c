/* What has no weights: maxima, means, sums of two images. */
#include "images.h"

void max_pool_int8(const int8_t *in, struct image from, struct window w, int8_t *out,
                   struct image to) {
  for (int32_t row = 0; row < to.height; row++)
    for (int32_t column = 0; column < to.width; column++)
      for (int32_t c = 0; c < from.channels; c++) {
        const int32_t y = row * w.step_y - w.top, x = column * w.step_x - w.left;
        int8_t most = -128;
        for (int32_t i = y < 0 ? -y : 0; i < w.height && y + i < from.height; i++)
          for (int32_t j = x < 0 ? -x : 0; j < w.width && x + j < from.width; j++) {
            const int8_t value = in[((y + i) * from.width + x + j) * from.channels + c];
            most = value > most ? value : most;
          }
        *out++ = most;
      }
}

void mean_int8(const int8_t *in, struct image from, struct rescale r, int8_t *out) {
  const int32_t pixels = from.height * from.width;
  for (int32_t c = 0; c < from.channels; c++) {
    int32_t sum = -r.in_zero * pixels;
    for (int32_t p = 0; p < pixels; p++) sum += in[p * from.channels + c];
    out[c] = requantize(sum, r.scales[0], r.out_zero);
  }
}

void add_int8(const int8_t *a, const int8_t *b, struct sum_scales s, int32_t count, int8_t *out) {
  for (int32_t i = 0; i < count; i++)
    out[i] = to_byte(((float)a[i] * s.a + s.shift) + (float)b[i] * s.b, 0);
}
