/* One filter for each channel: every weight is used once a pixel, so there is nothing to share, and
 * the kernel reads four channels at a time. */
#include "images.h"

/* sums[0..3] += x[0..3] * w[0..3] */
static inline void four_products(const int8_t *x, const int8_t *w, int32_t *sums) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t u, v, even, odd, other;
  __builtin_memcpy(&u, x, 4);
  __builtin_memcpy(&v, w, 4);
  __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(u));
  __asm__("sxtb16 %0, %1" : "=r"(other) : "r"(v));
  __asm__("smlabb %0, %1, %2, %0" : "+r"(sums[0]) : "r"(even), "r"(other));
  __asm__("smlatt %0, %1, %2, %0" : "+r"(sums[2]) : "r"(even), "r"(other));
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(u));
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(other) : "r"(v));
  __asm__("smlabb %0, %1, %2, %0" : "+r"(sums[1]) : "r"(odd), "r"(other));
  __asm__("smlatt %0, %1, %2, %0" : "+r"(sums[3]) : "r"(odd), "r"(other));
#else
  for (int i = 0; i < 4; i++) sums[i] += x[i] * w[i];
#endif
}

/* Where the kernel leaves the image, the input is its zero point. */
static int32_t at_edge(const int8_t *in, struct image from, const int8_t *weights, struct window w,
                       int32_t y, int32_t x, int32_t channel, int32_t zero) {
  int32_t sum = 0;
  for (int32_t i = 0; i < w.height; i++)
    for (int32_t j = 0; j < w.width; j++) {
      const int out = y + i < 0 || y + i >= from.height || x + j < 0 || x + j >= from.width;
      const int32_t pixel = (y + i) * from.width + x + j;
      sum += weights[(i * w.width + j) * from.channels + channel] *
             (out ? zero : in[pixel * from.channels + channel]);
    }
  return sum;
}

void depthwise_int8(const int8_t *in, struct image from, const int8_t *weights, struct window w,
                    struct rescale r, int8_t *out, struct image to) {
  const int32_t channels = from.channels, skip = (from.width - w.width) * channels;
  for (int32_t row = 0; row < to.height; row++)
    for (int32_t column = 0; column < to.width; column++, out += channels) {
      const int32_t y = row * w.step_y - w.top, x = column * w.step_x - w.left;
      const int inside =
          y >= 0 && x >= 0 && y + w.height <= from.height && x + w.width <= from.width;
      int32_t c = 0;
      for (; inside && c + 4 <= channels; c += 4) {
        int32_t sums[4] = {r.bias[c], r.bias[c + 1], r.bias[c + 2], r.bias[c + 3]};
        const int8_t *pixel = in + (y * from.width + x) * channels + c, *weight = weights + c;
        for (int32_t i = 0; i < w.height; i++, pixel += skip)
          for (int32_t j = 0; j < w.width; j++, pixel += channels, weight += channels)
            four_products(pixel, weight, sums);
        for (int k = 0; k < 4; k++)
          out[c + k] = requantize(sums[k], r.scales[c + k], r.out_zero);
      }
      for (; c < channels; c++) {
        const int32_t sum = r.bias[c] + at_edge(in, from, weights, w, y, x, c, r.in_zero);
        out[c] = requantize(sum, r.scales[c], r.out_zero);
      }
    }
}
