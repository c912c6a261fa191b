/**
 * A network for sentences, whatever runs it: some frames at a time, and what it remembers between
 * them. A mirror of `FileStream` in slr_tiny/web/streaming.py.
 */
import { Failure } from "../i18n/failure";
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import type { StreamNotes } from "./stream_notes";

/** Numbers of a frame. */
const FRAME_NUMBERS = 2 * NUM_LANDMARKS;

export abstract class FileStream {
  private waiting: Float32Array[] = [];
  /** What runs it: a build of our own runtime, or `onnxruntime-web`. */
  abstract readonly runtime: string;

  protected constructor(
    readonly name: string,
    readonly bytes: number,
    readonly notes: StreamNotes,
  ) {}

  /** Forgets what was seen. */
  protected abstract forget(): void;
  /** Logits of some steps, flat, for as many frames as the network takes at a time. */
  protected abstract answer(landmarks: Float32Array): Float32Array | Promise<Float32Array>;
  abstract dispose(): Promise<void>;

  /** Forgets all frames. */
  restart(): void {
    this.waiting = [];
    this.forget();
  }

  /** The answers to the frames that wait. */
  private async step(): Promise<Float32Array[]> {
    const { frames, stride, glosses } = this.notes;
    const landmarks = new Float32Array(frames * FRAME_NUMBERS);
    this.waiting.forEach((frame, k) => landmarks.set(frame, k * FRAME_NUMBERS));
    this.waiting = [];
    const [flat, width] = [await this.answer(landmarks), glosses.length + 1];
    if (!flat.every(Number.isFinite)) throw new Failure("noProbabilities", { name: this.name });
    const steps = frames / stride;
    return Array.from({ length: steps }, (_, k) => flat.slice(k * width, (k + 1) * width));
  }

  /** One frame more (75 x 2, NaN = missing): the answers that are complete now. */
  async push(frame: Float32Array): Promise<Float32Array[]> {
    if (frame.length !== FRAME_NUMBERS)
      throw new Failure("noLandmarks", { points: NUM_LANDMARKS, numbers: frame.length });
    this.waiting.push(frame);
    return this.waiting.length === this.notes.frames ? this.step() : [];
  }

  /** The end of what was signed: the last answers; the stream begins anew. */
  async finish(): Promise<Float32Array[]> {
    const { stride, lookAhead } = this.notes;
    const steps = Math.ceil((this.waiting.length + lookAhead) / stride);
    const nobody = new Float32Array(FRAME_NUMBERS).fill(NaN);
    const found: Float32Array[] = [];
    while (found.length < steps) found.push(...(await this.push(nobody)));
    this.restart();
    return found.slice(0, steps);
  }
}
