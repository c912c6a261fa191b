/**
 * Who looks for landmarks in the demo: MediaPipe Holistic or our engine, and whether the model was
 * trained on the landmarks of the same one.
 */
import type { Frame } from "./holistic";
import { LandmarkFinder } from "./holistic";
import { type Body, landmarkerName, HolisticLandmarker } from "./landmarker";

export type Choice = "holistic" | Body;

export interface Finder {
  /** Landmarks of the next frame of the clip, 75 x 2 flat, NaN = missing. */
  find(frame: Frame, milliseconds: number): Promise<Float32Array>;
  close(): Promise<void>;
}

const OURS = "slr-keypoints-";

/**
 * The engine that a model expects by what its file says, or MediaPipe, which most tables come from.
 */
export function expected(engine: string): Choice {
  if (!engine.startsWith(OURS)) return "holistic";
  return engine.includes("-lite") ? "lite" : "full";
}

/**
 * A sentence where a model was trained on the landmarks of another engine than the chosen one, else
 * an empty text.
 */
export function warning(engine: string, choice: Choice): string {
  const known = engine.startsWith(OURS) || engine.startsWith("mediapipe-holistic");
  const ours = choice !== "holistic" && engine.split(";")[0] === landmarkerName(choice);
  const same = ours || (choice === "holistic" && expected(engine) === choice);
  if (!known || same) return "";
  return (
    `This model was trained on landmarks of ${engine}. Another engine sees other points, ` +
    "so expect more mistakes."
  );
}

/** The pixels of whatever holds an image. */
function pixels(frame: Frame): ImageData {
  let canvas = frame as HTMLCanvasElement;
  if (!(frame instanceof HTMLCanvasElement)) {
    canvas = document.createElement("canvas");
    const video = frame instanceof HTMLVideoElement;
    [canvas.width, canvas.height] = video
      ? [frame.videoWidth, frame.videoHeight]
      : [frame.width, frame.height];
    canvas.getContext("2d", { willReadFrequently: true })!.drawImage(frame, 0, 0);
  }
  return canvas
    .getContext("2d", { willReadFrequently: true })!
    .getImageData(0, 0, canvas.width, canvas.height);
}

let engine: HolisticLandmarker | undefined;
let loaded: Choice | undefined;

/**
 * A finder that remembers no other clip. Our engine is loaded once and only forgets; MediaPipe has
 * to be made anew.
 */
export async function freshFinder(choice: Choice): Promise<Finder> {
  if (choice === "holistic") return LandmarkFinder.create();
  if (loaded !== choice) {
    await engine?.close();
    engine = await HolisticLandmarker.create({ body: choice });
    loaded = choice;
  }
  const ready = engine!;
  ready.reset();
  return { find: (frame) => ready.find(pixels(frame)), close: async () => {} };
}
