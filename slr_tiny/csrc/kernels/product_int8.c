/* A product of matrices in whole numbers: exact, so every build gives the same bits.
 *
 * Weights are signed bytes, -127 to 127. Inputs are measured when they come (as ONNX Runtime's
 * DynamicQuantizeLinear does it, but row by row, and from 0 to 127 in place of 255): seven bits,
 * because the fastest instruction, the relaxed dot product of WebAssembly, is only the same on
 * all processors if one factor is between 0 and 127. Two products then add up to 2 * 127 * 127
 * at most and fit into the 16 bits that some processors give them.
 */
#include "kernels.h"
#include "numbers.h"

struct row { float scale; uint32_t zero; };

/* ---- four products for each of four columns: sums[c] += sum over i of weights[4c + i] * in[i] */
#if defined(__wasm_relaxed_simd__)
INLINE u4 dot(u4 sums, const int8_t *weights, const uint8_t *in) {
  return (u4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(
      wasm_v128_load(weights), wasm_v128_load32_splat(in), (v128_t)sums);
}
#elif defined(__wasm_simd128__)
/* products of 16-bit numbers in pairs: bytes 0, 1 of the four columns first, then bytes 2, 3 */
INLINE u4 dot(u4 sums, const int8_t *weights, const uint8_t *in) {
  const v128_t w = wasm_v128_load(weights);
  const v128_t pairs =
      wasm_i8x16_shuffle(w, w, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
  const v128_t x = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_splat(in));
  const v128_t first = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(pairs),
                                            wasm_i32x4_shuffle(x, x, 0, 0, 0, 0));
  const v128_t second = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(pairs),
                                             wasm_i32x4_shuffle(x, x, 1, 1, 1, 1));
  return sums + (u4)first + (u4)second;
}
#else
INLINE u4 dot(u4 sums, const int8_t *weights, const uint8_t *in) {
  UNROLL for (int c = 0; c < 4; c++) {
    const int8_t *w = weights + 4 * c;
    sums[c] += (uint32_t)(w[0] * in[0] + w[1] * in[1] + w[2] * in[2] + w[3] * in[3]);
  }
  return sums;
}
#endif

/* ---- one row of floats to numbers from 0 to 127; returns what they mean */
INLINE void store_codes(uint8_t *codes, i4 x) {
  UNROLL for (int i = 0; i < 4; i++) codes[i] = (uint8_t)(x[i] < 0 ? 0 : x[i] > 127 ? 127 : x[i]);
}

#ifdef __wasm_simd128__
/* sixteen at a time: two narrowing steps clip to 0 ... 255, and a minimum to 127 */
INLINE v128_t codes16(const float *x, f4 inverse, u4 zero) {
  u4 part[4];
  UNROLL for (int i = 0; i < 4; i++) part[i] = rounded4(load4(x + 4 * i) * inverse) + zero;
  const v128_t low = wasm_i16x8_narrow_i32x4((v128_t)part[0], (v128_t)part[1]);
  const v128_t high = wasm_i16x8_narrow_i32x4((v128_t)part[2], (v128_t)part[3]);
  return wasm_u8x16_min(wasm_u8x16_narrow_i16x8(low, high), wasm_i8x16_const_splat(127));
}
#endif

static struct row quantize_row(const float *x, uint32_t count, uint8_t *codes) {
  f4 low = splat4(0.0f), high = splat4(0.0f);
  for (uint32_t k = 0; k < count; k += 4) {
    low = min4(low, load4(x + k));
    high = max4(high, load4(x + k));
  }
  const float lowest = min_of4(low), range = max_of4(high) - lowest;
  const float scale = range > 0 ? range / 127.0f : 1.0f;
  const f4 inverse = splat4(1.0f / scale);
  const uint32_t zero = 0u - rounded4(splat4(lowest) * inverse)[0];
  const u4 zeros = {zero, zero, zero, zero};
  uint32_t k = 0;
#ifdef __wasm_simd128__
  for (; k + 16 <= count; k += 16) wasm_v128_store(codes + k, codes16(x + k, inverse, zeros));
#endif
  for (; k < count; k += 4) store_codes(codes + k, (i4)(rounded4(load4(x + k) * inverse) + zeros));
  return (struct row){scale, zero};
}

/* ---- a tile of the result, as in product_f32.c; weights lie as (depth / 4, 8 columns, 4) */
INLINE f4 as_float(u4 sums, struct row row, const int32_t *column_sums, const float *scales,
                   const float *bias) {
  const u4 zero = {row.zero, row.zero, row.zero, row.zero};
  const i4 whole = (i4)(sums - zero * *(const u4_stored *)column_sums);
  return __builtin_convertvector(whole, f4) * (splat4(row.scale) * load4(scales)) + load4(bias);
}

INLINE void tile(const uint8_t *codes, const struct row *about, struct weights_int8 weights,
                 const float *bias, uint32_t depth, uint32_t columns, int relu, struct result out,
                 const int rows, const int panels) {
  u4 sums[5][8];
  UNROLL for (int p = 0; p < 2 * panels; p++)
    UNROLL for (int r = 0; r < rows; r++) sums[r][p] = (u4){0, 0, 0, 0};
  for (uint32_t k = 0; k < depth; k += 4) {
    UNROLL for (int p = 0; p < panels; p++) {
      const int8_t *panel = weights.codes + (p * depth + k) * PANEL;
      UNROLL for (int r = 0; r < rows; r++) {
        const uint8_t *x = codes + r * depth + k;
        sums[r][2 * p] = dot(sums[r][2 * p], panel, x);
        sums[r][2 * p + 1] = dot(sums[r][2 * p + 1], panel + 16, x);
      }
    }
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int p = 0; p < 2 * panels; p++)
      if (4u * p < columns) {
        const f4 y = as_float(sums[r][p], about[r], weights.sums + 4 * p, weights.scales + 4 * p,
                              bias + 4 * p);
        store4(out.data + r * out.stride + 4 * p, relu ? max4(splat4(0.0f), y) : y);
      }
}

#define TILE(ROWS, PANELS)                                                                     \
  tile(codes + row * sizes.depth, about + row,                                                 \
       (struct weights_int8){weights.codes + first * sizes.depth, weights.scales + first,      \
                             weights.sums + first},                                            \
       bias + first, sizes.depth, sizes.columns - first, relu,                                 \
       (struct result){out.data + row * out.stride + first, out.stride}, ROWS, PANELS)

void product_int8(struct matrix in, struct weights_int8 weights, const float *bias,
                  struct sizes sizes, int relu, struct result out, void *scratch) {
  struct row *about = scratch;
  uint8_t *codes = (uint8_t *)(about + sizes.rows);
  uint32_t first = 0, row = 0;
  for (uint32_t r = 0; r < sizes.rows; r++)
    about[r] = quantize_row(in.data + r * in.stride, sizes.depth, codes + r * sizes.depth);
  if (sizes.rows == 1)
    for (; first + 4 * PANEL <= sizes.columns; first += 4 * PANEL) TILE(1, 4);
  for (; first < sizes.columns; first += PANEL) {
    for (row = 0; row + 5 <= sizes.rows; row += 5) TILE(5, 1);
    for (; row + 2 <= sizes.rows; row += 2) TILE(2, 1);
    for (; row < sizes.rows; row++) TILE(1, 1);
  }
}
