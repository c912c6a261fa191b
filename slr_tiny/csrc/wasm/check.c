/* What a file must be before it runs. Sizes are multiplied in 64 bits, so that none wraps. */
#include "../kernels/kernels.h"
#include "model.h"

enum {
  MOST_STEPS = 4096, MOST_FRAMES = 4096, MOST_COLUMNS = 65536, MOST_CLASSES = 65536,
  MOST_FLOATS = 64 << 20, MOST_BYTES = 256 << 20
};
static const uint64_t MOST_WORK = 1ull << 36; /* multiplications of the longest clip: seconds */

static uint64_t up(uint64_t x, uint64_t to) { return (x + to - 1) / to * to; }

/* does a matrix of the arena lie inside of it? */
static int inside(const struct header *h, struct place p, uint64_t rows, uint64_t width) {
  return rows && (uint64_t)p.offset + (rows - 1) * p.stride + width <= h->arena_floats;
}

/* does an array of the weights lie inside of them? */
static int stored(const struct header *h, uint32_t offset, uint64_t bytes) {
  return offset % 16 == 0 && (uint64_t)offset + bytes <= h->weight_bytes;
}

static int stored_or_none(const struct header *h, uint32_t offset, uint64_t bytes) {
  return offset == (uint32_t)NONE || stored(h, offset, bytes);
}

static int product_fits(const struct header *h, const struct step *s, uint64_t rows) {
  const uint64_t columns = up(s->columns, PANEL), floats = columns * sizeof(float);
  const int whole = s->operation == PRODUCT_INT8;
  const struct place scratch = {s->scratch, 0};
  if (!s->depth || s->depth > MOST_COLUMNS || (whole && s->depth % 4)) return 0;
  if (whole && !inside(h, scratch, 1, rows * (2 + s->depth / 2))) return 0;
  if (whole && !(stored(h, s->weights[2], floats) && stored(h, s->weights[3], floats))) return 0;
  return stored(h, s->weights[0], columns * s->depth * (whole ? 1 : sizeof(float))) &&
         stored(h, s->weights[1], floats) && inside(h, s->in, rows, s->depth) &&
         inside(h, s->out, rows, up(s->columns, 4));
}

static int attention_fits(const struct header *h, const struct step *s, uint64_t rows) {
  const uint64_t heads = s->param, frames = h->max_frames, columns = s->columns;
  const struct place scratch = {s->scratch, 0};
  if (!heads || heads > 64 || !s->depth || s->depth > MOST_COLUMNS) return 0;
  return inside(h, s->in, rows, heads * s->depth) &&
         inside(h, s->other, frames, heads * s->depth) &&
         inside(h, s->third, frames, heads * columns) && inside(h, s->out, rows, heads * columns) &&
         inside(h, scratch, 1, PANEL * (s->depth + frames + columns + 1));
}

static int window_fits(const struct header *h, const struct step *s, uint64_t rows) {
  const uint64_t columns = s->columns, reach = s->param;
  const struct place scratch = {s->scratch, 0};
  if (!s->depth || s->depth % 4 || columns % s->depth || !reach || reach > MOST_FRAMES) return 0;
  return inside(h, s->in, rows, columns) && inside(h, s->other, rows + reach - 1, 2 * columns) &&
         inside(h, s->third, 1, 1) && inside(h, s->out, rows, columns) &&
         inside(h, scratch, 1, up(reach, 4)) &&
         stored(h, s->weights[0], columns / s->depth * reach * sizeof(float));
}

static int norm_fits(const struct header *h, const struct step *s, uint64_t rows) {
  const int alone = s->other.offset == (uint32_t)NONE;
  for (int i = 0; i < 4; i++)
    if (!stored_or_none(h, s->weights[i], s->columns * sizeof(float))) return 0;
  return s->columns % 4 == 0 && inside(h, s->in, rows, s->columns) &&
         inside(h, s->out, rows, s->columns) && (alone || inside(h, s->other, rows, s->columns));
}

static int step_fits(const struct header *h, const struct step *s) {
  const uint64_t rows = s->rows ? s->rows : h->max_frames, columns = s->columns;
  if (rows > MOST_FRAMES || !columns || columns > MOST_COLUMNS) return 0;
  if (s->reserved[0] || s->reserved[1]) return 0;
  switch (s->operation) {
    case RESAMPLE_ROWS:
      return s->rows >= 2 && inside(h, s->in, h->max_frames, columns) &&
             inside(h, s->out, rows, columns);
    case KEYPOINT_ROWS:
      return s->param < VARIANTS && inside(h, s->in, rows, FRAME_FLOATS) &&
             inside(h, s->out, rows, POINT_FLOATS);
    case FEATURE_ROWS:
      return inside(h, s->in, rows, FRAME_FLOATS) && inside(h, s->out, rows, FRAME_FEATURES);
    case FILL:
      return inside(h, s->out, rows, columns) &&
             stored_or_none(h, s->weights[0], rows * columns * sizeof(float));
    case EMBED:
      return columns % 2 == 0 && inside(h, s->in, rows, columns) &&
             inside(h, s->out, rows, columns) &&
             stored_or_none(h, s->weights[0], columns * sizeof(float)) &&
             stored_or_none(h, s->weights[1], columns * sizeof(double));
    case CONVOLVE_TIME:
      return columns % 4 == 0 && s->param <= MOST_FRAMES && inside(h, s->in, rows, columns) &&
             inside(h, s->out, rows, columns) &&
             stored(h, s->weights[0], s->param * columns * sizeof(float));
    case PRODUCT_F32:
    case PRODUCT_INT8: return product_fits(h, s, rows);
    case NORMALIZE: return norm_fits(h, s, rows);
    case ATTENTION: return attention_fits(h, s, rows);
    case ATTEND_BACK: return window_fits(h, s, rows);
    case ADD_ROWS:
      return columns % 4 == 0 && inside(h, s->in, rows, columns) &&
             inside(h, s->other, rows, columns) && inside(h, s->out, rows, columns);
    case LARGER_OF_PAIRS:
      return columns % 4 == 0 && inside(h, s->in, 2 * rows, columns) &&
             inside(h, s->out, rows, columns);
    case MAX_AND_MEAN:
      return columns % 4 == 0 && inside(h, s->in, rows, columns) &&
             inside(h, s->out, 1, 2 * columns);
    case SOFTMAX: return inside(h, s->out, 1, up(columns, 4));
    case KNOWN_SCORE:
      return columns % 4 == 0 && s->depth && s->depth <= MOST_COLUMNS &&
             inside(h, s->in, 1, columns) && inside(h, s->other, 1, columns + s->depth) &&
             inside(h, s->out, 1, 1);
    default: return 0;
  }
}

/* multiplications of a step, for a clip of the greatest length */
static uint64_t work(const struct header *h, const struct step *s) {
  const uint64_t rows = s->rows ? s->rows : h->max_frames, each = s->columns;
  if (s->operation == ATTENTION)
    return up(rows, PANEL) * h->max_frames * s->param * (each + s->depth);
  if (s->operation == PRODUCT_F32 || s->operation == PRODUCT_INT8) return rows * each * s->depth;
  if (s->operation == ATTEND_BACK) return 2 * rows * each * s->param;
  return rows * each * (s->operation == CONVOLVE_TIME ? s->param : 1);
}

static int sizes_fit(const struct header *h, uint64_t bytes) {
  const uint64_t body = sizeof(struct header) + (uint64_t)h->steps * sizeof(struct step);
  if (bytes > MOST_BYTES || !h->steps || h->steps > MOST_STEPS || h->weight_bytes % 16) return 0;
  return body + h->weight_bytes + h->metadata_bytes == bytes;
}

int check_model(const uint8_t *file, uint64_t bytes) {
  static const uint8_t magic[8] = {0x89, 'S', 'L', 'R', '\r', '\n', 0x1a, '\n'};
  const struct header *h = (const struct header *)file;
  const struct step *steps = (const struct step *)(file + sizeof(struct header));
  uint64_t total = 0;
  if (bytes < sizeof(struct header)) return FILE_NOT_OURS;
  for (int i = 0; i < 8; i++)
    if (h->magic[i] != magic[i]) return FILE_NOT_OURS;
  if (h->version != SLR_VERSION) return FILE_OTHER_VERSION;
  if (!sizes_fit(h, bytes)) return FILE_LENGTH;
  const struct place input = {0, FRAME_FLOATS};
  const struct place output = {h->output, (uint32_t)up(h->classes, PANEL)};
  const uint64_t rows = h->answers ? h->answers : 1;
  const uint64_t answer = h->known ? (uint64_t)h->known + 1 : 0; /* probabilities, then the score */
  if (h->arena_floats > MOST_FLOATS || h->max_frames > MOST_FRAMES || !h->classes ||
      h->classes > MOST_CLASSES || !inside(h, input, h->max_frames, FRAME_FLOATS) ||
      rows > MOST_FRAMES || !inside(h, output, rows, h->classes > answer ? h->classes : answer))
    return FILE_SIZES;
  for (uint32_t i = 0; i < h->steps; i++) {
    if (!step_fits(h, steps + i)) return FILE_STEP;
    total += work(h, steps + i);
    if (total > MOST_WORK) return FILE_SIZES;
  }
  return FILE_FINE;
}
