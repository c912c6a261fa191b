/**
 * A receipt (section 11e of the book): the note beside a model is read, all files are compared with
 * the SHA-256 that it names, every clip is answered anew, and what came out is written down.
 */
import { Failure } from "../i18n/failure";
import { bestBuild, BUILDS } from "../runtime/builds";
import { Clips, clipsVersion, VERSION } from "../runtime/clips";
import { fetchBytes, findBytes } from "../runtime/fetching";
import { WorkerClient } from "../workers/client";
import type { Answers, Question } from "../workers/receipt.worker";

const PATIENCE = 20; // seconds for a clip, which takes some milliseconds, and to begin

interface NamedFile {
  file: string;
  bytes: number;
  sha256: string;
}

interface NamedModel extends NamedFile {
  glosses: number;
  right: number;
  answers: number[];
}

/** What receipt.json says; `write_receipt` of the book writes it. */
export interface Note {
  set: string;
  left_out: string;
  synthetic: boolean;
  licence: string;
  clips: number;
  of_clips: number;
  data: NamedFile;
  truth: string[];
  models: NamedModel[];
}

/** What came out for one model. */
export interface Tally {
  file: string;
  sha256: string;
  clips: number;
  answers: number[];
  right: number;
  expected: number;
  differing: number;
}

export interface Outcome {
  note: Note;
  models: Tally[];
  text: string;
}

export interface Following {
  signal: AbortSignal;
  onFile(name: string): void;
  onClip(name: string, done: number, all: number): void;
}

/** 64 hexadecimal digits; a Failure where the browser computes none for this page. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new Failure("receiptInsecure");
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// the last entry of a note: the SHA-256 of all bytes before it
const SEAL = /^,\n"sha256": "([0-9a-f]{64})"\n\}\n$/;
const SEAL_BYTES = ',\n"sha256": ""\n}\n'.length + 64;

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isFile = ({ file, bytes, sha256 }: Partial<NamedFile>) =>
  /^\w[\w.-]{0,99}$/.test(String(file)) && isCount(bytes) && /^[0-9a-f]{64}$/.test(String(sha256));

/** Whether all entries are there and fit one another. */
function fits(note: Note): boolean {
  const { clips, of_clips, data, truth, models } = note;
  const words = [note.set, note.left_out, note.licence, ...truth];
  return (
    words.every((word) => typeof word === "string") && typeof note.synthetic === "boolean" &&
    isCount(clips) && isCount(of_clips) && truth.length === clips && isFile(data) &&
    models.length > 0 &&
    models.every(
      (model) =>
        isFile(model) && isCount(model.right) && model.answers.length === clips &&
        model.answers.every((answer) => isCount(answer) && answer < model.glosses),
    )
  );
}

/** The note of a receipt; a Failure where it is not whole, or of another kind or version. */
async function readNote(name: string, bytes: Uint8Array): Promise<Note> {
  const damaged = new Failure("receiptDamaged", { name });
  const head = bytes.subarray(0, -SEAL_BYTES);
  const seal = SEAL.exec(new TextDecoder().decode(bytes.subarray(-SEAL_BYTES)));
  const whole = seal?.[1] === (await sha256(head));
  let note: Note & { slr_tiny?: string; version?: number };
  try {
    note = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (note.slr_tiny !== "receipt") throw damaged;
  } catch {
    throw damaged;
  }
  if (note.version !== VERSION)
    throw new Failure("receiptVersion", { name, version: String(note.version), own: VERSION });
  if (!whole) throw damaged;
  try {
    if (fits(note)) return note;
  } catch {
    // the sentence below
  }
  throw damaged;
}

/** A file that the note names, if it is exactly this one. */
async function fetchNamed(base: string, named: NamedFile, following: Following) {
  following.onFile(named.file);
  const bytes = await fetchBytes(base + named.file, { signal: following.signal });
  if (bytes.length !== named.bytes || (await sha256(bytes)) !== named.sha256)
    throw new Failure("receiptHash", { name: named.file });
  return bytes;
}

/** The clips; a Failure where this page reads another layout, or another number of them. */
function checkClips({ data: { file }, clips }: Note, bytes: Uint8Array): void {
  const version = clipsVersion(bytes) ?? VERSION;
  if (version !== VERSION)
    throw new Failure("receiptVersion", { name: file, version, own: VERSION });
  if (Clips.read(bytes)?.count !== clips) throw new Failure("receiptDamaged", { name: file });
}

/** All clips, answered by a model in a worker. */
async function ask(question: Question, clips: number, { signal, onClip }: Following) {
  const client = new WorkerClient(
    (options) =>
      new Worker(new URL("../workers/receipt.worker.ts", import.meta.url), {
        ...options,
        type: "module",
      }),
  );
  try {
    return await client.call<Answers>("answer", question, {
      signal,
      patience: PATIENCE,
      silence: "modelSilent",
      values: { name: question.name },
      onNews: (done) => onClip(question.name, done as number, clips),
    });
  } finally {
    client.end();
  }
}

function count(note: Note, model: NamedModel, { glosses, answers }: Answers): Tally {
  if (glosses.length !== model.glosses || note.truth.some((gloss) => !glosses.includes(gloss)))
    throw new Failure("receiptGlosses", { name: model.file });
  return {
    file: model.file,
    sha256: model.sha256,
    clips: note.clips,
    answers,
    right: answers.filter((answer, k) => glosses[answer] === note.truth[k]).length,
    expected: model.right,
    differing: answers.filter((answer, k) => answer !== model.answers[k]).length,
  };
}

export const agrees = ({ right, expected, differing }: Tally) => !differing && right === expected;

/** The receipt as text, in English whatever the page speaks: two of them can be compared. */
async function write(note: Note, hash: string, runtime: string, models: Tally[]): Promise<string> {
  const module = await fetchBytes(BUILDS[runtime as keyof typeof BUILDS]);
  const lines = [
    "Receipt of slr_tiny, version 1: accuracy recomputed by a browser",
    `date: ${new Date().toISOString()}`,
    `browser: ${navigator.userAgent}`,
    `runtime: build ${runtime}, ${module.length} bytes, sha256 ${await sha256(module)}`,
    `data: ${note.set}, ${note.synthetic ? "synthetic" : "not synthetic"}, left-out group ` +
      `${note.left_out}, ${note.clips} of its ${note.of_clips} clips, licence: ` +
      (note.licence || "none named"),
    `receipt.json: sha256 ${hash}`,
    `${note.data.file}: sha256 ${note.data.sha256}`,
    ...models.flatMap((model) => [
      `${model.file}: sha256 ${model.sha256}`,
      `${model.file}: ${model.right} of ${model.clips} right, expected ${model.expected}; ` +
        `${model.differing} clips answered otherwise than expected`,
    ]),
    `result: ${models.every(agrees) ? "" : "NOT "}as expected`,
  ];
  const text = lines.map((line) => line.replace(/\s+/g, " ") + "\n").join("");
  const sum = await sha256(new TextEncoder().encode(text));
  return `${text}sha256 of the text above: ${sum}\n`;
}

/** Fetches what a note names, answers every clip, and writes the receipt. */
export async function recompute(address: string, following: Following): Promise<Outcome> {
  const name = address.split(/[?#]/)[0].split("/").pop() || address;
  if (!globalThis.crypto?.subtle) throw new Failure("receiptInsecure");
  following.onFile(name);
  const bytes = await findBytes(address, { signal: following.signal });
  if (!bytes) throw new Failure("receiptMissing", { name });
  const note = await readNote(name, bytes);
  const base = address.slice(0, address.lastIndexOf(name));
  const data = await fetchNamed(base, note.data, following);
  checkClips(note, data);
  const models: [NamedModel, Uint8Array][] = [];
  for (const model of note.models) models.push([model, await fetchNamed(base, model, following)]);
  const tallies: Tally[] = [];
  let runtime: string = bestBuild();
  for (const [model, file] of models) {
    const said = await ask({ name: model.file, model: file, data }, note.clips, following);
    tallies.push(count(note, model, said));
    runtime = said.runtime;
  }
  const text = await write(note, await sha256(bytes), runtime, tallies);
  return { note, models: tallies, text };
}
