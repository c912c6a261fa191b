/* Sums of products for two filters and two pixels at a time: sums[0], [1]: the filters at the first
 * pixel, sums[2], [3]: at the second. Four taps of the first pixel and four of the second lie
 * together as 16-bit numbers, the middle two of each four exchanged.
 *
 * Why exchanged: a Cortex-M7 has an instruction that widens the bytes 0 and 2 of a word (SXTB16),
 * and another form of it for 1 and 3; then SMLAD multiplies two pairs and adds both products.
 */
#ifndef SLR_DOTS_H
#define SLR_DOTS_H
#include <stdint.h>

#if defined(__ARM_FEATURE_DSP)
#define WIDEN_AND_ADD(FOUR, FIRST, SECOND) /* a filter's four weights in FOUR, at both pixels */ \
  "sxtb16 r10, " FOUR "\n\t sxtb16 " FOUR ", " FOUR ", ror #8\n\t"                              \
  "smlad %[" FIRST "], r10, r4, %[" FIRST "]\n\t smlad %[" SECOND "], r10, r6, %[" SECOND "]\n\t" \
  "smlad %[" FIRST "], " FOUR ", r5, %[" FIRST "]\n\t"                                         \
  "smlad %[" SECOND "], " FOUR ", r8, %[" SECOND "]\n\t"
#define BYTES_4 "ldm %[x]!, {r4, r5, r6, r8}\n\t ldrd r9, r11, [%[w]], #8\n\t"                 \
  WIDEN_AND_ADD("r9", "a", "c") WIDEN_AND_ADD("r11", "b", "d")
#define ADD_WIDE(FIRST, SECOND)                                                                \
  "smlad %[" FIRST "], r9, r4, %[" FIRST "]\n\t smlad %[" SECOND "], r9, r6, %[" SECOND "]\n\t"  \
  "smlad %[" FIRST "], r10, r5, %[" FIRST "]\n\t smlad %[" SECOND "], r10, r8, %[" SECOND "]\n\t"
#define WIDE_4 "ldm %[x]!, {r4, r5, r6, r8}\n\t"                                               \
  "ldrd r9, r10, [%[w]], #8\n\t" ADD_WIDE("a", "c") "ldrd r9, r10, [%[w]], #8\n\t" ADD_WIDE("b", "d")
#define DOTS(NAME, TYPE, FOUR)                                                                 \
  static inline void NAME(const TYPE *w, const int16_t *x, int32_t taps, int32_t *sums) {      \
    int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3], eights = taps >> 3;            \
    __asm__ volatile("1:\n\t" FOUR FOUR "subs %[n], %[n], #1\n\t bne 1b"                       \
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [w] "+r"(w),        \
                       [x] "+r"(x), [n] "+r"(eights)                                           \
                     :: "r4", "r5", "r6", "r8", "r9", "r10", "r11", "cc", "memory");                  \
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;                                        \
  }
DOTS(dots_bytes, int8_t, BYTES_4)
DOTS(dots_wide, int16_t, WIDE_4)
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
static inline int32_t sum_lanes(v128_t x) {
  return wasm_i32x4_extract_lane(x, 0) + wasm_i32x4_extract_lane(x, 1) +
         wasm_i32x4_extract_lane(x, 2) + wasm_i32x4_extract_lane(x, 3);
}
/* eight numbers: four for the first filter or pixel, four for the second */
static inline void dots(v128_t w, const int16_t *x, v128_t sums[2]) {
  const v128_t both = wasm_v128_load(x);
  sums[0] = wasm_i32x4_add(sums[0], wasm_i32x4_dot_i16x8(w, wasm_i64x2_shuffle(both, both, 0, 0)));
  sums[1] = wasm_i32x4_add(sums[1], wasm_i32x4_dot_i16x8(w, wasm_i64x2_shuffle(both, both, 1, 1)));
}
#define DOTS(NAME, TYPE, LOAD)                                                                 \
  static inline void NAME(const TYPE *w, const int16_t *x, int32_t taps, int32_t *sums) {      \
    v128_t s[2] = {wasm_i32x4_splat(0), wasm_i32x4_splat(0)};                                  \
    for (int32_t k = 0; k < taps; k += 4, w += 8, x += 8) dots(LOAD, x, s);                    \
    for (int i = 0; i < 2; i++) {                                                              \
      sums[2 * i] += wasm_i32x4_extract_lane(s[i], 0) + wasm_i32x4_extract_lane(s[i], 1);      \
      sums[2 * i + 1] += wasm_i32x4_extract_lane(s[i], 2) + wasm_i32x4_extract_lane(s[i], 3);  \
    }                                                                                          \
  }
/* bytes lie in their order, so the middle two of each four are exchanged here */
#define LOAD_BYTES wasm_i16x8_shuffle(wasm_i16x8_load8x8(w), wasm_i16x8_load8x8(w), 0, 2, 1, 3, 4, 6, 5, 7)
DOTS(dots_bytes, int8_t, LOAD_BYTES)
DOTS(dots_wide, int16_t, wasm_v128_load(w))
#else
/* the naive loop: what the two above compute */
#define DOTS(NAME, TYPE, FIRST, SECOND)                                                        \
  static inline void NAME(const TYPE *w, const int16_t *x, int32_t taps, int32_t *sums) {      \
    for (int32_t k = 0; k < taps; k += 4, w += 8, x += 8)                                      \
      for (int f = 0; f < 2; f++)                                                              \
        for (int p = 0; p < 2; p++)                                                            \
          sums[2 * p + f] += w[4 * f] * x[4 * p] + w[4 * f + FIRST] * x[4 * p + 1] +           \
                             w[4 * f + SECOND] * x[4 * p + 2] + w[4 * f + 3] * x[4 * p + 3];   \
  }
DOTS(dots_bytes, int8_t, 2, 1)
DOTS(dots_wide, int16_t, 1, 2)
#endif
#endif
