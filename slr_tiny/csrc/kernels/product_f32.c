/* A product of matrices in floats, in tiles that stay in registers. */
#include "kernels.h"
#include "numbers.h"

/* x * w + sum. Where nobody asked for the same bits everywhere, processors that can round only
 * once, at the end, may do so: relaxed SIMD has an instruction for that. */
INLINE f4 multiply_add(f4 x, f4 w, f4 sum, const int exact) {
#ifdef __wasm_relaxed_simd__
  if (!exact) return (f4)wasm_f32x4_relaxed_madd((v128_t)x, (v128_t)w, (v128_t)sum);
#endif
  (void)exact;
  return sum + x * w;
}

/* A tile: `rows` rows of the result, 4 * vectors columns. Each number of the input is read once and
 * multiplied with 4 * vectors weights; the running sums never leave the registers. The order of
 * each sum is that of the naive loop: bias, then k = 0, 1, 2 ... Two neighbours of an input row lie
 * `step` floats apart. */
struct tile { struct matrix in; uint32_t step; const float *weights, *bias; uint32_t depth;
              float floor; struct result out; };

INLINE void tile(struct tile t, const int rows, const int vectors, const int exact) {
  f4 sums[4][8];
  UNROLL for (int v = 0; v < vectors; v++)
    UNROLL for (int r = 0; r < rows; r++) sums[r][v] = load4(t.bias + 4 * v);
  for (uint32_t k = 0; k < t.depth; k++, t.in.data += t.step) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const f4 w = load4(t.weights + (v / 2 * t.depth + k) * PANEL + v % 2 * 4);
      UNROLL for (int r = 0; r < rows; r++)
        sums[r][v] = multiply_add(splat4(t.in.data[r * t.in.stride]), w, sums[r][v], exact);
    }
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      store4(t.out.data + r * t.out.stride + 4 * v, max4(splat4(t.floor), sums[r][v]));
}

#define TILE(ROWS, VECTORS)                                                                    \
  tile((struct tile){{in.data + row * in.stride, in.stride}, step,                             \
                     weights + first * sizes.depth, bias + first, sizes.depth, floor,          \
                     {out.data + row * out.stride + first, out.stride}}, ROWS, VECTORS, exact)

INLINE void tiles(struct matrix in, uint32_t step, const float *weights, const float *bias,
                  struct sizes sizes, float floor, struct result out, const int exact) {
  uint32_t first = 0, row = 0;
  if (sizes.rows == 1) /* four panels at once, so that additions need not wait for each other */
    for (; first + 4 * PANEL <= sizes.columns; first += 4 * PANEL) TILE(1, 8);
  for (; first + 4 < sizes.columns; first += PANEL) { /* a panel stays in the cache for all rows */
    for (row = 0; row + 4 <= sizes.rows; row += 4) TILE(4, 2);
    for (; row < sizes.rows; row++) TILE(1, 2);
  }
  if (first < sizes.columns) { /* half a panel */
    for (row = 0; row + 4 <= sizes.rows; row += 4) TILE(4, 1);
    for (; row < sizes.rows; row++) TILE(1, 1);
  }
}

void product_f32(struct matrix in, const float *weights, const float *bias, struct sizes sizes,
                 int relu, struct result out) {
  tiles(in, 1, weights, bias, sizes, relu ? 0.0f : -__builtin_inff(), out, 0);
}

void product_f32_exact(struct matrix in, uint32_t step, const float *weights, const float *bias,
                       struct sizes sizes, struct result out) {
  tiles(in, step, weights, bias, sizes, -__builtin_inff(), out, 1);
}
