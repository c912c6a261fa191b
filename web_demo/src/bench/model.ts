/**
 * Any ONNX model that takes one clip of floats, frames first: ours (landmarks) and the bare ones of
 * the comparison (keypoints).
 */
import * as ort from "onnxruntime-web/wasm";
import { NoModel, readMetadata } from "../runtime/model";

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

export class TimedModel {
  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly metadata: Record<string, string>,
    /** Sizes of the input after the number of frames, such as 54 x 2. */
    readonly frame: number[],
    /**
     * Milliseconds that the runtime needed to make a session of the bytes (for the first model: and
     * to start itself).
     */
    readonly sessionMilliseconds: number,
    private readonly session: ort.InferenceSession,
  ) {}

  static async open(name: string, file: Uint8Array, enableProfiling = false): Promise<TimedModel> {
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
    return new TimedModel(name, file.byteLength, metadata, frame, spent, session);
  }

  static async fetch(name: string, url: string, enableProfiling = false): Promise<TimedModel> {
    const response = await fetch(url).catch(() => undefined);
    if (!response?.ok)
      throw new NoModel(
        `${url} was not found (${response?.status ?? "no answer"}): choose a model file.`,
      );
    return TimedModel.open(name, new Uint8Array(await response.arrayBuffer()), enableProfiling);
  }

  /** Numbers in one frame. */
  get size(): number {
    return this.frame.reduce((a, b) => a * b);
  }

  /**
   * One clip as the runtime wants it; a turn makes it once, so that only the prediction is timed.
   */
  clip(values: Float32Array): ort.Tensor {
    const frames = values.length / this.size;
    if (!Number.isInteger(frames) || frames < 1) {
      throw new Error(
        `${this.name} takes frames x ${this.frame.join(" x ")} numbers, but there are ` +
          `${values.length}: give it clips of its own kind.`,
      );
    }
    return new ort.Tensor("float32", values, [frames, ...this.frame]);
  }

  async run(clip: ort.Tensor): Promise<Float32Array> {
    const output = await this.session.run({ [this.session.inputNames[0]]: clip });
    return output[this.session.outputNames[0]].data as Float32Array;
  }

  /** Prints what the runtime noted of each operator to the console. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
