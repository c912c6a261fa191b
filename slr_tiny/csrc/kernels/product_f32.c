/* A product of matrices in floats, in tiles that stay in registers. */
#include "kernels.h"
#include "numbers.h"

/* A tile: `rows` rows of the result, 8 * panels columns. Each number of the input is read once and
 * multiplied with 8 * panels weights; the running sums never leave the registers. The order of
 * each sum is that of the naive loop: bias, then k = 0, 1, 2 ... */
INLINE void tile(struct matrix in, const float *weights, const float *bias, uint32_t depth,
                 uint32_t columns, int relu, struct result out, const int rows, const int panels) {
  f4 sums[5][8];
  UNROLL for (int p = 0; p < 2 * panels; p++)
    UNROLL for (int r = 0; r < rows; r++) sums[r][p] = load4(bias + 4 * p);
  for (uint32_t k = 0; k < depth; k++) {
    UNROLL for (int p = 0; p < panels; p++) {
      const float *panel = weights + (p * depth + k) * PANEL;
      const f4 left = load4(panel), right = load4(panel + 4);
      UNROLL for (int r = 0; r < rows; r++) {
        const f4 x = splat4(in.data[r * in.stride + k]);
        sums[r][2 * p] = sums[r][2 * p] + x * left;
        sums[r][2 * p + 1] = sums[r][2 * p + 1] + x * right;
      }
    }
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int p = 0; p < 2 * panels; p++)
      if (4u * p < columns) {
        const f4 y = relu ? max4(splat4(0.0f), sums[r][p]) : sums[r][p];
        store4(out.data + r * out.stride + 4 * p, y);
      }
}

#define TILE(ROWS, PANELS)                                                                    \
  tile((struct matrix){in.data + row * in.stride, in.stride}, weights + first * sizes.depth,  \
       bias + first, sizes.depth, sizes.columns - first, relu,                                \
       (struct result){out.data + row * out.stride + first, out.stride}, ROWS, PANELS)

void product_f32(struct matrix in, const float *weights, const float *bias, struct sizes sizes,
                 int relu, struct result out) {
  uint32_t first = 0, row = 0;
  if (sizes.rows == 1) /* four panels at once, so that additions need not wait for each other */
    for (; first + 4 * PANEL <= sizes.columns; first += 4 * PANEL) TILE(1, 4);
  for (; first < sizes.columns; first += PANEL) { /* a panel stays in the cache for all rows */
    for (row = 0; row + 5 <= sizes.rows; row += 5) TILE(5, 1);
    for (; row + 2 <= sizes.rows; row += 2) TILE(2, 1);
    for (; row < sizes.rows; row++) TILE(1, 1);
  }
}
