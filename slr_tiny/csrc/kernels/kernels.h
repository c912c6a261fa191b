/* The kernels, each with the line of numpy that it does (slr_tiny.deploy.kernels runs those).
 *
 * A matrix is a pointer and a stride: the distance between rows, counted in floats. Rows may
 * overlap: a convolution over time is a product whose rows are windows (stride < depth).
 * Kernels that work on four numbers at a time read and write rows up to a multiple of four.
 */
#ifndef SLR_KERNELS_H
#define SLR_KERNELS_H
#include <stdint.h>

enum { LANDMARKS = 75, KEYPOINTS = 54, FRAME_FLOATS = 2 * LANDMARKS, POINT_FLOATS = 2 * KEYPOINTS };
enum { STATIC_FEATURES = 110, FRAME_FEATURES = 3 * STATIC_FEATURES + 2 };
enum { PANEL = 8 }; /* columns of weights that lie together */

struct matrix { const float *data; uint32_t stride; };
struct result { float *data; uint32_t stride; };
struct sizes { uint32_t rows, columns, depth; };

/* out = in @ weights + bias; relu: maximum(out, 0). weights: panels of 8 columns, each (depth, 8);
 * bias: one number a column, up to a multiple of 8. The last bits are the processor's affair. */
void product_f32(struct matrix in, const float *weights, const float *bias, struct sizes sizes,
                 int relu, struct result out);
/* The same, rounded after each operation: equal bits on all processors. Neighbours in a row of `in`
 * lie `step` floats apart. */
void product_f32_exact(struct matrix in, uint32_t step, const float *weights, const float *bias,
                       struct sizes sizes, struct result out);

/* The same with whole numbers: weights of 8 bits and a scale for each column, inputs of 7 bits
 * with scale and zero point of each row. `sums`: of each column of the weights. */
struct weights_int8 { const int8_t *codes; const float *scales; const int32_t *sums; };
/* scratch: 8 bytes for each row, then twice `depth` bytes for each row */
void product_int8(struct matrix in, struct weights_int8 weights, const float *bias,
                  struct sizes sizes, int relu, struct result out, void *scratch);

/* row = exp(row - max(row)); row /= sum(row); numbers up to a multiple of four become 0 */
void softmax_row(float *row, uint32_t count);

/* out = softmax(queries @ keys.T) @ values, for each of the frames; scratch: see attention.c */
struct attention { struct matrix queries, keys, values; uint32_t rows, frames, size, width; };
void attend(struct attention a, struct result out, float *scratch);

/* The same for queries of a stream: to itself and to `reach - 1` rows before, but no further than
 * the `done` rows of earlier calls; `distance` (heads, reach) is added to the scores. The rows of
 * `keys` are `reach - 1` of the past and those of the queries, with the values behind the keys. */
struct window {
  struct matrix queries, keys; const float *distance; uint32_t rows, columns, size, reach, done;
};
void attend_back(struct window w, struct result out, float *scores);

/* x = in * gain + shift + other; out = (x - mean(x)) / sqrt(var(x) + 1e-5) * gain2 + shift2;
 * what is 0 is left out */
struct norm { const float *gain, *shift; struct matrix other; const float *gain2, *shift2; };
void normalize(struct matrix in, struct norm norm, uint32_t rows, uint32_t columns,
               struct result out);

/* out = in[frame_numbers]: evenly spread, the first and the last among them */
void resample(struct matrix in, uint32_t frames, uint32_t rows, uint32_t columns,
              struct result out);
/* out = row + 0.3 * sinusoidal encoding of the frame; row = in + position */
void embed(struct matrix in, const float *position, const double *turns, uint32_t rows,
           uint32_t columns, struct result out);
/* out[t] = in[t] + sum over k of weights[k] * in[t + k - reach / 2] */
void convolve_time(struct matrix in, const float *weights, uint32_t reach, uint32_t rows,
                   uint32_t columns, struct result out);
/* out = in + other */
void add_rows(struct matrix in, struct matrix other, uint32_t rows, uint32_t columns,
              struct result out);
/* out = maximum(in[0::2], in[1::2]) */
void larger_of_pairs(struct matrix in, uint32_t rows, uint32_t columns, struct result out);
/* out = concatenate(in.max(0), in.mean(0)) */
void max_and_mean(struct matrix in, uint32_t rows, uint32_t columns, float *out);

/* sum(centred * products[:columns]) + max(products[columns:columns + glosses]), where
 * products = centred @ concatenate([square, weight.T], 1) + bias: RelativeMahalanobis */
float known_score(const float *centred, const float *products, uint32_t columns,
                  uint32_t glosses);

/* landmarks (75, 2) to keypoints (54, 2), NaN where missing: pose.landmarks.select */
void select_keypoints(const float *landmarks, float points[KEYPOINTS][2]);
/* rows of landmarks to rows of keypoints without NaN: pose.normalization.Preprocess */
enum { RAW, OURS, PUCP, SPOTER, FLAGGED, VARIANTS };
void keypoints(struct matrix landmarks, int variant, uint32_t rows, struct result out);
float shoulder_width(float points[KEYPOINTS][2]);
void normalize_hand(float (*hand)[2]); /* of 21 points */
/* rows of landmarks to rows of 332 numbers: models.frame_features.frame_features */
void frame_features(struct matrix landmarks, uint32_t rows, struct result out);
#endif
