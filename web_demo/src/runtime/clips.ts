/**
 * Landmarks of many clips in one file, `receipt.bin` (section 11e of the book has the layout): a
 * header, the frames of each clip, and coordinates as whole numbers of 16 bits.
 */
import { NUM_LANDMARKS } from "../landmarks/landmarks";

const MAGIC = [0x89, 0x52, 0x45, 0x43, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER_BYTES = 28;
const FRAME_NUMBERS = 2 * NUM_LANDMARKS;
const MISSING = -32768;
const FINEST = 1 << 14;
export const VERSION = 1;

/** The version of the layout; undefined where this is another file. */
export function clipsVersion(file: Uint8Array): number | undefined {
  const ours = file.length >= HEADER_BYTES && MAGIC.every((byte, k) => file[k] === byte);
  return ours ? new DataView(file.buffer, file.byteOffset).getUint32(8, true) : undefined;
}

/** The clips of a file that was looked at. */
export class Clips {
  private constructor(
    private readonly view: DataView,
    /** Where each clip begins, and after the last one where it ends, in bytes. */
    private readonly places: number[],
    private readonly scale: number,
  ) {}

  /** Undefined where the file is not of this layout, or not whole. */
  static read(file: Uint8Array): Clips | undefined {
    if (clipsVersion(file) !== VERSION) return undefined;
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const [count, frames, landmarks, scale] = [12, 16, 20, 24].map((at) => view.getUint32(at, true));
    const begin = HEADER_BYTES + 4 * count;
    const power = scale > 0 && scale <= FINEST && (scale & (scale - 1)) === 0;
    const right = landmarks === NUM_LANDMARKS && power && count > 0;
    if (!right || begin + 2 * FRAME_NUMBERS * frames !== file.length) return undefined;
    const places = [begin];
    for (let k = 0; k < count; k++) {
      const own = view.getUint32(HEADER_BYTES + 4 * k, true);
      if (!own) return undefined;
      places.push(places[k] + 2 * FRAME_NUMBERS * own);
    }
    return places[count] === file.length ? new Clips(view, places, scale) : undefined;
  }

  get count(): number {
    return this.places.length - 1;
  }

  /** A clip: frames x 75 x 2, flat, NaN = missing. The scale is a power of two: nothing is rounded. */
  clip(k: number): Float32Array {
    const [begin, end] = [this.places[k], this.places[k + 1]];
    return Float32Array.from({ length: (end - begin) / 2 }, (_, n) => {
      const code = this.view.getInt16(begin + 2 * n, true);
      return code === MISSING ? NaN : code / this.scale;
    });
  }
}
