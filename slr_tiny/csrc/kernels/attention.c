/* Softmax, and attention made of two products with a softmax between them: to all frames of a clip,
 * or, in a stream, to the last ones. */
#include "kernels.h"
#include "numbers.h"

/* the first `count` of four numbers, zeros instead of the others */
INLINE f4 first_of4(f4 x, uint32_t count) {
  return (f4)((u4)x & (u4)((u4){0, 1, 2, 3} < (u4){count, count, count, count}));
}

/* not copied into those who call it: the module is fetched before the first answer */
__attribute__((noinline)) void softmax_row(float *row, uint32_t count) {
  const uint32_t last = (count - 1) & ~3u;
  for (uint32_t i = count; i < last + 4; i++) row[i] = row[0];
  f4 highest = load4(row), sums = splat4(0.0f);
  for (uint32_t i = 4; i <= last; i += 4) highest = max4(highest, load4(row + i));
  highest = splat4(max_of4(highest));
  for (uint32_t i = 0; i <= last; i += 4) {
    f4 e = exp4(load4(row + i) - highest);
    if (i == last) e = first_of4(e, count - last); /* nothing beyond the end */
    store4(row + i, e);
    sums = sums + e;
  }
  const f4 inverse = splat4(1.0f / sum4(sums));
  for (uint32_t i = 0; i <= last; i += 4) store4(row + i, load4(row + i) * inverse);
}

/* four rows of four numbers: rows become columns */
INLINE void transpose4(const float *in, uint32_t stride, float *out, uint32_t out_stride) {
  const f4 a = load4(in), b = load4(in + stride);
  const f4 c = load4(in + 2 * stride), d = load4(in + 3 * stride);
  const f4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const f4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const f4 ab_right = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const f4 cd_right = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store4(out, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
  store4(out + out_stride, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
  store4(out + 2 * out_stride, __builtin_shufflevector(ab_right, cd_right, 0, 1, 4, 5));
  store4(out + 3 * out_stride, __builtin_shufflevector(ab_right, cd_right, 2, 3, 6, 7));
}

/* out = in.T */
static void transpose(struct matrix in, uint32_t rows, uint32_t columns, struct result out) {
  for (uint32_t r = 0; r < rows; r += 4)
    for (uint32_t c = 0; c < columns; c += 4) {
      if (r + 4 <= rows && c + 4 <= columns) {
        transpose4(in.data + r * in.stride + c, in.stride, out.data + c * out.stride + r,
                   out.stride);
        continue;
      }
      for (uint32_t i = r; i < rows && i < r + 4; i++)
        for (uint32_t j = c; j < columns && j < c + 4; j++)
          out.data[j * out.stride + i] = in.data[i * in.stride + j];
    }
}

/* (frames, 8) scores of eight queries: exp(scores - their maximum); inverse = 1 / their sum */
static void exponentials(float *scores, uint32_t frames, float inverse[PANEL]) {
  for (uint32_t q = 0; q < PANEL; q += 4) {
    f4 highest = load4(scores + q), sum = splat4(0.0f);
    for (uint32_t t = 1; t < frames; t++) highest = max4(highest, load4(scores + t * PANEL + q));
    for (uint32_t t = 0; t < frames; t++) {
      const f4 e = exp4(load4(scores + t * PANEL + q) - highest);
      store4(scores + t * PANEL + q, e);
      sum = sum + e;
    }
    store4(inverse + q, splat4(1.0f) / sum);
  }
}

/* Eight queries at a time, as columns: what belongs to one query stays in one place of a vector.
 * scratch: queries (size, 8); scores (frames, 8); answers (width, 8); 8 zeros */
void attend(struct attention a, struct result out, float *scratch) {
  float *queries = scratch, *scores = queries + a.size * PANEL;
  float *answers = scores + a.frames * PANEL, *zeros = answers + a.width * PANEL, inverse[PANEL];
  for (uint32_t i = 0; i < PANEL; i++) zeros[i] = 0.0f;
  for (uint32_t i = 0; i < a.size * PANEL; i++) queries[i] = 0.0f;
  for (uint32_t row = 0; row < a.rows; row += PANEL) {
    const uint32_t rows = a.rows - row < PANEL ? a.rows - row : PANEL;
    const struct matrix some = {a.queries.data + row * a.queries.stride, a.queries.stride};
    transpose(some, rows, a.size, (struct result){queries, PANEL});
    product_f32_exact(a.keys, 1, queries, zeros, (struct sizes){a.frames, PANEL, a.size},
                      (struct result){scores, PANEL});
    exponentials(scores, a.frames, inverse);
    product_f32_exact((struct matrix){a.values.data, 1}, a.values.stride, scores, zeros,
                      (struct sizes){a.width, PANEL, a.frames}, (struct result){answers, PANEL});
    for (uint32_t i = 0; i < a.width * PANEL; i += 4)
      store4(answers + i, load4(answers + i) * load4(inverse + i % PANEL));
    transpose((struct matrix){answers, PANEL}, a.width, rows,
              (struct result){out.data + row * out.stride, out.stride});
  }
}

static float dot(const float *a, const float *b, uint32_t size) {
  f4 sum = splat4(0.0f);
  for (uint32_t c = 0; c < size; c += 4) sum = sum + load4(a + c) * load4(b + c);
  return sum4(sum);
}

/* One query of one head. `keys` begins at the first row that it may look at, `distance` belongs to
 * the last one, its own; scores: a row of `count` numbers, up to a multiple of four. */
static void look_back(const float *query, struct matrix keys, uint32_t values,
                      const float *distance, uint32_t count, uint32_t size, float *scores,
                      float *out) {
  for (uint32_t k = 0; k < count; k++)
    scores[k] = dot(query, keys.data + k * keys.stride, size) + distance[count - 1 - k];
  softmax_row(scores, count);
  for (uint32_t c = 0; c < size; c += 4) {
    f4 sum = splat4(0.0f);
    for (uint32_t k = 0; k < count; k++)
      sum = sum + splat4(scores[k]) * load4(keys.data + k * keys.stride + values + c);
    store4(out + c, sum);
  }
}

void attend_back(struct window w, struct result out, float *scores) {
  const uint32_t back = w.reach - 1, unknown = back - (w.done < back ? w.done : back);
  for (uint32_t row = 0; row < w.rows; row++) {
    const uint32_t first = row > unknown ? row : unknown;
    for (uint32_t at = 0; at < w.columns; at += w.size) {
      const struct matrix keys = {w.keys.data + first * w.keys.stride + at, w.keys.stride};
      look_back(w.queries.data + row * w.queries.stride + at, keys, w.columns,
                w.distance + at / w.size * w.reach, row + w.reach - first, w.size, scores,
                out.data + row * out.stride + at);
    }
  }
}
