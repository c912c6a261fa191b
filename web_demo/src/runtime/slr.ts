/**
 * A model file of our own runtime, read and run. The layout is that of `slr_tiny.deploy.wasm`
 * (section 8e of the book): a header of 64 bytes, steps, weights, and metadata as JSON.
 */
import type { Key } from "../i18n/en";
import { Failure } from "../i18n/failure";
import type { Answer, RuntimeModel, WorkingPoint } from "./answer";
import { answerOf, checkedGlosses, workingPoint } from "./answer";
import { bestBuild, type Build, moduleOf } from "./builds";

const MAGIC = [0x89, 0x53, 0x4c, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const VERSION = 1;
const HEADER_BYTES = 64;
const STEP_BYTES = 80;
const FRAME_FLOATS = 75 * 2;
const PRODUCTS = [7, 8]; // in floats, in integers: `enum operation` of csrc/wasm/model.h
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
  output: 36,
  classes: 40,
  known: 44,
  answers: 48,
};
export type Header = Record<keyof typeof FIELD, number>;

/** What the module answers when it looked at a file: the reasons of `csrc/wasm/model.h`. */
const REASONS: Key[] = ["slrDamaged", "slrOther", "slrVersion", "slrCut", "slrSizes", "slrStep"];

export interface Program {
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

/** Whether a file of ours is a network for sentences, which answers while frames come. */
export function isStream(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return isSlr(file) && view.getUint32(FIELD.answers, true) > 0;
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


/** The header, if it fits the file. */
function readHeader(name: string, file: Uint8Array): Header {
  if (!isSlr(file)) throw new Failure("slrOther", { name });
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const header = Object.fromEntries(
    Object.entries(FIELD).map(([field, at]) => [field, view.getUint32(at, true)]),
  ) as Header;
  if (header.version !== VERSION)
    throw new Failure("slrVersion", { name, version: header.version, own: VERSION });
  const body = header.steps * STEP_BYTES + header.weightBytes + header.metadataBytes;
  if (HEADER_BYTES + body !== file.length) throw new Failure("slrCut", { name });
  if (crc32(file.subarray(16)) !== header.crc32) throw new Failure("slrDamaged", { name });
  if (header.arenaFloats > MOST_FLOATS) throw new Failure("slrSizes", { name });
  return header;
}

export function readNotes(
  name: string,
  file: Uint8Array,
  header: Header,
): Record<string, unknown> {
  const blank = header.answers > 0 ? 1 : 0;
  try {
    const text = new TextDecoder("utf-8", { fatal: true });
    const notes = JSON.parse(text.decode(file.subarray(file.length - header.metadataBytes)));
    if (checkedGlosses(name, notes.glosses).length + blank === header.classes) return notes;
  } catch {
    // the sentence below
  }
  throw new Failure("noGlosses", { name });
}

function readPoint(name: string, notes: Record<string, unknown>, header: Header) {
  try {
    return workingPoint(notes.working_point, header.known > 0);
  } catch {
    throw new Failure("otherPoint", { name });
  }
}

/** An instance with room for the file and its arena; its memory never grows afterwards. */
async function instantiate(name: string, header: Header, bytes: number, build: Build) {
  const instance = await WebAssembly.instantiate(await moduleOf(build));
  const program = instance.exports as unknown as Program;
  const end = program.file_address() + bytes + 16 + 4 * header.arenaFloats;
  const pages = Math.ceil((end - program.memory.buffer.byteLength) / 65536);
  try {
    if (pages > 0) program.memory.grow(pages);
  } catch {
    throw new Failure("memory", { name });
  }
  return program;
}

/** A file that was found to be fine, in the memory of a module of its own. */
export async function openProgram(name: string, file: Uint8Array, build: Build) {
  const header = readHeader(name, file);
  const program = await instantiate(name, header, file.length, build);
  new Uint8Array(program.memory.buffer).set(file, program.file_address());
  const reason = program.load(file.length);
  if (reason)
    throw new Failure(REASONS[reason] ?? "slrDamaged", { name, version: VERSION, own: VERSION });
  return { header, program };
}

/** Where the last product finds its single row, in floats or integers; `struct step` of model.h. */
function lastLayer(file: Uint8Array, header: Header) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const number = (step: number, at: number) =>
    view.getUint32(HEADER_BYTES + step * STEP_BYTES + at, true);
  for (let step = header.steps - 1; step >= 0; step--) {
    if (!PRODUCTS.includes(number(step, 0)) || number(step, 40) !== header.output) continue;
    const [rows, columns, depth, offset] = [4, 8, 12, 16].map((at) => number(step, at));
    const apart = offset + depth <= header.output || offset >= header.output + columns;
    return rows === 1 && columns === header.classes && apart ? { offset, depth } : undefined;
  }
  return undefined;
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
    private program: Program | undefined,
    private readonly last: { offset: number; depth: number } | undefined,
  ) {}

  get maxFrames(): number {
    return this.header.maxFrames;
  }

  get glosses(): string[] {
    return this.metadata.glosses as string[];
  }

  static async open(name: string, file: Uint8Array, build = bestBuild()): Promise<SlrModel> {
    if (isStream(file)) throw new Failure("slrStream", { name });
    const { header, program } = await openProgram(name, file, build);
    const notes = readNotes(name, file, header);
    const point = readPoint(name, notes, header);
    const last = lastLayer(file, header);
    return new SlrModel(name, file.length, notes, build, header, point, program, last);
  }

  /** The same as `predict`, without a promise: it only computes. */
  run(landmarks: Float32Array): Float32Array {
    const frames = landmarks.length / FRAME_FLOATS;
    if (!this.program) throw new Failure("closed", { name: this.name });
    if (!Number.isInteger(frames) || frames < 1 || frames > this.maxFrames)
      throw new Failure("otherLength", {
        name: this.name,
        most: this.maxFrames,
        numbers: landmarks.length,
      });
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

  /**
   * What the last layer was given for the last clip: the step that leaves its result where the
   * probabilities are found. Undefined in files of another shape.
   */
  embedding(): Float32Array | undefined {
    if (!this.program || !this.last) return undefined;
    const { memory, input } = this.program;
    const { offset, depth } = this.last;
    return new Float32Array(memory.buffer, input() + 4 * offset, depth).slice();
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
