/** Numbers and names in the bytes of a file, for those who walk from part to part of it. */

export type Read = (place: number, count: number) => Promise<Uint8Array<ArrayBuffer>>;

export const number = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
export const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const BLOCK = 1 << 20;

/** Reads a file in large blocks: a walk from part to part asks for a few bytes at a time. */
export function reader(file: Blob): Read {
  let first = 0;
  let block = new Uint8Array(new ArrayBuffer(0));
  return async (place, count) => {
    if (place < first || place + count > first + block.length) {
      block = new Uint8Array(await file.slice(place, place + Math.max(count, BLOCK)).arrayBuffer());
      first = place;
    }
    return block.slice(place - first, place - first + count);
  };
}

/** A number of Matroska, Infinity for "unknown", and how many bytes it takes. */
export async function readVint(read: Read, place: number): Promise<[number, number]> {
  const bytes = await read(place, 8);
  const length = Math.clz32(bytes[0] ?? 0) - 23;
  const value = bytes.slice(0, length);
  value[0] &= (1 << (8 - length)) - 1;
  const unknown =
    value[0] === (1 << (8 - length)) - 1 && value.slice(1).every((byte) => byte === 255);
  return [unknown ? Infinity : number(value), length];
}
