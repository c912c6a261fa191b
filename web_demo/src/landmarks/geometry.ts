/**
 * Squares in an image and points in squares: the arithmetic of the engine, a mirror of
 * slr_tiny/pose/landmarker.py. No network runs here.
 */
import spec from "../../../data/keypoints.json";

export { smooth } from "./smoothing";

export type Point = [number, number];

/** A square in an image, in pixels; `rotation` in radians, clockwise as one looks at it. */
export interface Roi {
  x: number;
  y: number;
  side: number;
  rotation: number;
}

export interface Grid {
  sizes_per_octave: number;
  steps_per_side: number;
  degrees: number;
  /** Steps from the middle of a cell within which `hold` keeps it. */
  reach?: number;
}

export interface Upright {
  upright: number;
  scale: number;
  shift?: number;
}

const DETECTOR_SIZE = spec.networks.pose_detection.size;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-clamp(x, -100, 100)));

/** From the network's view (shares of the square) back into the image (pixels). */
export function roiToImage([x, y]: Point, crop: Roi): Point {
  const [dx, dy] = [(x - 0.5) * crop.side, (y - 0.5) * crop.side];
  const [c, s] = [Math.cos(crop.rotation), Math.sin(crop.rotation)];
  return [crop.x + c * dx - s * dy, crop.y + s * dx + c * dy];
}

/**
 * Cuts a square out of an image: size x size x 3 numbers, black becomes `low` and white `high`.
 * Pixels have their colour in their middle.
 */
export function cropRoi(
  frame: ImageData,
  crop: Roi,
  size: number,
  outside: string,
  [low, high]: number[],
): Float32Array {
  const { data, width, height } = frame;
  const image = new Float32Array(size * size * 3);
  const [c, s] = [Math.cos(crop.rotation), Math.sin(crop.rotation)];
  const [scale, offset] = [Math.fround((high - low) / 255), Math.fround(low)];
  const inside = (x: number, y: number) => (x >= 0 && x < width && y >= 0 && y < height ? 1 : 0);
  for (let row = 0, at = 0; row < size; row++) {
    const dy = ((row + 0.5) / size - 0.5) * crop.side;
    for (let column = 0; column < size; column++, at += 3) {
      const dx = ((column + 0.5) / size - 0.5) * crop.side;
      const x = crop.x + c * dx - s * dy - 0.5;
      const y = crop.y + s * dx + c * dy - 0.5;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const u = x - left;
      const v = y - top;
      // The shares of the four pixels around the place: above left and right, below left and right.
      let a = (1 - u) * (1 - v);
      let b = u * (1 - v);
      let d = (1 - u) * v;
      let e = u * v;
      if (outside === "black") {
        a *= inside(left, top);
        b *= inside(left + 1, top);
        d *= inside(left, top + 1);
        e *= inside(left + 1, top + 1);
      }
      const x0 = clamp(left, 0, width - 1);
      const x1 = clamp(left + 1, 0, width - 1);
      const y0 = clamp(top, 0, height - 1) * width;
      const y1 = clamp(top + 1, 0, height - 1) * width;
      const p = 4 * (y0 + x0);
      const q = 4 * (y0 + x1);
      const r = 4 * (y1 + x0);
      const t = 4 * (y1 + x1);
      for (let channel = 0; channel < 3; channel++) {
        const colour =
          data[p + channel] * a +
          data[q + channel] * b +
          data[r + channel] * d +
          data[t + channel] * e;
        image[at + channel] = Math.fround(Math.fround(colour) * scale) + offset;
      }
    }
  }
  return image;
}

/** The square around `a` in which `b` lies in a known direction. */
export function roiFromPoints(a: Point, b: Point, rule: Upright): Roi {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = 2 * Math.hypot(dx, dy);
  const shift = rule.shift ?? 0;
  let rotation = radians(rule.upright) - Math.atan2(-dy, dx);
  rotation -= 2 * Math.PI * Math.floor((rotation + Math.PI) / (2 * Math.PI));
  return {
    x: a[0] - length * shift * Math.sin(rotation),
    y: a[1] + length * shift * Math.cos(rotation),
    side: length * rule.scale,
    rotation,
  };
}

/** Where a signer probably is, in shares of the image, before anybody has looked. */
export interface Prior {
  x: number;
  y: number;
  side: number;
}

export const priorRoi = (width: number, height: number, rule: Prior): Roi => ({
  x: rule.x * width,
  y: rule.y * height,
  side: rule.side * height,
  rotation: 0,
});

/** A step from one square towards another, and beyond it; the ratio of the sides has limits. */
export function overRelax(before: Roi, found: Roi, step: number, [low, high]: number[]): Roi {
  return {
    x: before.x + step * (found.x - before.x),
    y: before.y + step * (found.y - before.y),
    side: before.side * clamp((found.side / before.side) ** step, low, high),
    rotation: found.rotation,
  };
}

export interface Around {
  scale: number;
  shift: number;
  inner: number[];
}

/** The square around a hand (21 points), in which the wrist lies straight below the knuckles. */
export function roiAroundHand(points: Point[], rule: Around): Roi {
  const middle = (i: number) => (points[5][i] + points[13][i]) / 4 + points[9][i] / 2;
  const knuckles: Point = [middle(0), middle(1)];
  const { rotation } = roiFromPoints(knuckles, points[0], { upright: -90, scale: 1 });
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  const inner = rule.inner.map((k) => points[k]);
  const across = inner.map(([x, y]) => x * c + y * s);
  const along = inner.map(([x, y]) => y * c - x * s);
  const low = [Math.min(...across), Math.min(...along)];
  const high = [Math.max(...across), Math.max(...along)];
  const [width, height] = [high[0] - low[0], high[1] - low[1]];
  const x = (low[0] + high[0]) / 2;
  const y = (low[1] + high[1]) / 2 + rule.shift * height;
  return {
    x: c * x - s * y,
    y: s * x + c * y,
    side: rule.scale * Math.max(width, height),
    rotation,
  };
}

const nearest = (value: number, step: number) => Math.floor(value / step + 0.5) * step;

/** Forgets what does not matter, so that noise cannot feed back. */
export function quantizeRoi(crop: Roi, grid: Grid = spec.grid): Roi {
  const side = 2 ** nearest(Math.log2(Math.max(crop.side, 1)), 1 / grid.sizes_per_octave);
  const step = side / grid.steps_per_side;
  return {
    x: nearest(crop.x, step),
    y: nearest(crop.y, step),
    side,
    rotation: nearest(crop.rotation, radians(grid.degrees)),
  };
}

/** The last crop as long as the wished one is near it, so that nothing hops between two cells. */
export function holdRoi(wish: Roi, kept: Roi | null, grid: Grid = spec.grid): Roi {
  if (!kept) return quantizeRoi(wish, grid);
  const step = kept.side / grid.steps_per_side;
  const rotation = wish.rotation - kept.rotation;
  const away = Math.max(
    Math.abs(Math.log2(Math.max(wish.side, 1) / kept.side)) * grid.sizes_per_octave,
    Math.abs(wish.x - kept.x) / step,
    Math.abs(wish.y - kept.y) / step,
    Math.abs(rotation - nearest(rotation, 2 * Math.PI)) / radians(grid.degrees),
  );
  return away <= (grid.reach ?? 0.5) ? kept : quantizeRoi(wish, grid);
}

/** The places for which the detector answers, in normalized coordinates. */
export function anchors(size = DETECTOR_SIZE, layers = spec.anchors): Point[] {
  const places: Point[] = [];
  for (const { stride, each } of layers) {
    const cells = Math.ceil(size / stride);
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (let k = 0; k < each; k++) places.push([(column + 0.5) / cells, (row + 0.5) / cells]);
      }
    }
  }
  return places;
}

/**
 * The best person among the detector's answers: middle of the hips and the body's size, in
 * normalized coordinates.
 */
export function decodeDetections(
  boxes: ArrayLike<number>,
  scores: ArrayLike<number>,
  places: Point[],
  size = DETECTOR_SIZE,
): [Point, Point] | null {
  interface Found {
    score: number;
    low: Point;
    high: Point;
    points: [Point, Point];
  }
  const found: Found[] = [];
  places.forEach(([x, y], k) => {
    const score = sigmoid(scores[k]);
    if (score < spec.detector.score) return;
    const at = (n: number) => boxes[12 * k + n] / size;
    const [cx, cy, w, h] = [at(0) + x, at(1) + y, at(2) / 2, at(3) / 2];
    found.push({
      score,
      low: [cx - w, cy - h],
      high: [cx + w, cy + h],
      points: [
        [at(4) + x, at(5) + y],
        [at(6) + x, at(7) + y],
      ],
    });
  });
  if (!found.length) return null;
  const best = found.reduce((a, b) => (b.score > a.score ? b : a));
  const area = ({ low, high }: Found) => (high[0] - low[0]) * (high[1] - low[1]);
  const mean = [
    [0, 0],
    [0, 0],
  ] as [Point, Point];
  let total = 0;
  for (const one of found) {
    const [w, h] = [0, 1].map((i) =>
      Math.max(0, Math.min(one.high[i], best.high[i]) - Math.max(one.low[i], best.low[i])),
    );
    if ((w * h) / (area(one) + area(best) - w * h) <= spec.detector.overlap) continue;
    total += one.score;
    for (const i of [0, 1]) for (const j of [0, 1]) mean[i][j] += one.score * one.points[i][j];
  }
  return mean.map(([x, y]) => [x / total, y / total]) as [Point, Point];
}

/**
 * Moves each point (shares of the crop) to the bright spot of its map (side x side x points, before
 * the sigmoid).
 */
export function refineFromHeatmap(
  points: Point[],
  heatmap: ArrayLike<number>,
  side: number,
  window: number,
  peak: number,
): Point[] {
  return points.map(([x, y], k) => {
    const [column, row] = [Math.trunc(x * side), Math.trunc(y * side)];
    if (!(column >= 0 && column < side && row >= 0 && row < side)) return [x, y];
    let total = 0;
    let sumX = 0;
    let sumY = 0;
    let most = 0;
    for (let r = Math.max(row - window, 0); r < Math.min(row + window + 1, side); r++) {
      for (let c = Math.max(column - window, 0); c < Math.min(column + window + 1, side); c++) {
        const bright = sigmoid(heatmap[(r * side + c) * points.length + k]);
        total += bright;
        sumX += bright * c;
        sumY += bright * r;
        most = Math.max(most, bright);
      }
    }
    return most < peak ? [x, y] : [sumX / total / side, sumY / total / side];
  });
}

/**
 * Landmarks of all frames of a clip, from looks at the frames 0, stride, 2 * stride ...: straight
 * lines, and the nearer look where one misses a point.
 */
export function interpolateFrames(
  looks: ArrayLike<number>[],
  stride: number,
  frames: number,
): Float32Array[] {
  return Array.from({ length: frames }, (_, frame) => {
    const low = Math.min(Math.floor(frame / stride), looks.length - 1);
    const [a, b, share] = [
      looks[low],
      looks[Math.min(low + 1, looks.length - 1)],
      frame / stride - low,
    ];
    return Float32Array.from(a, (value, k) => {
      const mixed = value + (b[k] - value) * share;
      return Number.isNaN(mixed) ? (share < 0.5 ? value : b[k]) : mixed;
    });
  });
}
