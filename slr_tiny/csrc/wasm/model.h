/* A model file as it lies in memory (slr_tiny.deploy.wasm writes it; all numbers little-endian):
 *
 *   64 bytes                the header below
 *   80 bytes * steps        what to do, one after the other
 *   weight_bytes            weights; each array begins at a multiple of 16
 *   metadata_bytes          JSON, for those who ask what the answers mean
 *
 * All that a prediction needs beside the file is one piece of memory, the arena. Where in it each
 * step finds and leaves its numbers was planned when the file was written.
 *
 * A stream takes exactly max_frames frames at a time and leaves `answers` rows of logits, each a
 * multiple of eight floats after the other. What it remembers from call to call lies in its arena,
 * which begins as zeros; zeros again, and it has forgotten everything.
 */
#ifndef SLR_MODEL_H
#define SLR_MODEL_H
#include <stdint.h>

enum { SLR_VERSION = 1, NONE = -1 };

struct header {
  uint8_t magic[8];        /*  0: 89 53 4c 52 0d 0a 1a 0a, as PNG has it: shows damage by text modes */
  uint32_t version;        /*  8: of this layout */
  uint32_t crc32;          /* 12: of all that follows */
  uint32_t steps;          /* 16: how many */
  uint32_t weight_bytes;   /* 20: a multiple of 16 */
  uint32_t metadata_bytes; /* 24 */
  uint32_t arena_floats;   /* 28: size of the arena, in floats of 4 bytes */
  uint32_t max_frames;     /* 32: of a clip */
  uint32_t output;         /* 36: where in the arena the probabilities are */
  uint32_t classes;        /* 40: how many */
  uint32_t known;          /* 44: floats from `output` to the score of the clip; 0: there is none */
  uint32_t answers;        /* 48: rows of logits of a stream, see below; 0: a model for clips */
  uint32_t reserved[3];    /* 52: zeros */
};

enum operation {
  RESAMPLE_ROWS = 1, KEYPOINT_ROWS, FEATURE_ROWS, FILL, EMBED, CONVOLVE_TIME,
  PRODUCT_F32, PRODUCT_INT8, NORMALIZE, ATTENTION, MAX_AND_MEAN, SOFTMAX, KNOWN_SCORE,
  ADD_ROWS, LARGER_OF_PAIRS, ATTEND_BACK, OPERATIONS
};

enum { EXACT = 2 }; /* a product in floats that rounds in the same way in every build */

struct place { uint32_t offset, stride; }; /* in the arena, in floats; offset NONE: not there */

struct step {
  uint32_t operation;      /*  0 */
  uint32_t rows;           /*  4: of the result; 0: as many as the clip has frames */
  uint32_t columns;        /*  8: of the result, or of one head's values */
  uint32_t depth;          /* 12: numbers of an input row that a product reads; of a query */
  struct place in, other, third, out; /* 16, 24, 32, 40 */
  uint32_t scratch;        /* 48: in the arena */
  uint32_t weights[4];     /* 52: in the weights, in bytes; NONE: not there */
  uint32_t param;          /* 68: variant, reach, window, heads; 1 for relu, EXACT */
  uint32_t reserved[2];    /* 72: zeros */
};

/* why a file is refused */
enum { FILE_FINE, FILE_NOT_OURS, FILE_OTHER_VERSION, FILE_LENGTH, FILE_SIZES, FILE_STEP };

/* Looks at everything before anything runs: a file that passes reads and writes only inside
 * itself and its arena, whoever wrote it. `file` begins at a multiple of 16. */
int check_model(const uint8_t *file, uint64_t bytes);
/* The landmarks of `frames` frames (frames, 75, 2) stand at the beginning of the arena. */
void run_model(const uint8_t *file, float *arena, uint32_t frames);
#endif
