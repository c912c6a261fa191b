/**
 * Where a recording ends that was written live: by a browser (WebM, or MP4 in fragments), a
 * camcorder or a television card (transport stream). It does not know its length, but each of its
 * parts does. A mirror of slr_tiny/pose/live.py; what is incomplete is taken off, so that a reader
 * meets whole frames only.
 */

import { number, type Read, reader, readVint, text } from "./bytes";

export interface Ending {
  /** Whether something is missing for certain. */
  cut: boolean;
  /** The file up to its last whole frame. */
  whole: Blob;
  /** The file without its last image, where only a decoder can say whether that is complete. */
  before?: Blob;
}

/** Name, length and content of an element, and where its length is written. */
async function element(
  read: Read,
  place: number,
): Promise<{ name: number; width: number; length: number; said: number; content: number }> {
  const width = Math.clz32((await read(place, 1))[0] ?? 0) - 23;
  const [length, taken] = await readVint(read, place + width);
  return {
    name: number(await read(place, width)),
    width,
    length,
    said: place + width,
    content: place + width + taken,
  };
}

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;

/** WebM and Matroska; null where the segment knows its length. */
async function elements(read: Read, file: Blob): Promise<Ending | null> {
  const header = await element(read, 0);
  const segment = await element(read, header.content + header.length);
  if (segment.name !== SEGMENT || Number.isFinite(segment.length)) return null;
  let place = segment.content;
  let cluster: { said: number; content: number; end: number } | undefined;
  while (place < file.size) {
    const { name, width, length, said, content } = await element(read, place);
    if (width > 4) return { cut: false, whole: file }; // no element: padding behind the recording
    if (name === CLUSTER) cluster = { said, content, end: content + length };
    const after = name === CLUSTER || !Number.isFinite(length) ? content : content + length;
    if (after > file.size) break;
    place = after;
  }
  if (place >= file.size) return { cut: false, whole: file };
  if (!cluster || cluster.content > place || cluster.end <= place)
    return { cut: true, whole: file.slice(0, place) };
  // The last cluster says to be longer than it is: its length is written anew, in as many bytes.
  const length = new Uint8Array(cluster.content - cluster.said);
  for (
    let k = length.length - 1, rest = place - cluster.content;
    k >= 0;
    k--, rest = Math.floor(rest / 256)
  )
    length[k] = rest % 256;
  length[0] |= 1 << (8 - length.length);
  return {
    cut: true,
    whole: new Blob([file.slice(0, cluster.said), length, file.slice(cluster.content, place)]),
  };
}

interface Box {
  name: string;
  content: number;
  end: number;
}

/** The boxes within a stretch of bytes. */
function boxesIn(bytes: DataView, place: number, end: number): Box[] {
  const found: Box[] = [];
  while (place + 8 <= end) {
    const length = bytes.getUint32(place);
    if (length < 8) break;
    const name = text(new Uint8Array(bytes.buffer, bytes.byteOffset + place + 4, 4));
    found.push({ name, content: place + 8, end: Math.min(end, place + length) });
    place += length;
  }
  return found;
}

const inside = (bytes: DataView, box: Box, name: string) =>
  boxesIn(bytes, box.content, box.end).filter((inner) => inner.name === name);

/** Bytes of a frame, by track, where a fragment does not say. */
function usualSizes(moov: DataView): Map<number, number> {
  const extends_ = boxesIn(moov, 8, moov.byteLength)
    .filter(({ name }) => name === "mvex")
    .flatMap((box) => inside(moov, box, "trex"));
  return new Map(
    extends_.map(({ content }) => [moov.getUint32(content + 4), moov.getUint32(content + 16)]),
  );
}

/**
 * Shortens the tables of a fragment to the frames that are all there, and says how many these are.
 */
function shorten(moof: DataView, place: number, size: number, usual: Map<number, number>): number {
  let kept = 0;
  for (const track of boxesIn(moof, 8, moof.byteLength).filter(({ name }) => name === "traf")) {
    const [{ content }] = inside(moof, track, "tfhd");
    const flags = moof.getUint32(content);
    const based = (flags & 1) > 0;
    const skipped = content + 8 + (based ? 8 : 0) + (flags & 2 ? 4 : 0) + (flags & 8 ? 4 : 0);
    const usually =
      flags & 16 ? moof.getUint32(skipped) : (usual.get(moof.getUint32(content + 4)) ?? 0);
    const base = based ? Number(moof.getBigUint64(content + 8)) : place;
    let at = base;
    for (const { content: run } of inside(moof, track, "trun")) {
      const has = moof.getUint32(run);
      const frames = moof.getUint32(run + 4);
      if (has & 1) at = base + moof.getInt32(run + 8);
      const row = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => has & bit).length;
      const length = run + 8 + (has & 1 ? 4 : 0) + (has & 4 ? 4 : 0) + (has & 0x100 ? 4 : 0);
      let whole = 0;
      for (; whole < frames; whole++) {
        const next = at + (has & 0x200 ? moof.getUint32(length + whole * row) : usually);
        if (next > size) break;
        at = next;
      }
      if (whole < frames) at = Infinity; // nothing that follows is there
      moof.setUint32(run + 4, whole);
      kept += whole;
    }
  }
  return kept;
}

/** MP4 in fragments; null for a file with one table of all frames. */
async function fragments(read: Read, file: Blob): Promise<Ending | null> {
  let place = 0;
  let last: { place: number; bytes: DataView } | undefined;
  let usual = new Map<number, number>();
  while (place + 8 <= file.size) {
    const name = text(await read(place + 4, 4));
    let length = number(await read(place, 4));
    if (length === 1) length = number(await read(place + 8, 8));
    if (length < 8 || !/^[a-z0-9]{4}$/i.test(name))
      return last ? { cut: false, whole: file } : null; // until the end, or padding
    if (place + length > file.size) break;
    const bytes = async () => new DataView((await read(place, length)).buffer);
    if (name === "moov") usual = usualSizes(await bytes());
    if (name === "moof") last = { place, bytes: await bytes() };
    place += length;
  }
  if (!last) return null;
  if (place >= file.size) return { cut: false, whole: file };
  const { place: start, bytes } = last;
  // the frames of the last fragment are all there
  if (place > start + bytes.byteLength) return { cut: true, whole: file.slice(0, place) };
  const kept = shorten(bytes, start, file.size, usual);
  if (!kept) return { cut: true, whole: file.slice(0, start) };
  return {
    cut: true,
    whole: new Blob([
      file.slice(0, start),
      bytes.buffer as ArrayBuffer,
      file.slice(start + bytes.byteLength),
    ]),
  };
}

const REACH = 1 << 24; // bytes before a file's end in which its last image is looked for

/** What a parcel of a transport stream carries. */
function payload(parcel: Uint8Array): Uint8Array {
  const control = (parcel[3] >> 4) & 3;
  return control & 1 ? parcel.slice(control === 1 ? 4 : 5 + parcel[4]) : new Uint8Array();
}

/** A transport stream. */
async function parcels(file: Blob, lead: number): Promise<Ending> {
  const parcel = 188 + lead;
  const whole = file.size - (file.size % parcel);
  const start = Math.max(0, whole - REACH + (REACH % parcel));
  const tail = new Uint8Array(await file.slice(start, file.size).arrayBuffer());
  const missing = tail[whole - start + lead] === 0x47;
  const carried = new Map<number, number>();
  for (let place = whole - start - parcel; place >= 0; place -= parcel) {
    const data = tail.subarray(place + lead, place + lead + 188);
    if (data[0] !== 0x47) break; // something else lies behind the recording
    const stream = ((data[1] & 31) << 8) | data[2];
    const content = payload(data);
    carried.set(stream, (carried.get(stream) ?? 0) + content.length);
    if (!(data[1] & 0x40) || number(content.slice(0, 3)) !== 1 || content[3] >> 4 !== 14) continue;
    const announced = number(content.slice(4, 6)); // 0 where an image has any length
    const before = file.slice(0, start + place);
    const cut = missing || (announced > 0 && carried.get(stream)! < announced + 6);
    return cut ? { cut, whole: before } : { cut, whole: file, before };
  }
  return { cut: false, whole: file };
}

/**
 * Where a live recording ends; null for a file that says itself how long it is, and for one of
 * another format.
 */
export async function findEnding(file: Blob): Promise<Ending | null> {
  const read = reader(file);
  const head = await read(0, 256);
  if (["ftyp", "moov", "styp", "moof"].includes(text(head.slice(4, 8))))
    return fragments(read, file);
  if (number(head.slice(0, 4)) === 0x1a45dfa3) return elements(read, file);
  if (head[0] === 0x47 && head[188] === 0x47) return parcels(file, 0);
  if (head[4] === 0x47 && head[196] === 0x47) return parcels(file, 4);
  return null;
}
