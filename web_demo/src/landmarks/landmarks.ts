/** The 75 landmarks, from the one table that Python reads too. */
import { edges, example, landmarks, parts } from "../../../data/landmarks.json";

export const NUM_LANDMARKS = landmarks.length;
export const POSE_POINTS = parts.pose[1];
export const HAND_POINTS = parts.left[1] - parts.left[0];
/** The first point of each hand, which is there where the hand was found. */
export const HANDS = [parts.left[0], parts.right[0]];
export const EDGES = edges as [number, number][];
/** A drawn person, 75 x 2 flat: what the page shows before it has seen anybody. */
export const EXAMPLE = Float32Array.from(example.flat());

// Pose, left hand, right hand: blue and vermilion as in the book's figures; a light pose, because
// videos are dark and bright.
const COLOURS = ["#F4F0E4", "#56B4E9", "#D55E00"];
const partOf = (point: number) => (point < parts.left[0] ? 0 : point < parts.right[0] ? 1 : 2);

/**
 * Draws the skeleton of one frame (75 x 2 flat, NaN = missing) over the whole canvas; in one colour
 * and another width, where there are two to tell apart.
 */
export function drawSkeleton(
  canvas: HTMLCanvasElement,
  frame: Float32Array,
  colour?: string,
  width = 1,
): void {
  const pen = canvas.getContext("2d")!;
  const at = (point: number) =>
    [frame[2 * point] * canvas.width, frame[2 * point + 1] * canvas.height] as const;
  const unit = Math.max(canvas.width, canvas.height) / 320;
  pen.lineCap = "round";
  // A dark line below a coloured one can be seen on any background.
  for (const below of [true, false]) {
    for (const [a, b] of EDGES) {
      const [[x0, y0], [x1, y1]] = [at(a), at(b)];
      if (Number.isNaN(x0 + x1)) continue;
      pen.strokeStyle = below ? "rgb(0 0 0 / 55%)" : (colour ?? COLOURS[partOf(b)]);
      pen.lineWidth = ((partOf(b) === 0 ? 1.8 : 1.1) * width + (below ? 1.4 : 0)) * unit;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
      pen.stroke();
    }
  }
  for (let point = 0; point < NUM_LANDMARKS; point++) {
    const [x, y] = at(point);
    if (Number.isNaN(x)) continue;
    pen.fillStyle = colour ?? COLOURS[partOf(point)];
    pen.beginPath();
    pen.arc(x, y, (partOf(point) === 0 ? 1.7 : 1.3) * width * unit, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** Share of frames in which the pose, the left and the right hand were found. */
export function foundShares(frames: Float32Array[]): [number, number, number] {
  const share = (point: number) =>
    frames.filter((f) => !Number.isNaN(f[2 * point])).length / Math.max(1, frames.length);
  return [share(parts.pose[0]), share(parts.left[0]), share(parts.right[0])];
}

/** The frame to show afterwards: among those with the most points found, the middle one. */
export function mostSeen(frames: Float32Array[]): number {
  const seen = frames.map((frame) => frame.filter((value) => !Number.isNaN(value)).length);
  const best = seen.flatMap((count, k) => (count === Math.max(...seen) ? [k] : []));
  return best[best.length >> 1] ?? 0;
}

/** Joins frames into one flat sequence, ready for `Model.predict`. */
export function sequence(frames: Float32Array[]): Float32Array {
  const joined = new Float32Array(frames.length * NUM_LANDMARKS * 2);
  frames.forEach((frame, k) => joined.set(frame, k * NUM_LANDMARKS * 2));
  return joined;
}
