/* A convolution as a product of matrices: the pixels under the kernel, for two places at a time,
 * are laid side by side as 16-bit numbers ("columns"), and every filter is multiplied with them. */
#include "dots.h"
#include "images.h"

/* Bytes of one pixel, a multiple of four, to their places among the columns. */
static inline int16_t *widen_all(const int8_t *from, int32_t count, int16_t *to) {
  const int8_t *end = from + count;
#if defined(__ARM_FEATURE_DSP)
#define WIDEN_WORD                                                                             \
  "ldr %[four], [%[from]], #4\n\t sxtb16 %[even], %[four]\n\t sxtb16 %[odd], %[four], ror #8\n\t" \
  "strd %[even], %[odd], [%[to]], #16\n\t"
  uint32_t four, even, odd;
  if (count & 4)
    __asm__ volatile(WIDEN_WORD : [four] "=&r"(four), [even] "=&r"(even), [odd] "=&r"(odd),
                     [from] "+r"(from), [to] "+r"(to) :: "memory");
  if (from < end)
    __asm__ volatile("1:\n\t" WIDEN_WORD WIDEN_WORD "cmp %[from], %[end]\n\t bcc 1b"
                     : [four] "=&r"(four), [even] "=&r"(even), [odd] "=&r"(odd),
                       [from] "+r"(from), [to] "+r"(to) : [end] "r"(end) : "cc", "memory");
#else
  for (; from < end; from += 4, to += 8)
    to[0] = from[0], to[1] = from[2], to[2] = from[1], to[3] = from[3];
#endif
  return to;
}

/* `count` times the same number, as columns or as bytes */
static inline int16_t *fill_wide(int16_t *to, int32_t count, int32_t value) {
  for (int32_t i = 0; i < count; i += 4, to += 8) {
    to[0] = to[1] = to[2] = to[3] = (int16_t)value;
  }
  return to;
}
static inline int8_t *fill(int8_t *to, int32_t count, int32_t value) {
  for (int32_t i = 0; i < count; i++) to[i] = (int8_t)value;
  return to + count;
}
static inline int8_t *copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count >= 4; count -= 4, to += 4, from += 4) __builtin_memcpy(to, from, 4);
  for (; count > 0; count--) *to++ = *from++;
  return to;
}

struct place { int32_t y, x; }; /* of the kernel's corner in the image, may be negative */

/* The taps of one pixel. What lies under one row of the kernel lies in one piece in memory, but for
 * what is outside of the image, where the zero point stands. If a pixel is a number of whole words,
 * its bytes are widened where they are, else all taps are copied together first. */
static void gather(const int8_t *in, struct image from, struct window w, struct place p,
                   int32_t zero, int32_t taps, int8_t *bytes, int16_t *to) {
  const int32_t c = from.channels, words = c % 4 == 0;
  const int32_t before = p.x < 0 ? -p.x : 0;
  const int32_t end = p.x + w.width > from.width ? from.width - p.x : w.width;
  int8_t *next = bytes;
  for (int32_t row = 0; row < w.height; row++) {
    const int32_t y = p.y + row, outside = y < 0 || y >= from.height || end <= before;
    const int32_t left = (outside ? w.width : before) * c, run = outside ? 0 : (end - before) * c;
    const int32_t right = w.width * c - left - run;
    const int8_t *pixel = in + (y * from.width + p.x + before) * c;
    if (words) {
      to = fill_wide(to, left, zero);
      to = widen_all(pixel, run, to);
      to = fill_wide(to, right, zero);
    } else {
      next = fill(next, left, zero);
      next = copy(next, pixel, run);
      next = fill(next, right, zero);
    }
  }
  if (!words) widen_all(bytes, taps, to);
}

/* Two filters at two places. Where there is no second place, `second` is `first` and written
 * before it. Where there is no second filter, its number is not written. */
static inline void four_sums(const void *weights, int wide, const int16_t *columns, int32_t taps,
                             struct rescale r, int32_t f, int both, int8_t *first, int8_t *second) {
  int32_t sums[4] = {r.bias[f], r.bias[f + 1], r.bias[f], r.bias[f + 1]};
  if (wide) dots_wide((const int16_t *)weights + f * taps, columns, taps, sums);
  else dots_bytes((const int8_t *)weights + f * taps, columns, taps, sums);
  const float one = r.scales[f], other = r.scales[f + 1];
  second[f] = requantize(sums[2], one, r.out_zero);
  first[f] = requantize(sums[0], one, r.out_zero);
  if (!both) return;
  second[f + 1] = requantize(sums[3], other, r.out_zero);
  first[f + 1] = requantize(sums[1], other, r.out_zero);
}

/* All filters at two places: a function of its own, so that its few variables stay in registers. */
static __attribute__((noinline)) void all_filters(const void *weights, const int16_t *columns,
                                                  int32_t taps, struct rescale r, int32_t filters,
                                                  int8_t *first, int8_t *second) {
  int32_t f = 0;
  for (; f + 1 < filters; f += 2)
    four_sums(weights, 0, columns, taps, r, f, 1, first, second);
  if (f < filters) four_sums(weights, 0, columns, taps, r, f, 0, first, second);
}
static __attribute__((noinline)) void all_filters_wide(const void *weights, const int16_t *columns,
                                                       int32_t taps, struct rescale r,
                                                       int32_t filters, int8_t *first,
                                                       int8_t *second) {
  int32_t f = 0;
  for (; f + 1 < filters; f += 2)
    four_sums(weights, 1, columns, taps, r, f, 1, first, second);
  if (f < filters) four_sums(weights, 1, columns, taps, r, f, 0, first, second);
}

void conv_int8(const int8_t *in, struct image from, const void *weights, int wide, struct window w,
               struct rescale r, int8_t *out, struct image to, int16_t *columns) {
  const int32_t used = w.height * w.width * from.channels, taps = (used + 7) & ~7;
  const int32_t places = to.height * to.width, filters = to.channels;
  int8_t *bytes = (int8_t *)(columns + 2 * taps);
  for (int32_t i = 0; i < 2 * taps; i++) columns[i] = 0;
  fill(bytes, taps, 0);
  for (int32_t place = 0; place < places; place += 2) {
    const int two = place + 1 < places;
    for (int q = 0; q <= two; q++) {
      const struct place p = {(place + q) / to.width * w.step_y - w.top,
                              (place + q) % to.width * w.step_x - w.left};
      gather(in, from, w, p, r.in_zero, taps, bytes, columns + 4 * q);
    }
    int8_t *first = out + place * filters, *second = two ? first + filters : first;
    if (wide) all_filters_wide(weights, columns, taps, r, filters, first, second);
    else all_filters(weights, columns, taps, r, filters, first, second);
  }
}
