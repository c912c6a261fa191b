/**
 * Whether a video file ends where its outermost parts say that it ends: in bytes, for what a file
 * announces about its frames is often wrong.
 */

import { number, type Read, reader, readVint, text } from "./bytes";

/** MP4 and QuickTime: the end of the last box. */
async function boxes(read: Read, size: number): Promise<number> {
  let place = 0;
  while (place + 8 <= size) {
    let length = number(await read(place, 4));
    if (length === 1) length = number(await read(place + 8, 8));
    if (length === 0) return size; // until the end, whatever it is
    // padding behind the boxes
    if (length < 8 || !/^[a-z0-9]{4}$/i.test(text(await read(place + 4, 4)))) return place;
    place += length;
  }
  return place;
}

/**
 * Matroska and WebM: the end of the segment; a recording of a browser does not know it, and nothing
 * can be missing.
 */
async function segment(read: Read): Promise<number> {
  const [header, taken] = await readVint(read, 4);
  const place = 4 + taken + header;
  if (number(await read(place, 4)) !== 0x18538067) return 0;
  const [length, more] = await readVint(read, place + 4);
  return Number.isFinite(length) ? place + 4 + more + length : 0;
}

/**
 * How many bytes a file lacks; 0 for a whole one, and where its format does not say how long it is.
 */
export async function missingBytes(file: Blob): Promise<number> {
  const read = reader(file);
  const head = await read(0, 8);
  let end = 0;
  if (["ftyp", "moov", "mdat", "wide", "free", "skip", "styp"].includes(text(head.slice(4))))
    end = await boxes(read, file.size);
  if (number(head.slice(0, 4)) === 0x1a45dfa3) end = await segment(read);
  return Math.max(0, end - file.size);
}
