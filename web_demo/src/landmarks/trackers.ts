/**
 * Who looks for landmarks in the demo: our landmarker or MediaPipe Holistic, and whether the model
 * was trained on the landmarks of the same one.
 */
import { type Body, landmarkerName } from "./names";

export type Choice = "holistic" | Body;

const OURS = "slr-keypoints-";

/**
 * The tracker for a model by what its file says: ours, with the body network that the model knows.
 * MediaPipe is fetched only when somebody chooses it.
 */
export function expected(engine: string): Choice {
  return engine.startsWith(OURS) && !engine.includes("-lite") ? "full" : "lite";
}

/** Whether a model was trained on the landmarks of another tracker than the chosen one. */
export function isOther(engine: string, choice: Choice): boolean {
  const theirs = engine.startsWith("mediapipe-holistic");
  if (!engine.startsWith(OURS) && !theirs) return false; // nobody knows
  return choice === "holistic" ? !theirs : engine.split(";")[0] !== landmarkerName(choice);
}
