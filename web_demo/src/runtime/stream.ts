/**
 * A network for sentences in onnxruntime-web: a step of some frames, and the state that is handed
 * on. A mirror of `OnnxStream` in slr_tiny/web/streaming.py. Whoever imports this file fetches ONNX
 * Runtime with it.
 */
import * as ort from "onnxruntime-web/wasm";
import { Failure } from "../i18n/failure";
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import { createSession, readMetadata } from "./model";
import { checkedNotes, type StreamNotes } from "./stream_notes";

const NUMBERS = 2 * NUM_LANDMARKS;
const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

export class OnnxStream {
  private state: ort.Tensor[] = [];
  private waiting: Float32Array[] = [];

  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly notes: StreamNotes,
    private readonly session: ort.InferenceSession,
  ) {
    this.restart();
  }

  /** Opens a network from the bytes of its file; one sentence says what is wrong with another. */
  static async open(name: string, file: Uint8Array, onBytes?: () => void): Promise<OnnxStream> {
    if (!file.length) throw new Failure("emptyModel", { name });
    let found: Record<string, string>;
    try {
      found = readMetadata(file);
    } catch {
      throw new Failure("noModelFile", { name });
    }
    const notes = checkedNotes(name, found);
    const session = await createSession(name, file, onBytes);
    return new OnnxStream(name, file.byteLength, notes, session);
  }

  /** Forgets all frames. */
  restart(): void {
    const { states } = this.notes;
    this.waiting = [];
    this.state = states.map((shape, k) =>
      k < states.length - 1
        ? new ort.Tensor("float32", new Float32Array(product(shape)), shape)
        : new ort.Tensor("int64", new BigInt64Array(product(shape)), shape),
    );
  }

  private refuse = () => new Failure("streamShapes", { name: this.name });

  /** The answers to the frames that wait, which are as many as the graph takes. */
  private async step(): Promise<Float32Array[]> {
    const { frames, stride, glosses } = this.notes;
    const landmarks = new Float32Array(frames * NUMBERS);
    this.waiting.forEach((frame, k) => landmarks.set(frame, k * NUMBERS));
    this.waiting = [];
    const feeds: Record<string, ort.Tensor> = {
      landmarks: new ort.Tensor("float32", landmarks, [frames, NUM_LANDMARKS, 2]),
    };
    this.state.forEach((value, k) => (feeds[`state_${k}`] = value));
    const found = await this.session.run(feeds).catch(() => undefined);
    const { logits } = found ?? {};
    const steps = frames / stride;
    if (!found || logits?.type !== "float32") throw this.refuse();
    const flat = logits.data as Float32Array;
    if (flat.length !== steps * (glosses.length + 1)) throw this.refuse();
    if (!flat.every(Number.isFinite)) throw new Failure("noProbabilities", { name: this.name });
    this.state = this.state.map((before, k) => {
      const after = found[`next_state_${k}`];
      if (after?.type !== before.type || String(after.dims) !== String(before.dims))
        throw this.refuse();
      return after;
    });
    return Array.from({ length: steps }, (_, k) =>
      flat.slice(k * (glosses.length + 1), (k + 1) * (glosses.length + 1)),
    );
  }

  /** One frame more (75 x 2, NaN = missing): the answers that are complete now. */
  async push(frame: Float32Array): Promise<Float32Array[]> {
    if (frame.length !== NUMBERS)
      throw new Failure("noLandmarks", { points: NUM_LANDMARKS, numbers: frame.length });
    this.waiting.push(frame);
    return this.waiting.length === this.notes.frames ? this.step() : [];
  }

  /** The end of what was signed: the last answers; the stream begins anew. */
  async finish(): Promise<Float32Array[]> {
    const { stride, lookAhead } = this.notes;
    const steps = Math.ceil((this.waiting.length + lookAhead) / stride);
    const nobody = new Float32Array(NUMBERS).fill(NaN);
    const found: Float32Array[] = [];
    while (found.length < steps) found.push(...(await this.push(nobody)));
    this.restart();
    return found.slice(0, steps);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}
