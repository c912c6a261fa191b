/* Softmax, and attention made of two products with a softmax between them. */
#include "kernels.h"
#include "numbers.h"

void softmax_row(float *row, uint32_t count) {
  const uint32_t end = (count + 3) & ~3u;
  float highest = row[0];
  for (uint32_t i = 1; i < count; i++) highest = max1(highest, row[i]);
  for (uint32_t i = count; i < end; i++) row[i] = highest;
  f4 sums = splat4(0.0f);
  for (uint32_t i = 0; i < end; i += 4) {
    f4 e = exp4(load4(row + i) - splat4(highest));
    for (uint32_t j = 0; j < 4; j++) /* nothing beyond the end */
      if (i + j >= count) e[j] = 0.0f;
    store4(row + i, e);
    sums = sums + e;
  }
  const f4 inverse = splat4(1.0f / sum4(sums));
  for (uint32_t i = 0; i < end; i += 4) store4(row + i, load4(row + i) * inverse);
}

/* The rows of a matrix as columns of weights: panels of 8, each (width, 8), as a product reads
 * them; zeros beyond the last row. */
static void rows_as_columns(struct matrix in, uint32_t rows, uint32_t width, float *panels) {
  for (uint32_t first = 0; first < rows; first += PANEL)
    for (uint32_t k = 0; k < width; k++)
      for (uint32_t j = 0; j < PANEL; j++)
        *panels++ = first + j < rows ? in.data[(first + j) * in.stride + k] : 0.0f;
}

/* A matrix as it stands, cut into panels of 8 columns; zeros beyond the last column. */
static void columns_as_panels(struct matrix in, uint32_t rows, uint32_t width, float *panels) {
  for (uint32_t first = 0; first < width; first += PANEL)
    for (uint32_t k = 0; k < rows; k++)
      for (uint32_t j = 0; j < PANEL; j++)
        *panels++ = first + j < width ? in.data[k * in.stride + first + j] : 0.0f;
}

enum { BLOCK = 5 }; /* queries at a time */

/* scratch, with T the frames and all sizes up to a multiple of 8:
 *   bias: max(T, width) zeros; keys: T * size; values: T * width; scores: 5 * T */
void attend(struct attention a, struct result out, float *scratch) {
  const uint32_t frames = (a.frames + PANEL - 1) / PANEL * PANEL;
  const uint32_t width = (a.width + PANEL - 1) / PANEL * PANEL;
  const uint32_t zeros = frames > width ? frames : width;
  float *bias = scratch, *keys = bias + zeros, *values = keys + frames * a.size;
  float *scores = values + frames * width;
  for (uint32_t i = 0; i < zeros; i++) bias[i] = 0.0f;
  rows_as_columns(a.keys, a.frames, a.size, keys);
  columns_as_panels(a.values, a.frames, a.width, values);
  for (uint32_t row = 0; row < a.rows; row += BLOCK) {
    const uint32_t rows = a.rows - row < BLOCK ? a.rows - row : BLOCK;
    const struct matrix queries = {a.queries.data + row * a.queries.stride, a.queries.stride};
    product_f32(queries, keys, bias, (struct sizes){rows, a.frames, a.size}, 0,
                (struct result){scores, frames});
    for (uint32_t r = 0; r < rows; r++) softmax_row(scores + r * frames, a.frames);
    product_f32((struct matrix){scores, frames}, values, bias,
                (struct sizes){rows, a.width, a.frames}, 0,
                (struct result){out.data + row * out.stride, out.stride});
  }
}
