/* Kernels for images of signed bytes. An image is (height, width, channels), channels nearest to
 * each other in memory. Every sum is a sum of integers, so its order does not matter and all builds
 * give the same bits; the one rounding is in `requantize`, as ONNX Runtime's QLinearConv has it.
 */
#ifndef SLR_IMAGES_H
#define SLR_IMAGES_H
#include <stdint.h>

struct image { int32_t height, width, channels; };
/* of a kernel: its size, its steps, and what is added above and to the left of the image */
struct window { int32_t height, width, step_y, step_x, top, left; };
/* zero points, and for each output channel: the scale of the input times that of the weights
 * over that of the output, and the bias minus the input's zero point times the sum of weights */
struct rescale { int32_t in_zero, out_zero; const float *scales; const int32_t *bias; };

/* Weights of a convolution lie in pairs of filters, four taps of one and four of the other, taps
 * in the order of rows, columns, channels, filled up with zeros to a multiple of eight. As
 * bytes (wide = 0) in this order; as 16-bit numbers (wide = 1) with the middle two of the four
 * exchanged. An odd last filter has a partner of zeros.
 * `columns`: 4 * taps bytes, and as many bytes as there are taps. */
void conv_int8(const int8_t *in, struct image from, const void *weights, int wide, struct window w,
               struct rescale r, int8_t *out, struct image to, int16_t *columns);
/* one filter a channel; weights (height, width, channels) */
void depthwise_int8(const int8_t *in, struct image from, const int8_t *weights, struct window w,
                    struct rescale r, int8_t *out, struct image to);
/* the greatest number under a window; what is outside of the image does not count */
void max_pool_int8(const int8_t *in, struct image from, struct window w, int8_t *out,
                   struct image to);
/* the mean of each channel; scale: that of the input over that of the output and the pixels */
void mean_int8(const int8_t *in, struct image from, struct rescale r, int8_t *out);
/* a + b, with the scales of both over that of the sum; shift: out_zero minus what the two zero
 * points contribute. Exact where the ratios are powers of two (section 12e). */
struct sum_scales { float a, b, shift; };
void add_int8(const int8_t *a, const int8_t *b, struct sum_scales s, int32_t count, int8_t *out);

/* Round to the nearest integer, halves to even, move by the zero point, cut to a byte. */
static inline int8_t to_byte(float x, int32_t zero) {
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP)
  int32_t y;
  __asm__("vcvtn.s32.f32 %0, %0\n\tvmov %1, %0" : "+t"(x), "=r"(y));
  y += zero;
  __asm__("ssat %0, #8, %0" : "+r"(y));
  return (int8_t)y;
#else
  const float low = (float)(-128 - zero), high = (float)(127 - zero);
  union { float f; int32_t i; } sum;
  x = x < low ? low : x > high ? high : x;
  sum.f = x + 12582912.0f; /* 1.5 * 2^23: neighbouring floats are 1 apart */
  return (int8_t)(sum.i - 0x4B400000 + zero);
#endif
}
static inline int8_t requantize(int32_t sum, float scale, int32_t zero) {
  return to_byte((float)sum * scale, zero);
}
#endif
