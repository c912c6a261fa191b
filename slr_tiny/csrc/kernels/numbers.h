/* Four numbers at a time, and arithmetic that gives the same bits on every machine.
 *
 * The vectors are those of GCC and Clang: the same source becomes SSE on a PC, SIMD128 in
 * WebAssembly, and plain loops where there is neither. Three rules keep the bits the same:
 *   1. each step is one rounded operation of IEEE 754: + - * / sqrt, nothing fused
 *      (-ffp-contract=off), nothing reordered (no -ffast-math);
 *   2. sums have an order that is written down here, and numpy sums in the same one;
 *   3. what differs between C libraries (exp, rounding) is written out below.
 */
#ifndef SLR_NUMBERS_H
#define SLR_NUMBERS_H
#include <stdint.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef uint32_t u4 __attribute__((vector_size(16)));
/* the same in memory, where they may begin at any float */
typedef float f4_stored __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t u4_stored __attribute__((vector_size(16), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
/* loops over the rows of a tile have few turns, known to the compiler: no loop is left */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

INLINE f4 load4(const float *p) { return *(const f4_stored *)p; }
INLINE void store4(float *p, f4 x) { *(f4_stored *)p = x; }
INLINE f4 splat4(float x) { return (f4){x, x, x, x}; }

/* The order of a sum over a row: four running sums (numbers 0, 4, 8 ...; 1, 5, 9 ...), then this. */
INLINE float sum4(f4 x) { return (x[0] + x[1]) + (x[2] + x[3]); }

/* b where it is greater (smaller) than a, else a: also says what happens to NaN */
#ifdef __wasm_simd128__
INLINE f4 max4(f4 a, f4 b) { return (f4)wasm_f32x4_pmax((v128_t)a, (v128_t)b); }
INLINE f4 min4(f4 a, f4 b) { return (f4)wasm_f32x4_pmin((v128_t)a, (v128_t)b); }
#else
INLINE f4 choose4(i4 mask, f4 yes, f4 no) { return (f4)((mask & (i4)yes) | (~mask & (i4)no)); }
INLINE f4 max4(f4 a, f4 b) { return choose4(b > a, b, a); }
INLINE f4 min4(f4 a, f4 b) { return choose4(b < a, b, a); }
#endif
INLINE float max1(float a, float b) { return b > a ? b : a; }
INLINE float min1(float a, float b) { return b < a ? b : a; }
INLINE float max_of4(f4 x) { return max1(max1(x[0], x[1]), max1(x[2], x[3])); }
INLINE float min_of4(f4 x) { return min1(min1(x[0], x[1]), min1(x[2], x[3])); }

INLINE int missing(float x) { return x != x; } /* only NaN is not equal to itself */

/* Rounding to the nearest whole number, halves to even: from 1.5 * 2^23 on, neighbouring floats
 * are 1 apart, so an addition rounds. The lowest bits of the sum are the whole number. */
#define ROUNDER 12582912.0f
#define ROUNDER_BITS 0x4B400000
INLINE u4 rounded4(f4 x) { return (u4)(x + splat4(ROUNDER)) - ROUNDER_BITS; }

/* exp(x) for x <= 0: x = n log 2 + r; a polynomial for exp(r), the exponent's bits for 2^n
 * (coefficients of Cephes, Stephen Moshier). Below -87 the answer stays at exp(-87). The terms are
 * added in pairs (Estrin), so that fewer steps wait for the one before. */
INLINE f4 exp4(f4 x) {
  x = max4(x, splat4(-87.0f));
  const f4 shifted = x * splat4(1.44269504f) + splat4(ROUNDER);
  const f4 n = shifted - splat4(ROUNDER);
  f4 r = x - n * splat4(0.693359375f);
  r = r - n * splat4(-2.12194440e-4f);
  const f4 square = r * r;
  const f4 low = splat4(5.0000001201e-1f) + r * splat4(1.6666665459e-1f);
  const f4 middle = splat4(4.1665795894e-2f) + r * splat4(8.3334519073e-3f);
  const f4 high = splat4(1.3981999507e-3f) + r * splat4(1.9875691500e-4f);
  const f4 p = (low + square * (middle + square * high)) * square + (splat4(1.0f) + r);
  const u4 power = ((u4)shifted - ROUNDER_BITS + 127) << 23;
  return p * (f4)power;
}
#endif
