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
/* One column: its weight in SW times both inputs, added to the sums SA and SB. Products are rounded
 * before they are added, as everywhere in this project. */
#define COLUMN(SW, SA, SB)                                                                     \
  "vmul.f32 s26, s24, " SW "\n\t vmul.f32 s27, s25, " SW "\n\t"                                 \
  "vadd.f32 " SA ", " SA ", s26\n\t vadd.f32 " SB ", " SB ", s27\n\t"
#define LEFT COLUMN("s16", "s0", "s8") COLUMN("s17", "s1", "s9")                               \
  COLUMN("s18", "s2", "s10") COLUMN("s19", "s3", "s11")
#define RIGHT COLUMN("s20", "s4", "s12") COLUMN("s21", "s5", "s13")                            \
  COLUMN("s22", "s6", "s14") COLUMN("s23", "s7", "s15")
#define TILE(NAME, SUMS, OTHER, WEIGHTS, SKIP, COLUMNS)                                        \
  static void NAME(const float *x, const float *other, uint32_t step, const float *weights,    \
                   const float *bias, uint32_t depth, float *out, float *second) {             \
    step *= sizeof(float);                                                                     \
    __asm__ volatile("vldmia %[bias], " SUMS "\n\t vldmia %[bias], " OTHER "\n"                 \
                     "1: vldmia %[w]!, " WEIGHTS "\n\t" SKIP                                   \
                     "vldr s24, [%[x]]\n\t vldr s25, [%[y]]\n\t"                               \
                     "add %[x], %[x], %[step]\n\t add %[y], %[y], %[step]\n\t" COLUMNS         \
                     "subs %[n], %[n], #1\n\t bne 1b\n\t"                                      \
                     "vstmia %[second], " OTHER "\n\t vstmia %[out], " SUMS                    \
                     : [x] "+r"(x), [y] "+r"(other), [w] "+r"(weights), [n] "+r"(depth)        \
                     : [bias] "r"(bias), [out] "r"(out), [second] "r"(second), [step] "r"(step) \
                     : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10",      \
                       "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20",   \
                       "s21", "s22", "s23", "s24", "s25", "s26", "s27", "cc", "memory");       \
  }
TILE(eight_columns, "{s0-s7}", "{s8-s15}", "{s16-s23}", "", LEFT RIGHT)
TILE(four_columns, "{s0-s3}", "{s8-s11}", "{s16-s19}", "add %[w], %[w], #16\n\t", LEFT)

static void relu_columns(float *out, uint32_t count) {
  for (uint32_t c = 0; c < count; c++) out[c] = relu_of(out[c], 1);
}

/* Two rows at a time; an odd last one is its own second row. */
static void panel_f32(struct matrix in, uint32_t step, const float *weights, const float *bias,
                      struct sizes sizes, int relu, struct result out, uint32_t wide) {
  for (uint32_t row = 0; row < sizes.rows; row += 2) {
    const uint32_t next = row + 1 < sizes.rows;
    const float *x = in.data + row * in.stride, *other = x + next * in.stride;
    float *to = out.data + row * out.stride, *second = to + next * out.stride;
    if (wide > 4) eight_columns(x, other, step, weights, bias, sizes.depth, to, second);
    else four_columns(x, other, step, weights, bias, sizes.depth, to, second);
    if (relu) relu_columns(second, wide);
    if (relu && next) relu_columns(to, wide);
  }
}

/* Columns are written up to a multiple of four, as the other builds do it. */
static void panels_f32(struct matrix in, uint32_t step, const float *weights, const float *bias,
                       struct sizes sizes, int relu, struct result out) {
  for (uint32_t first = 0; first < sizes.columns; first += PANEL) {
    const struct result to = {out.data + first, out.stride};
    const uint32_t wide = sizes.columns - first > 4 ? 8 : 4;
    panel_f32(in, step, weights + first * sizes.depth, bias + first, sizes, relu, to, wide);
  }
}
void product_f32(struct matrix in, const float *weights, const float *bias, struct sizes sizes,
                 int relu, struct result out) {
  panels_f32(in, 1, weights, bias, sizes, relu, out);
}
void product_f32_exact(struct matrix in, uint32_t step, const float *weights, const float *bias,
                       struct sizes sizes, struct result out) {
  panels_f32(in, step, weights, bias, sizes, 0, out);
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

#define ONE_COLUMN(FOUR, FIRST, SECOND) /* a column's four weights in FOUR, times both rows */  \
  "sxtb16 r10, " FOUR "\n\t sxtb16 " FOUR ", " FOUR ", ror #8\n\t"                              \
  "smlad %[" FIRST "], r10, r4, %[" FIRST "]\n\t smlad %[" SECOND "], r10, r6, %[" SECOND "]\n\t" \
  "smlad %[" FIRST "], " FOUR ", r5, %[" FIRST "]\n\t"                                         \
  "smlad %[" SECOND "], " FOUR ", r8, %[" SECOND "]\n\t"
/* two columns (a, b: first row; c, d: second row) of a panel of eight */
static inline void two_columns(const int8_t *w, const int16_t *x, uint32_t depth, int32_t *sums) {
  int32_t a = 0, b = 0, c = 0, d = 0;
  uint32_t fours = depth >> 2;
  __asm__ volatile("1: ldm %[x]!, {r4, r5, r6, r8}\n\t ldrd r9, r11, [%[w]], #32\n\t"
                   ONE_COLUMN("r9", "a", "c") ONE_COLUMN("r11", "b", "d")
                   "subs %[n], %[n], #1\n\t bne 1b"
                   : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [w] "+r"(w), [x] "+r"(x),
                     [n] "+r"(fours)
                   :: "r4", "r5", "r6", "r8", "r9", "r10", "r11", "cc", "memory");
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
