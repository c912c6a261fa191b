/**
 * A network for images as one WebAssembly file: kernels, weights and, in a section named "about",
 * what the numbers mean (section 13e of the book). Whole numbers from the pixels to the answer.
 */
import { Failure } from "../i18n/failure";

/** What the file says of itself. */
export interface About {
  classes: string[];
  /** Side of the square image in pixels. */
  size: number;
  /** The quantized value of each of the 256 brightnesses of a pixel. */
  codes: number[];
  /** A logit is `(output - zero) * scale`. */
  scale: number;
  zero: number;
  [more: string]: unknown;
}

interface Exports {
  memory: WebAssembly.Memory;
  model_input(): number;
  model_output(): number;
  model_run(): void;
}

const isByte = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= -128 && (value as number) <= 127;

/** The note of a module; a Failure where it has none, or one that does not fit. */
function aboutOf(name: string, module: WebAssembly.Module): About {
  const [section] = WebAssembly.Module.customSections(module, "about");
  let about: Partial<About>;
  try {
    about = JSON.parse(new TextDecoder().decode(section));
  } catch {
    about = {};
  }
  const { classes, codes, size, scale, zero } = about ?? {};
  const fits =
    Array.isArray(classes) && classes.length > 0 && classes.every((x) => typeof x === "string") &&
    Array.isArray(codes) && codes.length === 256 && codes.every(isByte) &&
    Number.isInteger(size) && size! > 0 && size! <= 512 &&
    Number.isFinite(scale) && scale! > 0 && isByte(zero);
  if (!fits) throw new Failure("lettersNote", { name });
  return about as About;
}

/**
 * An image as the square that the network reads: each pixel is the mean of those that it covers,
 * in whole numbers, as OpenCV's INTER_AREA has it.
 */
export function shrink(image: ImageData, size: number): Uint8Array {
  const side = Math.min(image.width, image.height);
  const left = (image.width - side) >> 1;
  const top = (image.height - side) >> 1;
  const square = new Uint8Array(size * size * 3);
  const cover = coverage(side, size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const sums = [0, 0, 0];
      for (const [row, high] of cover[y])
        for (const [column, wide] of cover[x]) {
          const at = ((top + row) * image.width + left + column) * 4;
          for (let c = 0; c < 3; c++) sums[c] += high * wide * image.data[at + c];
        }
      const area = (side / size) ** 2;
      for (let c = 0; c < 3; c++)
        square[(y * size + x) * 3 + c] = Math.floor(sums[c] / area + 0.5);
    }
  return square;
}

/** For each new pixel of a line, which old ones it covers, and how much of each. */
function coverage(side: number, size: number): [number, number][][] {
  return Array.from({ length: size }, (_, k) => {
    const begin = (k * side) / size;
    const end = ((k + 1) * side) / size;
    const covered: [number, number][] = [];
    for (let old = Math.floor(begin); old < end && old < side; old++)
      covered.push([old, Math.min(end, old + 1) - Math.max(begin, old)]);
    return covered;
  });
}

/** A network that is ready: pixels in, probabilities out. */
export class LetterModel {
  private constructor(
    readonly about: About,
    readonly bytes: number,
    private readonly exports: Exports,
  ) {}

  /** Compile a file; a Failure where it is none of ours. */
  static async open(name: string, file: Uint8Array): Promise<LetterModel> {
    const module = await WebAssembly.compile(file as BufferSource).catch(() => {
      throw new Failure("lettersModule", { name });
    });
    const about = aboutOf(name, module);
    const given = WebAssembly.Module.exports(module).map(({ name }) => name);
    const needed = ["memory", "model_input", "model_output", "model_run"];
    if (WebAssembly.Module.imports(module).length || !needed.every((name) => given.includes(name)))
      throw new Failure("lettersOther", { name });
    const { exports } = await WebAssembly.instantiate(module);
    return new LetterModel(about, file.length, exports as unknown as Exports);
  }

  /** The square image of `size` x `size` pixels, RGB, to whole numbers, one for each letter. */
  outputs(square: Uint8Array): Int8Array {
    const { codes, classes } = this.about;
    const { memory, model_input, model_output, model_run } = this.exports;
    new Int8Array(memory.buffer, model_input(), square.length).set(
      Int8Array.from(square, (value) => codes[value]),
    );
    model_run();
    return new Int8Array(memory.buffer, model_output(), classes.length).slice();
  }

  /** The same as probabilities. */
  predict(square: Uint8Array): Float32Array {
    const { scale, zero } = this.about;
    const logits = Array.from(this.outputs(square), (value) => (value - zero) * scale);
    const most = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - most));
    const sum = powers.reduce((a, b) => a + b);
    return Float32Array.from(powers, (power) => power / sum);
  }
}
