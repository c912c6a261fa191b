/* Runs the steps of a model that `check_model` found to be fine. */
#include "../kernels/kernels.h"
#include "model.h"

/* where one step finds its numbers */
struct context { float *arena; const uint8_t *weights; const struct step *step; };

static const void *weights(const struct context *c, int i) {
  const uint32_t offset = c->step->weights[i];
  return offset == (uint32_t)NONE ? 0 : c->weights + offset;
}

static struct matrix matrix(const struct context *c, struct place p) {
  return (struct matrix){p.offset == (uint32_t)NONE ? 0 : c->arena + p.offset, p.stride};
}

static void fill(const float *row, uint32_t rows, uint32_t columns, struct result out) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c++)
      out.data[r * out.stride + c] = row ? row[r * columns + c] : 0.0f;
}

static void attention_heads(const struct context *c, uint32_t rows, uint32_t frames) {
  const struct step *s = c->step;
  const struct matrix q = matrix(c, s->in), k = matrix(c, s->other), v = matrix(c, s->third);
  for (uint32_t head = 0; head < s->param; head++) {
    const struct attention a = {{q.data + head * s->depth, q.stride},
                                {k.data + head * s->depth, k.stride},
                                {v.data + head * s->columns, v.stride},
                                rows, frames, s->depth, s->columns};
    float *out = c->arena + s->out.offset + head * s->columns;
    attend(a, (struct result){out, s->out.stride}, c->arena + s->scratch);
  }
}

/* how many rows a stream knows already; never more than anybody asks for */
static uint32_t rows_done(float counter) {
  if (!(counter > 0.0f)) return 0;
  return counter < 65536.0f ? (uint32_t)counter : 65536;
}

static void run_step(const struct context *c, uint32_t frames) {
  const struct step *s = c->step;
  const uint32_t rows = s->rows ? s->rows : frames;
  const struct matrix in = matrix(c, s->in);
  const struct result out = {c->arena + s->out.offset, s->out.stride};
  const struct sizes sizes = {rows, s->columns, s->depth};
  switch (s->operation) {
    case RESAMPLE_ROWS: resample(in, frames, rows, s->columns, out); break;
    case KEYPOINT_ROWS: keypoints(in, (int)s->param, rows, out); break;
    case FEATURE_ROWS: frame_features(in, rows, out); break;
    case FILL: fill(weights(c, 0), rows, s->columns, out); break;
    case EMBED: embed(in, weights(c, 0), weights(c, 1), rows, s->columns, out); break;
    case CONVOLVE_TIME: convolve_time(in, weights(c, 0), s->param, rows, s->columns, out); break;
    case PRODUCT_F32:
      if (s->param == EXACT) product_f32_exact(in, 1, weights(c, 0), weights(c, 1), sizes, out);
      else product_f32(in, weights(c, 0), weights(c, 1), sizes, (int)s->param, out);
      break;
    case PRODUCT_INT8: {
      const struct weights_int8 w = {weights(c, 0), weights(c, 2), weights(c, 3)};
      product_int8(in, w, weights(c, 1), sizes, (int)s->param, out, c->arena + s->scratch);
      break;
    }
    case NORMALIZE: {
      const struct norm n = {weights(c, 0), weights(c, 1), matrix(c, s->other), weights(c, 2),
                             weights(c, 3)};
      normalize(in, n, rows, s->columns, out);
      break;
    }
    case ATTENTION: attention_heads(c, rows, frames); break;
    case ATTEND_BACK: {
      const uint32_t done = rows_done(matrix(c, s->third).data[0]);
      attend_back((struct window){in, matrix(c, s->other), weights(c, 0), rows, s->columns,
                                  s->depth, s->param, done}, out, c->arena + s->scratch);
      break;
    }
    case ADD_ROWS: add_rows(in, matrix(c, s->other), rows, s->columns, out); break;
    case LARGER_OF_PAIRS: larger_of_pairs(in, rows, s->columns, out); break;
    case MAX_AND_MEAN: max_and_mean(in, rows, s->columns, out.data); break;
    case SOFTMAX: softmax_row(out.data, s->columns); break;
    case KNOWN_SCORE:
      out.data[0] = known_score(in.data, matrix(c, s->other).data, s->columns, s->depth);
      break;
  }
}

void run_model(const uint8_t *file, float *arena, uint32_t frames) {
  const struct header *h = (const struct header *)file;
  const struct step *steps = (const struct step *)(file + sizeof(struct header));
  if (frames < 1 || frames > h->max_frames) return;
  for (uint32_t i = 0; i < h->steps; i++)
    run_step(&(struct context){arena, (const uint8_t *)(steps + h->steps), steps + i}, frames);
}
