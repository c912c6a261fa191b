/**
 * Any ONNX model that takes one clip of floats, frames first: ours (landmarks) and the bare ones of
 * the comparison (keypoints).
 */
import * as ort from "onnxruntime-web/wasm";
import { readMetadata } from "../runtime/model";

/** A model that is timed, whatever runs it. */
export interface Contender {
  readonly name: string;
  readonly bytes: number;
  readonly metadata: Record<string, unknown>;
  readonly glosses: string[];
  /** Sizes of the input after the number of frames, such as 54 x 2. */
  readonly frame: number[];
  /** What runs it: `onnxruntime-web`, or a build of our own runtime. */
  readonly runtime: string;
  /**
   * Milliseconds from the bytes to a model that is ready (for the first one: and to start its
   * runtime).
   */
  readonly sessionMilliseconds: number;
  /** A prediction that only has to be made: the clip is prepared before anything is timed. */
  ready(values: Float32Array, points?: number): () => Promise<Float32Array>;
  /** Prints what the runtime noted of each operator to the console. */
  endProfiling(): void;
  close(): Promise<void>;
}

/** Numbers in one frame. */
export function frameNumbers(model: Contender): number {
  return model.frame.reduce((a, b) => a * b);
}

/** The frames of a clip; says in one sentence what is wrong with another number of numbers. */
export function framesOf(model: Contender, values: Float32Array, numbers: number): number {
  const frames = values.length / numbers;
  if (Number.isInteger(frames) && frames >= 1) return frames;
  throw new Error(
    `${model.name} takes frames x ${model.frame.join(" x ")} numbers, but there are ` +
      `${values.length}: give it clips of its own kind.`,
  );
}

/**
 * The size of one frame: a product of the dimensions after the first, all of which the file must
 * say.
 */
function frameSize(name: string, shape: readonly (number | string)[]): number[] {
  const rest = shape.slice(1);
  if (!rest.length || rest.some((size) => typeof size !== "number" || size < 1)) {
    throw new Error(
      `${name} takes an input of the shape [${shape.join(", ")}]: choose a model that takes ` +
        "frames x points x 2 numbers.",
    );
  }
  return rest as number[];
}

/** Whether a graph is one step of a network for sentences. */
export function isOnnxStream(file: Uint8Array): boolean {
  try {
    return "states" in readMetadata(file);
  } catch {
    return false;
  }
}

export class OnnxContender implements Contender {
  readonly runtime = "onnxruntime-web";

  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly metadata: Record<string, string>,
    readonly frame: number[],
    readonly sessionMilliseconds: number,
    private readonly session: ort.InferenceSession,
  ) {}

  static async open(
    name: string,
    file: Uint8Array,
    enableProfiling = false,
  ): Promise<OnnxContender> {
    let metadata: Record<string, string>;
    try {
      metadata = readMetadata(file);
    } catch {
      throw new Error(`${name} is not an ONNX file: choose a file that a run of the book wrote.`);
    }
    const start = performance.now();
    const session = await ort.InferenceSession.create(file, {
      executionProviders: ["wasm"],
      enableProfiling,
    }).catch(() => undefined);
    if (!session)
      throw new Error(
        `${name} is not an ONNX file that the runtime can read: copy it again from the run, or ` +
          "choose another one.",
      );
    const spent = performance.now() - start;
    const [input] = session.inputMetadata;
    const frame = frameSize(name, input?.isTensor ? input.shape : []);
    return new OnnxContender(name, file.byteLength, metadata, frame, spent, session);
  }

  get glosses(): string[] {
    return JSON.parse(this.metadata.glosses ?? "[]");
  }

  ready(values: Float32Array): () => Promise<Float32Array> {
    const frames = framesOf(this, values, frameNumbers(this));
    const clip = new ort.Tensor("float32", values, [frames, ...this.frame]);
    return async () => {
      const output = await this.session.run({ [this.session.inputNames[0]]: clip });
      return output[this.session.outputNames[0]].data as Float32Array;
    };
  }

  endProfiling(): void {
    this.session.endProfiling();
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
