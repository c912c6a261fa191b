/**
 * Some files in one: a ZIP whose files are stored as they are, not compressed (APPNOTE of PKWARE,
 * version 2.0). All numbers are little-endian; after the files comes a list of them:
 *
 *     for each file    u32 0x04034b50, what is common, its name, its bytes
 *     for each file    u32 0x02014b50, u16 version of the writer, what is common,
 *                      u16 length of a remark, u16 disk, u16 and u32 attributes (all 0),
 *                      u32 place of its first part, its name
 *     at the end       u32 0x06054b50, u16 disk, u16 disk of the list (0), u16 files here,
 *                      u16 files, u32 bytes of the list, u32 its place, u16 length of a remark
 *
 * What is common: u16 version of the reader (20), u16 flags (bit 11: names are UTF-8), u16 method
 * (0: stored), u16 time, u16 day, u32 CRC-32, u32 bytes in the ZIP, u32 bytes of the file, u16
 * length of its name, u16 length of an extra field (0).
 */
import { crc32 } from "../runtime/slr";
import { ByteWriter, utf8 } from "./bytes";

export interface Packed {
  /** A path with slashes, within the folder that the ZIP is unpacked into. */
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

const VERSION = 20;
const UTF8_NAMES = 1 << 11;
const STORED = 0;
/** Midnight of 1 January 1980, where this calendar begins: the same files give the same bytes. */
const TIME = 0;
const DAY = (1 << 5) | 1;
const MOST_FILES = 0xffff;
const MOST_BYTES = 0xffffffff;

function writeCommon(writer: ByteWriter, name: Uint8Array, bytes: Uint8Array): void {
  writer.u16(VERSION, UTF8_NAMES, STORED, TIME, DAY);
  writer.u32(crc32(bytes), bytes.length, bytes.length).u16(name.length, 0);
}

/** The bytes of a ZIP; an Error where there are more than such a file can hold. */
export function zip(files: Packed[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const list = new ByteWriter();
  for (const { path, bytes } of files) {
    const name = utf8(path);
    list.u32(0x02014b50).u16(VERSION);
    writeCommon(list, name, bytes);
    list.u16(0, 0, 0).u32(0, writer.length).bytes(name);
    writer.u32(0x04034b50);
    writeCommon(writer, name, bytes);
    writer.bytes(name).bytes(bytes);
  }
  if (files.length > MOST_FILES || writer.length + list.length > MOST_BYTES)
    throw new Error(`A ZIP holds ${MOST_FILES} files and 4 GB at most.`);
  const place = writer.length;
  writer.bytes(list.joined()).u32(0x06054b50).u16(0, 0, files.length, files.length);
  return writer.u32(list.length, place).u16(0).joined();
}
