/**
 * A model file of our own runtime, read and run. The layout is that of `slr_tiny.deploy.wasm`
 * (section 8e of the book): a header of 64 bytes, steps, weights, and metadata as JSON.
 */
import type { Answer, RuntimeModel, WorkingPoint } from "./answer";
import { CHOOSE, answerOf, workingPoint } from "./answer";
import { bestBuild, type Build, moduleOf } from "./builds";

const MAGIC = [0x89, 0x53, 0x4c, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const VERSION = 1;
const HEADER_BYTES = 64;
const STEP_BYTES = 80;
const FRAME_FLOATS = 75 * 2;
const MOST_FLOATS = 64 << 20; // of the arena

/** Where the numbers of the header stand. */
const FIELD = {
  version: 8,
  crc32: 12,
  steps: 16,
  weightBytes: 20,
  metadataBytes: 24,
  arenaFloats: 28,
  maxFrames: 32,
  classes: 40,
  known: 44,
};
type Header = Record<keyof typeof FIELD, number>;

/** What the module answers when it looked at a file: the reasons of `csrc/wasm/model.h`. */
const REASONS = [
  "",
  "is not a model of our runtime",
  "has another version of the layout",
  "is cut off",
  "has sizes that no model of ours has",
  "has a step that leaves its memory",
];

interface Exports {
  memory: WebAssembly.Memory;
  file_address(): number;
  load(bytes: number): number;
  input(): number;
  output(): number;
  predict(frames: number): void;
}

export function isSlr(file: Uint8Array): boolean {
  return file.length >= HEADER_BYTES && MAGIC.every((byte, k) => file[k] === byte);
}

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** CRC-32, as ZIP and PNG have it. */
export function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (let k = 0; k < bytes.length; k++) sum = TABLE[(sum ^ bytes[k]) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}

function broken(name: string, what: string): Error {
  return new Error(`${name} ${what}: ${CHOOSE}`);
}

/** The header, if it fits the file. */
function readHeader(name: string, file: Uint8Array): Header {
  if (!isSlr(file)) throw broken(name, REASONS[1]);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const header = Object.fromEntries(
    Object.entries(FIELD).map(([field, at]) => [field, view.getUint32(at, true)]),
  ) as Header;
  if (header.version !== VERSION)
    throw new Error(
      `${name} has version ${header.version} of the layout, and this page reads version ` +
        `${VERSION}: load the page anew, or export the model again.`,
    );
  const body = header.steps * STEP_BYTES + header.weightBytes + header.metadataBytes;
  if (HEADER_BYTES + body !== file.length) throw broken(name, REASONS[3]);
  if (crc32(file.subarray(16)) !== header.crc32) throw broken(name, "is damaged");
  if (header.arenaFloats > MOST_FLOATS) throw broken(name, REASONS[4]);
  return header;
}

function readNotes(name: string, file: Uint8Array, header: Header): Record<string, unknown> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true });
    const notes = JSON.parse(text.decode(file.subarray(file.length - header.metadataBytes)));
    const glosses: unknown = notes.glosses;
    if (Array.isArray(glosses) && glosses.length === header.classes)
      if (glosses.every((gloss) => typeof gloss === "string" && gloss)) return notes;
  } catch {
    // the sentence below
  }
  throw broken(name, "does not name its glosses");
}

function readPoint(name: string, notes: Record<string, unknown>, header: Header) {
  try {
    return workingPoint(notes.working_point, header.known > 0);
  } catch {
    throw broken(name, "has a working point that is not one of ours");
  }
}

/** An instance with room for the file and its arena; its memory never grows afterwards. */
async function instantiate(name: string, header: Header, bytes: number, build: Build) {
  const instance = await WebAssembly.instantiate(await moduleOf(build));
  const program = instance.exports as unknown as Exports;
  const end = program.file_address() + bytes + 16 + 4 * header.arenaFloats;
  const pages = Math.ceil((end - program.memory.buffer.byteLength) / 65536);
  try {
    if (pages > 0) program.memory.grow(pages);
  } catch {
    throw new Error(`${name} needs more memory than this browser gives: choose a smaller model.`);
  }
  return program;
}

/** A model that our runtime runs. */
export class SlrModel implements RuntimeModel {
  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly metadata: Record<string, unknown>,
    readonly runtime: Build,
    private readonly header: Header,
    private readonly point: WorkingPoint | undefined,
    private program: Exports | undefined,
  ) {}

  get maxFrames(): number {
    return this.header.maxFrames;
  }

  get glosses(): string[] {
    return this.metadata.glosses as string[];
  }

  static async open(name: string, file: Uint8Array, build = bestBuild()): Promise<SlrModel> {
    const header = readHeader(name, file);
    const notes = readNotes(name, file, header);
    const point = readPoint(name, notes, header);
    const program = await instantiate(name, header, file.length, build);
    new Uint8Array(program.memory.buffer).set(file, program.file_address());
    const reason = program.load(file.length);
    if (reason) throw broken(name, REASONS[reason] ?? "is damaged");
    return new SlrModel(name, file.length, notes, build, header, point, program);
  }

  /** The same as `predict`, without a promise: it only computes. */
  run(landmarks: Float32Array): Float32Array {
    const frames = landmarks.length / FRAME_FLOATS;
    if (!this.program) throw new Error(`${this.name} was closed: open it again.`);
    if (!Number.isInteger(frames) || frames < 1 || frames > this.maxFrames)
      throw new Error(
        `${this.name} takes 1 to ${this.maxFrames} frames of 75 x 2 numbers, but there are ` +
          `${landmarks.length} numbers: shorten the clip.`,
      );
    const { memory, input, output, predict } = this.program;
    new Float32Array(memory.buffer, input(), landmarks.length).set(landmarks);
    predict(frames);
    return new Float32Array(memory.buffer, output(), this.header.classes).slice();
  }

  /** How well the last clip is known; undefined where the file has no score, and before a clip. */
  get score(): number | undefined {
    if (!this.program || !this.header.known) return undefined;
    const { memory, output } = this.program;
    return new Float32Array(memory.buffer, output() + 4 * this.header.known, 1)[0];
  }

  async predict(landmarks: Float32Array): Promise<Float32Array> {
    return this.run(landmarks);
  }

  async answer(landmarks: Float32Array): Promise<Answer> {
    return answerOf(this.run(landmarks), this.point, this.score);
  }

  /** Bytes of the memory that the model holds: the program, the file, the arena. */
  get memoryBytes(): number {
    return this.program?.memory.buffer.byteLength ?? 0;
  }

  async dispose(): Promise<void> {
    this.program = undefined;
  }
}
