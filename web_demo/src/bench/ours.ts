/** A model file of our own runtime, timed like the others. */
import { keypoints } from "../../../data/landmarks.json";
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import type { Build } from "../runtime/builds";
import { SlrModel } from "../runtime/slr";
import { type Contender, framesOf } from "./model";

/** Keypoints put where a model that is given landmarks looks for them; the neck it computes. */
function asLandmarks(values: Float32Array, frames: number): Float32Array {
  const landmarks = new Float32Array(frames * NUM_LANDMARKS * 2);
  keypoints.forEach(({ landmark }, point) => {
    if (typeof landmark !== "number") return;
    for (let frame = 0; frame < frames; frame++)
      for (const axis of [0, 1])
        landmarks[2 * (frame * NUM_LANDMARKS + landmark) + axis] =
          values[2 * (frame * keypoints.length + point) + axis];
  });
  return landmarks;
}

export class SlrContender implements Contender {
  readonly frame = [NUM_LANDMARKS, 2];

  private constructor(
    private readonly model: SlrModel,
    readonly sessionMilliseconds: number,
  ) {}

  static async open(name: string, file: Uint8Array, build?: Build): Promise<SlrContender> {
    const start = performance.now();
    const model = await SlrModel.open(name, file, build);
    return new SlrContender(model, performance.now() - start);
  }

  get name(): string {
    return this.model.name;
  }

  get bytes(): number {
    return this.model.bytes;
  }

  get metadata(): Record<string, unknown> {
    return this.model.metadata;
  }

  get glosses(): string[] {
    return this.model.glosses;
  }

  get runtime(): Build {
    return this.model.runtime;
  }

  /** Of landmarks, or of keypoints (`points` = 54), which the other files take. */
  ready(values: Float32Array, points = NUM_LANDMARKS): () => Promise<Float32Array> {
    const frames = framesOf(this, values, 2 * points);
    const clip = points === keypoints.length ? asLandmarks(values, frames) : values;
    return () => this.model.predict(clip);
  }

  endProfiling(): void {} // it takes no notes

  close(): Promise<void> {
    return this.model.dispose();
  }
}
