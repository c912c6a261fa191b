/** A network for images as one WebAssembly file (section 13e of the book), timed like the others. */
import { LetterModel } from "../runtime/letters";
import { type Contender, frameNumbers, framesOf } from "./model";

/** A WebAssembly module begins with these bytes. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

export function isModule(file: Uint8Array): boolean {
  return MAGIC.every((byte, k) => file[k] === byte);
}

/** What a network is given for a pixel (`to_input` of section 12a), and its way back. */
const brightness = (value: number) => Math.round((value / 4 + 0.5) * 255);

export class LettersContender implements Contender {
  readonly runtime = "its own module";

  private constructor(
    readonly name: string,
    readonly sessionMilliseconds: number,
    private readonly model: LetterModel,
  ) {}

  static async open(name: string, file: Uint8Array): Promise<LettersContender> {
    const start = performance.now();
    const model = await LetterModel.open(name, file);
    return new LettersContender(name, performance.now() - start, model);
  }

  get bytes(): number {
    return this.model.bytes;
  }

  get metadata(): Record<string, unknown> {
    return this.model.about;
  }

  get glosses(): string[] {
    return this.model.about.classes;
  }

  get frame(): number[] {
    return [3, this.model.about.size, this.model.about.size];
  }

  /** One image, colour by colour; the pixels are made before anything is timed. */
  ready(values: Float32Array): () => Promise<Float32Array> {
    const images = framesOf(this, values, frameNumbers(this));
    if (images !== 1) throw new Error(`${this.name} takes one image at a time: give it one.`);
    const { scale, zero, size } = this.model.about;
    const area = size * size;
    const square = Uint8Array.from({ length: 3 * area }, (_, k) =>
      brightness(values[(k % 3) * area + Math.floor(k / 3)]),
    );
    return async () =>
      Float32Array.from(this.model.outputs(square), (value) => (value - zero) * scale);
  }

  endProfiling(): void {} // it takes no notes

  async close(): Promise<void> {} // its memory goes with it
}
