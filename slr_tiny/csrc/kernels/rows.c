/* What is done to the rows of a matrix, a row for each frame: norms, sums, positions, pooling. */
#include "kernels.h"
#include "numbers.h"

/* The row before it is normalized: in * gain + shift + other. */
INLINE f4 gathered(const float *in, const float *other, struct norm n, uint32_t c) {
  f4 x = load4(in + c);
  if (n.gain) x = x * load4(n.gain + c);
  if (n.shift) x = x + load4(n.shift + c);
  if (other) x = x + load4(other + c);
  return x;
}

void normalize(struct matrix in, struct norm n, uint32_t rows, uint32_t columns,
               struct result out) {
  for (uint32_t r = 0; r < rows; r++) {
    const float *row = in.data + r * in.stride;
    const float *other = n.other.data ? n.other.data + r * n.other.stride : 0;
    float *y = out.data + r * out.stride;
    f4 sums = splat4(0.0f), squares = splat4(0.0f);
    for (uint32_t c = 0; c < columns; c += 4) {
      const f4 x = gathered(row, other, n, c);
      store4(y + c, x);
      sums = sums + x;
    }
    const f4 mean = splat4(sum4(sums) / (float)columns);
    for (uint32_t c = 0; c < columns; c += 4) {
      const f4 x = load4(y + c) - mean;
      squares = squares + x * x;
    }
    const float variance = sum4(squares) / (float)columns;
    const f4 inverse = splat4(1.0f / __builtin_sqrtf(variance + 1e-5f));
    for (uint32_t c = 0; c < columns; c += 4) {
      f4 x = (load4(y + c) - mean) * inverse;
      if (n.gain2) x = x * load4(n.gain2 + c);
      if (n.shift2) x = x + load4(n.shift2 + c);
      store4(y + c, x);
    }
  }
}

/* models.temporal_cnn.frame_numbers, in whole numbers */
void resample(struct matrix in, uint32_t frames, uint32_t rows, uint32_t columns,
              struct result out) {
  for (uint32_t r = 0; r < rows; r++) {
    const uint32_t from = (2 * r * (frames - 1) + rows - 1) / (2 * (rows - 1));
    for (uint32_t c = 0; c < columns; c++)
      out.data[r * out.stride + c] = in.data[from * in.stride + c];
  }
}

/* turns: cosine and sine of the angle between two frames, for every second column. A frame's sine
 * and cosine are those of the frame before, turned by that angle; in doubles, so that four hundred
 * turns lose nothing that a float could hold. */
void embed(struct matrix in, const float *position, const double *turns, uint32_t rows,
           uint32_t columns, struct result out) {
  for (uint32_t c = 0; c < columns; c += 2) {
    double sine = 0, cosine = 1;
    for (uint32_t r = 0; r < rows; r++) {
      const float *x = in.data + r * in.stride + c;
      float *y = out.data + r * out.stride + c;
      y[0] = position ? x[0] + position[c] : x[0];
      y[1] = position ? x[1] + position[c + 1] : x[1];
      if (!turns) continue;
      y[0] = y[0] + 0.3f * (float)sine;
      y[1] = y[1] + 0.3f * (float)cosine;
      const double next = sine * turns[c] + cosine * turns[c + 1];
      cosine = cosine * turns[c] - sine * turns[c + 1];
      sine = next;
    }
  }
}

void convolve_time(struct matrix in, const float *weights, uint32_t reach, uint32_t rows,
                   uint32_t columns, struct result out) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c += 4) {
      f4 sum = splat4(0.0f);
      for (uint32_t k = 0; k < reach; k++) {
        const uint32_t from = r + k - reach / 2; /* before the first frame: a huge number */
        if (from < rows)
          sum = sum + load4(weights + k * columns + c) * load4(in.data + from * in.stride + c);
      }
      store4(out.data + r * out.stride + c, load4(in.data + r * in.stride + c) + sum);
    }
}

void add_rows(struct matrix in, struct matrix other, uint32_t rows, uint32_t columns,
              struct result out) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c += 4)
      store4(out.data + r * out.stride + c,
             load4(in.data + r * in.stride + c) + load4(other.data + r * other.stride + c));
}

void larger_of_pairs(struct matrix in, uint32_t rows, uint32_t columns, struct result out) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c += 4) {
      const float *first = in.data + 2 * r * in.stride + c;
      store4(out.data + r * out.stride + c, max4(load4(first), load4(first + in.stride)));
    }
}

void max_and_mean(struct matrix in, uint32_t rows, uint32_t columns, float *out) {
  for (uint32_t c = 0; c < columns; c += 4) {
    f4 highest = load4(in.data + c), sum = highest;
    for (uint32_t r = 1; r < rows; r++) {
      const f4 x = load4(in.data + r * in.stride + c);
      highest = max4(highest, x);
      sum = sum + x;
    }
    store4(out + c, highest);
    store4(out + columns + c, sum / splat4((float)rows));
  }
}
