/**
 * One of our models in the page: landmarks in, probabilities out. The preprocessing is inside the
 * ONNX graph.
 */
import * as ort from "onnxruntime-web/wasm";
import { NUM_LANDMARKS } from "../landmarks/landmarks";

// The runtime lies beside the page, so nothing is fetched from elsewhere.
ort.env.wasm.wasmPaths = new URL("./ort/", document.baseURI).href;
ort.env.wasm.numThreads = 1;

export const RUNTIME_VERSION: string = ort.env.versions?.web ?? "unknown";

/** Reads a protobuf varint at `at`; returns the value and the next position. */
function varint(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("The file ends in the middle of a number.");
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
}

/** Visits the fields of a protobuf message: field number and, for byte fields, the bytes. */
function* fields(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  for (let at = 0; at < bytes.length;) {
    let key: number, size: number;
    [key, at] = varint(bytes, at);
    const kind = key % 8;
    if (kind === 0) [, at] = varint(bytes, at);
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      [size, at] = varint(bytes, at);
      if (at + size > bytes.length) throw new Error("The file is cut off.");
      yield [Math.floor(key / 8), bytes.subarray(at, at + size)];
      at += size;
    } else throw new Error("This is not an ONNX file.");
  }
}

/**
 * The `metadata_props` of an ONNX file (field 14 of ModelProto): the runtime does not hand them on.
 */
export function readMetadata(file: Uint8Array): Record<string, string> {
  const text = new TextDecoder();
  const found: Record<string, string> = {};
  for (const [number, entry] of fields(file)) {
    if (number !== 14) continue;
    const pair = Object.fromEntries(
      Array.from(fields(entry), ([n, value]) => [n, text.decode(value)]),
    );
    found[pair[1] ?? ""] = pair[2] ?? "";
  }
  return found;
}

/** No model lies at the address, which is not a mistake: the visitor may choose a file. */
export class NoModel extends Error {}

/** Which number tells known signs from others, and from where on a clip is believed. */
interface WorkingPoint {
  score: string;
  threshold: number;
}

/** The note `working_point` of a model, if it has one that can be compared with. */
function workingPoint(note: string | undefined): WorkingPoint | undefined {
  if (!note) return undefined;
  const point = JSON.parse(note) as WorkingPoint;
  if (typeof point.score !== "string" || !Number.isFinite(point.threshold))
    throw new Error("The working point is no number.");
  return point;
}

/** What a model says of a clip. `known`: undefined where the model cannot tell. */
export interface Answer {
  probabilities: Float32Array;
  known?: boolean;
}

/** A model that is ready to run. */
export class Model {
  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly metadata: Record<string, string>,
    readonly glosses: string[],
    private readonly session: ort.InferenceSession,
    private readonly point?: WorkingPoint,
  ) {}

  /**
   * Opens a model from the bytes of its file; says in one sentence what is wrong with another file.
   */
  static async open(name: string, file: Uint8Array): Promise<Model> {
    let metadata: Record<string, string>;
    try {
      metadata = readMetadata(file);
    } catch {
      throw new Error(
        `${name} is not an ONNX file: choose a file that chapter 8 of the book wrote.`,
      );
    }
    if (!metadata.glosses) {
      throw new Error(
        `${name} names no glosses: choose a landmarks-to-probabilities model, such as ` +
          "student_int8.onnx.",
      );
    }
    try {
      const glosses = JSON.parse(metadata.glosses) as string[];
      const point = workingPoint(metadata.working_point);
      const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
      if (point && point.score !== "probability" && session.outputNames.length < 2)
        throw new Error("The score of the working point is no output.");
      return new Model(name, file.byteLength, metadata, glosses, session, point);
    } catch {
      throw new Error(
        `${name} is damaged, the runtime cannot read it: copy it again from the run, or choose ` +
          "another model file.",
      );
    }
  }

  static async fetch(name: string, url: string): Promise<Model> {
    const response = await fetch(url).catch(() => undefined);
    if (!response?.ok)
      throw new NoModel(
        `${url} was not found (${response?.status ?? "no answer"}): choose a model file.`,
      );
    return Model.open(name, new Uint8Array(await response.arrayBuffer()));
  }

  /** Landmarks (frames x 75 x 2, flat, NaN = missing) to one probability per gloss. */
  async predict(landmarks: Float32Array): Promise<Float32Array> {
    return (await this.answer(landmarks)).probabilities;
  }

  /** The same, and whether the clip looks like a sign that the model was taught. */
  async answer(landmarks: Float32Array): Promise<Answer> {
    const frames = landmarks.length / (NUM_LANDMARKS * 2);
    if (!Number.isInteger(frames) || frames < 1) {
      throw new Error(
        `Landmarks must be frames x ${NUM_LANDMARKS} x 2 numbers, but there are ` +
          `${landmarks.length}.`,
      );
    }
    const input = new ort.Tensor("float32", landmarks, [frames, NUM_LANDMARKS, 2]);
    const output = await this.session.run({ [this.session.inputNames[0]]: input });
    const [answer, ...more] = this.session.outputNames.map(
      (name) => output[name].data as Float32Array,
    );
    const probabilities = Float32Array.from(answer);
    if (!this.point) return { probabilities };
    const score = this.point.score === "probability" ? Math.max(...probabilities) : more[0][0];
    return { probabilities, known: score >= this.point.threshold };
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** The best guesses, best first. */
export function ranking(
  probabilities: Float32Array,
  glosses: string[],
  count = 5,
): { gloss: string; p: number }[] {
  return Array.from(probabilities, (p, k) => ({ gloss: glosses[k], p }))
    .sort((a, b) => b.p - a.p)
    .slice(0, count);
}
