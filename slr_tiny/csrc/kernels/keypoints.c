/* From landmarks to keypoints: what slr_tiny.pose.normalization does, operation by operation, so
 * that the answers have the same bits. NaN means missing, and `missing` is the only question that
 * is asked of it. */
#include "kernels.h"
#include "numbers.h"

typedef float point[2];
enum { NOSE, LEFT_EYE, RIGHT_EYE, LEFT_SHOULDER = 5, RIGHT_SHOULDER, LEFT_WRIST = 9, RIGHT_WRIST };
enum { LEFT_HAND = 11, RIGHT_HAND = 32, HAND = 21, NECK = 53 };
static const float ABSENT = -99.0f, NOTHING = __builtin_nanf(""), ENDLESS = __builtin_inff();

/* rows of the landmarks that the first eleven keypoints are; the hands are the last 42 landmarks */
static const uint8_t BODY[LEFT_HAND] = {0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16};

void select_keypoints(const float *landmarks, point p[KEYPOINTS]) {
  for (int i = 0; i < NECK; i++) {
    const int from = i < LEFT_HAND ? BODY[i] : i + 22;
    for (int c = 0; c < 2; c++) p[i][c] = landmarks[2 * from + c];
  }
  for (int c = 0; c < 2; c++) p[NECK][c] = (p[LEFT_SHOULDER][c] + p[RIGHT_SHOULDER][c]) / 2.0f;
}

static float distance(const point a, const point b) {
  const float x = a[0] - b[0], y = a[1] - b[1];
  const float d = __builtin_sqrtf(x * x + y * y);
  return missing(d) ? 0.0f : d;
}

float shoulder_width(point p[KEYPOINTS]) {
  const float width = max1(distance(p[LEFT_SHOULDER], p[RIGHT_SHOULDER]),
                           distance(p[NOSE], p[NECK]) / 2.0f);
  return width > 1e-4f ? width : 1.0f;
}

/* the corners of what was seen; (inf, -inf) where nothing was */
static void corners(point *hand, point low, point high) {
  for (int c = 0; c < 2; c++) {
    low[c] = ENDLESS;
    high[c] = -ENDLESS;
    for (int i = 0; i < HAND; i++) {
      const float x = hand[i][c];
      low[c] = min1(low[c], missing(x) ? ENDLESS : x);
      high[c] = max1(high[c], missing(x) ? -ENDLESS : x);
    }
  }
}

void normalize_hand(point *hand) {
  point low, high;
  corners(hand, low, high);
  const float side = 1.2f * max1(high[0] - low[0], high[1] - low[1]);
  for (int i = 0; i < HAND; i++)
    for (int c = 0; c < 2; c++)
      hand[i][c] = (hand[i][c] - (low[c] + high[c]) / 2.0f) / (side > 1e-6f ? side : 1.0f);
}

static void put_missing_on_wrist(point *hand, const point wrist) {
  for (int i = 0; i < HAND; i++)
    for (int c = 0; c < 2; c++)
      if (missing(hand[i][c])) hand[i][c] = wrist[c];
}

static void impute(point p[KEYPOINTS]) {
  put_missing_on_wrist(p + LEFT_HAND, p[LEFT_WRIST]);
  put_missing_on_wrist(p + RIGHT_HAND, p[RIGHT_WRIST]);
}

static void replace_missing(point p[KEYPOINTS], float by) {
  for (int i = 0; i < KEYPOINTS; i++)
    for (int c = 0; c < 2; c++)
      if (missing(p[i][c])) p[i][c] = by;
}

static void ours(point p[KEYPOINTS]) {
  impute(p);
  const float width = shoulder_width(p);
  const point neck = {p[NECK][0], p[NECK][1]};
  normalize_hand(p + LEFT_HAND);
  normalize_hand(p + RIGHT_HAND);
  for (int i = 0; i < KEYPOINTS; i++)
    if (i < LEFT_HAND || i == NECK)
      for (int c = 0; c < 2; c++) p[i][c] = (p[i][c] - neck[c]) / width;
  replace_missing(p, 0.0f);
}

static int hand_is_gone(point *hand) {
  for (int i = 0; i < HAND; i++)
    if (!missing(hand[i][0]) || !missing(hand[i][1])) return 0;
  return 1;
}

static void flagged(point p[KEYPOINTS]) {
  const int gone[2] = {hand_is_gone(p + LEFT_HAND), hand_is_gone(p + RIGHT_HAND)};
  ours(p);
  for (int i = LEFT_HAND; i < NECK; i++)
    if (gone[i >= RIGHT_HAND]) p[i][0] = p[i][1] = 1.0f;
}

/* shares of a box; points with x = 0 and boxes without size stay as they are */
static void to_box(point *p, int count, const point low, const point high) {
  const float width = high[0] - low[0], height = high[1] - low[1];
  if (width * height == 0.0f) return;
  for (int i = 0; i < count; i++)
    if (p[i][0] != 0.0f) {
      p[i][0] = (p[i][0] - low[0]) / width;
      p[i][1] = (p[i][1] - low[1]) / height;
    }
}

static void square_hand(point *hand) {
  point low, high;
  corners(hand, low, high);
  const point size = {high[0] - low[0], high[1] - low[1]};
  const float longer = max1(size[0], size[1]);
  for (int c = 0; c < 2; c++) {
    const float margin = longer / 10.0f + (longer - size[c]) / 2.0f;
    low[c] = low[c] - margin;
    high[c] = high[c] + margin;
  }
  to_box(hand, HAND, low, high);
}

/* the body in a box, each hand in its own, and the middle of each box at 0 */
static void boxes(point p[KEYPOINTS], const point low, const point high) {
  to_box(p, LEFT_HAND, low, high);
  to_box(p + NECK, 1, low, high);
  square_hand(p + LEFT_HAND);
  square_hand(p + RIGHT_HAND);
  for (int i = 0; i < KEYPOINTS; i++)
    for (int c = 0; c < 2; c++) p[i][c] = p[i][c] - 0.5f;
}

static void pucp(point p[KEYPOINTS]) {
  impute(p);
  replace_missing(p, 0.0f);
  const float head = distance(p[LEFT_SHOULDER], p[RIGHT_SHOULDER]) / 2.0f;
  const point low = {0.5f - 3.0f * head, p[RIGHT_EYE][1] - head / 2.0f};
  const point high = {0.5f + 3.0f * head, 0.5f + 4.5f * head};
  boxes(p, low, high);
}

static void spoter(point p[KEYPOINTS]) {
  for (int i = 0; i < KEYPOINTS; i++) p[i][1] = 1.0f - p[i][1];
  replace_missing(p, 0.0f);
  const float head = distance(p[LEFT_SHOULDER], p[RIGHT_SHOULDER]);
  const float neck = p[NECK][0], top = p[LEFT_EYE][1] + head;
  const point low = {max1(neck - 3.0f * head, 0.0f), max1(top - 6.0f * head, 0.0f)};
  const point high = {max1(neck + 3.0f * head, 0.0f), max1(top, 0.0f)};
  boxes(p, low, high);
}

void keypoints(struct matrix landmarks, int variant, uint32_t rows, struct result out) {
  for (uint32_t r = 0; r < rows; r++) {
    point *p = (point *)(out.data + r * out.stride);
    select_keypoints(landmarks.data + r * landmarks.stride, p);
    if (variant == OURS) ours(p);
    else if (variant == PUCP) pucp(p);
    else if (variant == SPOTER) spoter(p);
    else if (variant == FLAGGED) flagged(p);
    else replace_missing(p, ABSENT);
  }
}

/* ---- features of frames: models.frame_features */

/* the mean of what was seen, NaN where nothing was; summed from the first point to the last */
static float centre(point *hand, int c) {
  float sum = 0.0f, seen = 0.0f;
  for (int i = 0; i < HAND; i++)
    if (!missing(hand[i][c])) {
      sum = sum + hand[i][c];
      seen = seen + 1.0f;
    }
  return sum / seen;
}

/* body 22, hands 42 and 42, their places 2 and 2; then the two flags at the row's end */
static void static_features(point p[KEYPOINTS], float *out) {
  const int hands[2] = {LEFT_HAND, RIGHT_HAND};
  const float width = shoulder_width(p);
  for (int i = 0; i < 2 * LEFT_HAND; i++) out[i] = (p[i / 2][i % 2] - p[NECK][i % 2]) / width;
  for (int h = 0; h < 2; h++) {
    point *hand = p + hands[h];
    float *place = out + 106 + 2 * h, *shape = out + 22 + 42 * h, *flag = out + 330 + h;
    *flag = 1.0f;
    for (int i = 0; i < HAND; i++)
      if (!missing(hand[i][0])) *flag = 0.0f;
    for (int c = 0; c < 2; c++) place[c] = (centre(hand, c) - p[NECK][c]) / width;
    normalize_hand(hand);
    for (int i = 0; i < 2 * HAND; i++) shape[i] = 2.0f * hand[i / 2][i % 2];
  }
}

static float bounded(float x) {
  return missing(x) ? 0.0f : max1(min1(x, 6.0f), -6.0f);
}

void frame_features(struct matrix landmarks, uint32_t rows, struct result out) {
  for (uint32_t r = 0; r < rows; r++) {
    point p[KEYPOINTS];
    select_keypoints(landmarks.data + r * landmarks.stride, p);
    for (int i = 0; i < KEYPOINTS; i++)
      for (int c = 0; c < 2; c++)
        if (p[i][c] < ABSENT / 2.0f) p[i][c] = NOTHING;
    static_features(p, out.data + r * out.stride);
  }
  for (uint32_t r = 0; r < rows; r++) { /* a row's later rows still hold their NaN */
    float *row = out.data + r * out.stride;
    for (uint32_t step = 1; step <= 2; step++)
      for (int i = 0; i < STATIC_FEATURES; i++) {
        const float *later = row + step * out.stride;
        row[step * STATIC_FEATURES + i] =
            r + step < rows ? bounded(2.0f * (later[i] - row[i])) : 0.0f;
      }
    for (int i = 0; i < STATIC_FEATURES; i++) row[i] = bounded(row[i]);
  }
}
