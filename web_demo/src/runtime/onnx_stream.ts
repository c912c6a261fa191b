/**
 * A network for sentences in onnxruntime-web: what it remembers goes in with the frames and comes
 * out with the answers. A mirror of `OnnxStream` in slr_tiny/web/streaming.py. Whoever imports this
 * file fetches ONNX Runtime with it.
 */
import * as ort from "onnxruntime-web/wasm";
import { Failure } from "../i18n/failure";
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import { createSession, readMetadata } from "./model";
import { FileStream } from "./stream";
import { checkedNotes, checkedStates, parsed, type StreamNotes } from "./stream_notes";

const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

export class OnnxStream extends FileStream {
  readonly runtime = "onnxruntime-web";
  private state: ort.Tensor[] = [];

  private constructor(
    name: string,
    bytes: number,
    notes: StreamNotes,
    /** Shapes of what it remembers; the last one counts steps. */
    private readonly shapes: number[][],
    private readonly session: ort.InferenceSession,
  ) {
    super(name, bytes, notes);
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
    const said = parsed(found);
    const [notes, shapes] = [checkedNotes(name, said), checkedStates(name, said)];
    const session = await createSession(name, file, onBytes);
    const opened = new OnnxStream(name, file.byteLength, notes, shapes, session);
    opened.restart();
    return opened;
  }

  protected forget(): void {
    this.state = this.shapes.map((shape, k) =>
      k < this.shapes.length - 1
        ? new ort.Tensor("float32", new Float32Array(product(shape)), shape)
        : new ort.Tensor("int64", new BigInt64Array(product(shape)), shape),
    );
  }

  private refuse = () => new Failure("streamShapes", { name: this.name });

  protected async answer(landmarks: Float32Array): Promise<Float32Array> {
    const { frames, stride, glosses } = this.notes;
    const feeds: Record<string, ort.Tensor> = {
      landmarks: new ort.Tensor("float32", landmarks, [frames, NUM_LANDMARKS, 2]),
    };
    this.state.forEach((value, k) => (feeds[`state_${k}`] = value));
    const found = await this.session.run(feeds).catch(() => undefined);
    const { logits } = found ?? {};
    if (!found || logits?.type !== "float32") throw this.refuse();
    const flat = logits.data as Float32Array;
    if (flat.length !== (frames / stride) * (glosses.length + 1)) throw this.refuse();
    this.state = this.state.map((before, k) => {
      const after = found[`next_state_${k}`];
      if (after?.type !== before.type || String(after.dims) !== String(before.dims))
        throw this.refuse();
      return after;
    });
    return flat;
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}
