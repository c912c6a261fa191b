/**
 * MediaPipe Holistic (the legacy JavaScript package) with its files beside the page and time stamps
 * of our choice.
 */
import type {
  Holistic as HolisticClass,
  Results,
  NormalizedLandmarkList,
} from "@mediapipe/holistic";
import { HAND_POINTS, NUM_LANDMARKS, POSE_POINTS } from "./landmarks";

export type Frame = HTMLCanvasElement | HTMLVideoElement | ImageBitmap;

export interface Options {
  /** 0 = lite and 1 = full pose network. */
  complexity?: 0 | 1;
  smooth?: boolean;
}

// holistic.js is a classic script: it puts its class on `window`.
async function holisticClass(): Promise<typeof HolisticClass> {
  const page = window as unknown as { Holistic?: typeof HolisticClass };
  if (!page.Holistic) {
    await new Promise<void>((done, fail) => {
      const script = document.createElement("script");
      script.src = "./holistic/holistic.js";
      script.onload = () => done();
      script.onerror = () =>
        fail(new Error("./holistic/holistic.js is missing: build the pages with npm run build."));
      document.head.append(script);
    });
  }
  return page.Holistic!;
}

/** Writes the points of one part, or leaves it missing (NaN). */
function put(
  target: Float32Array,
  first: number,
  points: NormalizedLandmarkList | undefined,
): void {
  points?.forEach((point, k) => target.set([point.x, point.y], 2 * (first + k)));
}

export class LandmarkFinder {
  private result: Results | undefined;

  private constructor(private readonly engine: HolisticClass) {
    engine.onResults((result) => {
      this.result = result;
    });
  }

  static async create({ complexity = 1, smooth = true }: Options = {}): Promise<LandmarkFinder> {
    const Holistic = await holisticClass();
    const engine = new Holistic({ locateFile: (file) => `./holistic/${file}` });
    const finder = new LandmarkFinder(engine);
    // useCpuInference is not in the type declarations. Without it a machine that has no GPU needs
    // seconds per frame.
    const options = { modelComplexity: complexity, smoothLandmarks: smooth, useCpuInference: true };
    engine.setOptions(options as Parameters<HolisticClass["setOptions"]>[0]);
    try {
      await engine.initialize();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return finder;
  }

  /**
   * Landmarks of one frame: 75 x 2 numbers, in the image's width and height, NaN = missing.
   * `milliseconds` is the frame's time in the clip. The public `send` would stamp it with the wall
   * clock, on which the smoothing depends; the inner `h.send` of this frozen package takes a time.
   */
  async find(frame: Frame, milliseconds: number): Promise<Float32Array> {
    const inner = this.engine as unknown as {
      h: { send(input: { image: Frame }, time: number): Promise<void> };
    };
    this.result = undefined;
    await inner.h.send({ image: frame }, milliseconds);
    const landmarks = new Float32Array(NUM_LANDMARKS * 2).fill(NaN);
    const found = this.result as Results | undefined;
    put(landmarks, 0, found?.poseLandmarks);
    put(landmarks, POSE_POINTS, found?.leftHandLandmarks);
    put(landmarks, POSE_POINTS + HAND_POINTS, found?.rightHandLandmarks);
    return landmarks;
  }

  /** Forgets all frames so far. */
  reset(): void {
    this.engine.reset();
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

/** Joins frames into one flat sequence, ready for `Model.predict`. */
export function sequence(frames: Float32Array[]): Float32Array {
  const joined = new Float32Array(frames.length * NUM_LANDMARKS * 2);
  frames.forEach((frame, k) => joined.set(frame, k * NUM_LANDMARKS * 2));
  return joined;
}
