/** A network for sentences, timed like the others: a whole sentence is one prediction. */
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import type { FileStream } from "../runtime/stream";
import { type Contender, frameNumbers, framesOf } from "./model";

export class StreamContender implements Contender {
  readonly frame = [NUM_LANDMARKS, 2];

  private constructor(
    private readonly stream: FileStream,
    readonly sessionMilliseconds: number,
  ) {}

  static async open(opening: Promise<FileStream>): Promise<StreamContender> {
    const start = performance.now();
    return new StreamContender(await opening, performance.now() - start);
  }

  get name(): string {
    return this.stream.name;
  }

  get bytes(): number {
    return this.stream.bytes;
  }

  get metadata(): Record<string, unknown> {
    return this.stream.notes.metadata;
  }

  get glosses(): string[] {
    return this.stream.notes.glosses;
  }

  get runtime(): string {
    return this.stream.runtime;
  }

  /** The logits of all steps of a sentence, one after the other. */
  ready(values: Float32Array): () => Promise<Float32Array> {
    const [frames, numbers] = [framesOf(this, values, frameNumbers(this)), frameNumbers(this)];
    const parts = Array.from({ length: frames }, (_, k) =>
      values.slice(k * numbers, (k + 1) * numbers),
    );
    return async () => {
      this.stream.restart();
      const rows: Float32Array[] = [];
      for (const part of parts) rows.push(...(await this.stream.push(part)));
      rows.push(...(await this.stream.finish()));
      const logits = new Float32Array(rows.length * rows[0].length);
      rows.forEach((row, k) => logits.set(row, k * row.length));
      return logits;
    };
  }

  endProfiling(): void {} // it takes no notes

  close(): Promise<void> {
    return this.stream.dispose();
  }
}
