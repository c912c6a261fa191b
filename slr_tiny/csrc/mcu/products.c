/* The two products of matrices for a Cortex-M7, in place of kernels/product_int8.c and
 * kernels/product_f32.c: the same sums, and for floats in the same order, so the same bits.
 *
 * Floats: two rows and eight columns at a time stay in the 32 registers for single floats. Bytes:
 * two rows and two columns, four inputs each, with the instructions that images/dots.h explains.
 */
#include "../kernels/kernels.h"

#ifndef MOST_DEPTH
#define MOST_DEPTH 2048 /* numbers of an input row; the build says how many there are */
#endif
struct row { float scale; int32_t zero; };
static int16_t columns[4 * ((MOST_DEPTH + 3) / 4) * 2] __attribute__((aligned(8)));

static inline float relu_of(float x, int relu) { return relu && !(x > 0.0f) ? 0.0f : x; }

/* ---- floats */
/* `rows` 1 or 2, `wide` 4 or 8: constants where this is inlined, so that all sums are registers */
static inline __attribute__((always_inline)) void tile_f32(struct matrix in, const float *weights,
                                                           const float *bias, uint32_t depth,
                                                           int relu, struct result out,
                                                           const int rows, const int wide) {
  const float *x = in.data, *other = in.data + in.stride;
  float a[PANEL], b[PANEL];
#pragma GCC unroll 8
  for (int c = 0; c < wide; c++) a[c] = b[c] = bias[c];
  for (uint32_t k = 0; k < depth; k++, weights += PANEL) {
    const float one = *x++, two = rows > 1 ? *other++ : 0.0f;
#pragma GCC unroll 8
    for (int c = 0; c < wide; c++) {
      const float weight = weights[c];
      a[c] = a[c] + one * weight;
      if (rows > 1) b[c] = b[c] + two * weight;
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < wide; c++) {
    out.data[c] = relu_of(a[c], relu);
    if (rows > 1) out.data[out.stride + c] = relu_of(b[c], relu);
  }
}

static inline __attribute__((always_inline)) void panel_f32(struct matrix in, const float *weights,
                                                            const float *bias, struct sizes sizes,
                                                            int relu, struct result out,
                                                            const int wide) {
  uint32_t row = 0;
  for (; row + 2 <= sizes.rows; row += 2) {
    tile_f32(in, weights, bias, sizes.depth, relu, out, 2, wide);
    in.data += 2 * in.stride, out.data += 2 * out.stride;
  }
  if (row < sizes.rows) tile_f32(in, weights, bias, sizes.depth, relu, out, 1, wide);
}

/* Columns are written up to a multiple of four, as the other builds do it. */
void product_f32(struct matrix in, const float *weights, const float *bias, struct sizes sizes,
                 int relu, struct result out) {
  for (uint32_t first = 0; first < sizes.columns; first += PANEL) {
    const struct result to = {out.data + first, out.stride};
    const float *panel = weights + first * sizes.depth;
    if (sizes.columns - first > 4) panel_f32(in, panel, bias + first, sizes, relu, to, 8);
    else panel_f32(in, panel, bias + first, sizes, relu, to, 4);
  }
}

/* ---- bytes */
/* To the nearest integer, halves to even, as adding 1.5 * 2^23 does it. */
static inline int32_t rounded(float x) {
  float y = x;
  int32_t whole;
  __asm__("vcvtn.s32.f32 %0, %0\n\tvmov %1, %0" : "+t"(y), "=r"(whole));
  return whole;
}

/* One row of floats as numbers from 0 to 127, four of them at `to`, four of the other row behind. */
static struct row quantize_row(const float *x, uint32_t count, int16_t *to) {
  float low = 0.0f, high = 0.0f;
  for (uint32_t k = 0; k < count; k++) {
    low = x[k] < low ? x[k] : low;
    high = x[k] > high ? x[k] : high;
  }
  const float range = high - low, scale = range > 0 ? range / 127.0f : 1.0f;
  const float inverse = 1.0f / scale;
  const int32_t zero = -rounded(low * inverse);
  static const uint8_t place[4] = {0, 2, 1, 3};
  for (uint32_t k = 0; k < count; k += 4, to += 8)
    for (uint32_t i = 0; i < 4; i++) {
      int32_t code = rounded(x[k + i] * inverse) + zero;
      __asm__("usat %0, #7, %0" : "+r"(code));
      to[place[i]] = (int16_t)code;
    }
  return (struct row){scale, zero};
}

#define ONE_COLUMN(STEP, FIRST, SECOND) /* four weights of a column and both rows */           \
  "ldr r9, [%[w]], #" STEP "\n\t sxtb16 r10, r9\n\t sxtb16 r9, r9, ror #8\n\t"                    \
  "smlad %[" FIRST "], r10, r4, %[" FIRST "]\n\t smlad %[" SECOND "], r10, r6, %[" SECOND "]\n\t" \
  "smlad %[" FIRST "], r9, r5, %[" FIRST "]\n\t smlad %[" SECOND "], r9, r8, %[" SECOND "]\n\t"
/* two columns (a, b: first row; c, d: second row) of a panel of eight */
static inline void two_columns(const int8_t *w, const int16_t *x, uint32_t depth, int32_t *sums) {
  int32_t a = 0, b = 0, c = 0, d = 0;
  uint32_t fours = depth >> 2;
  __asm__ volatile("1: ldm %[x]!, {r4, r5, r6, r8}\n\t" ONE_COLUMN("4", "a", "c")
                   ONE_COLUMN("28", "b", "d") "subs %[n], %[n], #1\n\t bne 1b"
                   : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [w] "+r"(w), [x] "+r"(x),
                     [n] "+r"(fours) :: "r4", "r5", "r6", "r8", "r9", "r10", "cc", "memory");
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
}

static inline float as_float(int32_t sum, struct row row, const struct weights_int8 *w,
                             const float *bias, uint32_t c) {
  return (float)(sum - row.zero * w->sums[c]) * (row.scale * w->scales[c]) + bias[c];
}

void product_int8(struct matrix in, struct weights_int8 weights, const float *bias,
                  struct sizes sizes, int relu, struct result out, void *scratch) {
  const uint32_t end = (sizes.columns + 3) & ~3u;
  (void)scratch;
  for (uint32_t row = 0; row < sizes.rows; row += 2) {
    const uint32_t next = row + 1 < sizes.rows ? row + 1 : row;
    const struct row about = quantize_row(in.data + row * in.stride, sizes.depth, columns);
    const struct row other = quantize_row(in.data + next * in.stride, sizes.depth, columns + 4);
    float *to = out.data + row * out.stride, *second = out.data + next * out.stride;
    for (uint32_t c = 0; c < end; c += 2) {
      const uint32_t panel = c / PANEL * PANEL;
      int32_t sums[4];
      two_columns(weights.codes + panel * sizes.depth + 4 * (c - panel), columns, sizes.depth, sums);
      for (uint32_t i = 0; i < 2; i++) {
        second[c + i] = relu_of(as_float(sums[2 + i], other, &weights, bias, c + i), relu);
        to[c + i] = relu_of(as_float(sums[i], about, &weights, bias, c + i), relu);
      }
    }
  }
}
