/**
 * MediaPipe Holistic (the legacy JavaScript package) with its files beside the page and time stamps
 * of our choice.
 */
import type {
  Holistic as HolisticClass,
  Results,
  NormalizedLandmarkList,
} from "@mediapipe/holistic";
import { Failure } from "../i18n/failure";
import { SILENCE } from "../runtime/fetching";
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
      const lost = () => {
        script.remove();
        fail(new Failure("fileLost", { what: "MediaPipe Holistic" }));
      };
      script.onerror = lost;
      setTimeout(() => page.Holistic ?? lost(), 1000 * SILENCE);
      document.head.append(script);
    });
  }
  return page.Holistic!;
}

/** MediaPipe fetches its own files, and waits for ever for one that does not come. */
async function loadedInTime(loading: Promise<void>): Promise<void> {
  const seen = () => performance.getEntriesByType("resource").length;
  let timer: ReturnType<typeof setInterval>;
  const late = new Promise<never>((_, fail) => {
    let [files, quiet] = [seen(), 0];
    timer = setInterval(() => {
      quiet = seen() === files ? quiet + 1 : 0;
      files = seen();
      if (quiet > 3 * SILENCE) fail(new Failure("fileLost", { what: "MediaPipe Holistic" }));
    }, 1000);
  });
  try {
    await Promise.race([loading, late]);
  } finally {
    clearInterval(timer!);
  }
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
      await loadedInTime(engine.initialize());
    } catch (error) {
      await engine.close().catch(() => {});
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
