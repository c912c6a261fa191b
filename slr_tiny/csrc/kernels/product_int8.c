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

/* ---- four products for each of four columns: sums[c] += sum over i of weights[4c + i] * in[i].
 * `whole`: whether the processor has one instruction for it. */
#if defined(__wasm_relaxed_simd__)
typedef uint8_t code;
INLINE u4 dot(u4 sums, const int8_t *weights, const code *in, const int whole) {
  const v128_t w = wasm_v128_load(weights), x = wasm_v128_load32_splat(in);
  if (whole) return (u4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w, x, (v128_t)sums);
  const v128_t pairs = wasm_i16x8_relaxed_dot_i8x16_i7x16(w, x);
  return sums + (u4)wasm_i32x4_dot_i16x8(pairs, wasm_i16x8_const_splat(1));
}

/* Inputs above 127 are left to the processor: one that has the instruction adds four products of
 * 127 and 255 (or of 127 and -1), one that takes two steps loses what 16 bits cannot hold. */
static int has_whole_dot(void) {
  const v128_t sums = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(
      wasm_i8x16_const_splat(127), wasm_i8x16_const_splat(-1), wasm_i32x4_const_splat(0));
  return wasm_i32x4_extract_lane(sums, 0) != 2 * INT16_MAX;
}
#elif defined(__wasm_simd128__)
/* products of 16-bit numbers in pairs: bytes 0, 1 of the four columns first, then bytes 2, 3 */
typedef uint16_t code;
INLINE u4 dot(u4 sums, const int8_t *weights, const code *in, const int whole) {
  (void)whole;
  const v128_t w = wasm_v128_load(weights);
  const v128_t pairs =
      wasm_i8x16_shuffle(w, w, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
  const v128_t first = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(pairs),
                                            wasm_v128_load32_splat(in));
  const v128_t second = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(pairs),
                                             wasm_v128_load32_splat(in + 2));
  return sums + (u4)first + (u4)second;
}
static int has_whole_dot(void) { return 1; }
#else
typedef uint8_t code;
INLINE u4 dot(u4 sums, const int8_t *weights, const code *in, const int whole) {
  (void)whole;
  UNROLL for (int c = 0; c < 4; c++) {
    const int8_t *w = weights + 4 * c;
    sums[c] += (uint32_t)(w[0] * in[0] + w[1] * in[1] + w[2] * in[2] + w[3] * in[3]);
  }
  return sums;
}
static int has_whole_dot(void) { return 1; }
#endif

/* ---- one row of floats to numbers from 0 to 127; returns what they mean */
INLINE void store_codes(code *codes, i4 x) {
  UNROLL for (int i = 0; i < 4; i++) codes[i] = (code)(x[i] < 0 ? 0 : x[i] > 127 ? 127 : x[i]);
}

#ifdef __wasm_simd128__
/* sixteen at a time: two narrowing steps clip to 0 ... 255, and a minimum to 127 */
INLINE void store_codes16(code *codes, const float *x, f4 inverse, u4 zero) {
  u4 part[4];
  UNROLL for (int i = 0; i < 4; i++) part[i] = rounded4(load4(x + 4 * i) * inverse) + zero;
  const v128_t low = wasm_i16x8_narrow_i32x4((v128_t)part[0], (v128_t)part[1]);
  const v128_t high = wasm_i16x8_narrow_i32x4((v128_t)part[2], (v128_t)part[3]);
  const v128_t x16 =
      wasm_u8x16_min(wasm_u8x16_narrow_i16x8(low, high), wasm_i8x16_const_splat(127));
  if (sizeof(code) == 1) {
    wasm_v128_store(codes, x16);
  } else {
    wasm_v128_store(codes, wasm_u16x8_extend_low_u8x16(x16));
    wasm_v128_store(codes + 8, wasm_u16x8_extend_high_u8x16(x16));
  }
}
#endif

static struct row quantize_row(const float *x, uint32_t count, code *codes) {
  f4 low = splat4(0.0f), high = splat4(0.0f);
  for (uint32_t k = 0; k < count; k += 4) {
    const f4 each = load4(x + k);
    low = min4(low, each);
    high = max4(high, each);
  }
  const float lowest = min_of4(low), range = max_of4(high) - lowest;
  const float scale = range > 0 ? range / 127.0f : 1.0f;
  const f4 inverse = splat4(1.0f / scale);
  const uint32_t zero = 0u - rounded4(splat4(lowest) * inverse)[0];
  const u4 zeros = {zero, zero, zero, zero};
  uint32_t k = 0;
#ifdef __wasm_simd128__
  for (; k + 16 <= count; k += 16) store_codes16(codes + k, x + k, inverse, zeros);
#endif
  for (; k < count; k += 4) store_codes(codes + k, (i4)(rounded4(load4(x + k) * inverse) + zeros));
  return (struct row){scale, zero};
}

/* ---- a tile of the result, as in product_f32.c; weights lie as (depth / 4, 8 columns, 4) */
struct tile { const code *codes; const struct row *about; struct weights_int8 weights;
              const float *bias; uint32_t depth; float floor; struct result out; };

/* from whole numbers to what they stand for: zero point of the inputs, scales of row and column */
INLINE void store_tile(struct tile t, u4 sums[4][8], const int rows, const int vectors) {
  UNROLL for (int v = 0; v < vectors; v++) {
    const f4 scales = load4(t.weights.scales + 4 * v), bias = load4(t.bias + 4 * v);
    const u4 column = *(const u4_stored *)(t.weights.sums + 4 * v);
    UNROLL for (int r = 0; r < rows; r++) {
      const uint32_t zero = t.about[r].zero;
      const i4 whole = (i4)(sums[r][v] - (u4){zero, zero, zero, zero} * column);
      const f4 y = __builtin_convertvector(whole, f4) * (splat4(t.about[r].scale) * scales) + bias;
      store4(t.out.data + r * t.out.stride + 4 * v, max4(splat4(t.floor), y));
    }
  }
}

INLINE void tile(struct tile t, const int rows, const int vectors, const int whole) {
  u4 sums[4][8];
  UNROLL for (int v = 0; v < vectors; v++)
    UNROLL for (int r = 0; r < rows; r++) sums[r][v] = (u4){0, 0, 0, 0};
  for (uint32_t k = 0; k < t.depth; k += 4)
    UNROLL for (int v = 0; v < vectors; v++) {
      const int8_t *weights = t.weights.codes + (v / 2 * t.depth + k) * PANEL + v % 2 * 16;
      UNROLL for (int r = 0; r < rows; r++)
        sums[r][v] = dot(sums[r][v], weights, t.codes + r * t.depth + k, whole);
    }
  store_tile(t, sums, rows, vectors);
}

#define TILE(ROWS, VECTORS)                                                                    \
  tile((struct tile){codes + row * sizes.depth, about + row,                                   \
                     {weights.codes + first * sizes.depth, weights.scales + first,             \
                      weights.sums + first},                                                   \
                     bias + first, sizes.depth, floor,                                         \
                     {out.data + row * out.stride + first, out.stride}}, ROWS, VECTORS, whole)

INLINE void tiles(const code *codes, const struct row *about, struct weights_int8 weights,
                  const float *bias, struct sizes sizes, float floor, struct result out,
                  const int whole) {
  uint32_t first = 0, row = 0;
  if (sizes.rows == 1)
    for (; first + 4 * PANEL <= sizes.columns; first += 4 * PANEL) TILE(1, 8);
  for (; first + 4 < sizes.columns; first += PANEL) {
    for (row = 0; row + 4 <= sizes.rows; row += 4) TILE(4, 2);
    for (; row + 2 <= sizes.rows; row += 2) TILE(2, 2);
    for (; row < sizes.rows; row++) TILE(1, 2);
  }
  if (first < sizes.columns) { /* half a panel */
    for (row = 0; row + 4 <= sizes.rows; row += 4) TILE(4, 1);
    for (; row < sizes.rows; row++) TILE(1, 1);
  }
}

void product_int8(struct matrix in, struct weights_int8 weights, const float *bias,
                  struct sizes sizes, int relu, struct result out, void *scratch) {
  struct row *about = scratch;
  code *codes = (code *)(about + sizes.rows);
  for (uint32_t r = 0; r < sizes.rows; r++)
    about[r] = quantize_row(in.data + r * in.stride, sizes.depth, codes + r * sizes.depth);
  const float floor = relu ? 0.0f : -__builtin_inff();
  if (has_whole_dot())
    tiles(codes, about, weights, bias, sizes, floor, out, 1);
  else
    tiles(codes, about, weights, bias, sizes, floor, out, 0);
}
