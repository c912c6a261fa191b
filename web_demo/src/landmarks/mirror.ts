/** Landmarks of a left-handed signer, as if a right-handed one had signed before a mirror. */
import { landmarks as names } from "../../../data/landmarks.json";

const OTHER: Record<string, string> = { left: "right", right: "left" };
const other = (name: string) => name.replace(/left|right/, (side) => OTHER[side]);
/** The row of the same point on the other side. */
export const MIRROR_INDEX = names.map((name) => names.indexOf(other(name)));

/** A frame (75 x 2 flat, NaN = missing) with left and right exchanged. */
export function mirrored(frame: Float32Array): Float32Array {
  const made = new Float32Array(frame.length);
  MIRROR_INDEX.forEach((from, to) => {
    made[2 * to] = 1 - frame[2 * from];
    made[2 * to + 1] = frame[2 * from + 1];
  });
  return made;
}
