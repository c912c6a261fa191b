/**
 * One of our models as an ONNX file: landmarks in, probabilities out. The preprocessing is inside
 * the graph. Whoever imports this file fetches ONNX Runtime with it.
 */
import * as ort from "onnxruntime-web/wasm";
import { Failure } from "../i18n/failure";
import { NUM_LANDMARKS } from "../landmarks/landmarks";
import type { Answer, RuntimeModel, WorkingPoint } from "./answer";
import { answerOf, checkedGlosses, workingPoint } from "./answer";
import { siteBase } from "./fetching";
import { prepareRuntime } from "./ort";

// The runtime lies beside the page, so nothing is fetched from elsewhere.
ort.env.wasm.wasmPaths = new URL("./ort/", siteBase()).href;
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

/** Notes as `read_metadata` of Python gives them: lists and records are parsed. */
function parsed(notes: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(notes).map(([key, value]) => [
      key,
      /^[[{]/.test(value) ? JSON.parse(value) : value,
    ]),
  );
}

/** A session; a Failure where the file cannot be read, or where the runtime is missing. */
export async function createSession(
  name: string,
  file: Uint8Array,
  onBytes?: () => void,
): Promise<ort.InferenceSession> {
  await prepareRuntime(ort, "", onBytes).catch((error) => {
    const known = error instanceof Failure && error.key === "noSimd";
    throw known ? error : new Failure("runtimeLost", { name });
  });
  try {
    return await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  } catch (error) {
    if (/backend|fetch/i.test(String(error))) throw new Failure("runtimeLost", { name });
    throw damaged(name);
  }
}

const damaged = (name: string) => new Failure("onnxDamaged", { name });

/** Parsed notes that name the glosses; a Failure where they do not. */
function readable(name: string, notes: Record<string, string>): Record<string, unknown> {
  let metadata: Record<string, unknown>;
  try {
    metadata = parsed(notes);
  } catch {
    throw damaged(name);
  }
  checkedGlosses(name, metadata.glosses);
  return metadata;
}

/** A model that ONNX Runtime runs. */
export class OnnxModel implements RuntimeModel {
  readonly runtime = "onnxruntime-web";
  readonly maxFrames = Infinity;

  private constructor(
    readonly name: string,
    readonly bytes: number,
    readonly metadata: Record<string, unknown>,
    private readonly session: ort.InferenceSession,
    private readonly point?: WorkingPoint,
  ) {}

  get glosses(): string[] {
    return this.metadata.glosses as string[];
  }

  /**
   * Opens a model from the bytes of its file; says in one sentence what is wrong with another file.
   */
  static async open(name: string, file: Uint8Array, onBytes?: () => void): Promise<OnnxModel> {
    let notes: Record<string, string>;
    try {
      notes = readMetadata(file);
    } catch {
      throw new Failure("noModelFile", { name });
    }
    const metadata = readable(name, notes);
    const session = await createSession(name, file, onBytes);
    try {
      const point = workingPoint(metadata.working_point, session.outputNames.length > 1);
      return new OnnxModel(name, file.byteLength, metadata, session, point);
    } catch {
      await session.release();
      throw damaged(name);
    }
  }

  async predict(landmarks: Float32Array): Promise<Float32Array> {
    return (await this.answer(landmarks)).probabilities;
  }

  async answer(landmarks: Float32Array): Promise<Answer> {
    const frames = landmarks.length / (NUM_LANDMARKS * 2);
    if (!Number.isInteger(frames) || frames < 1) {
      throw new Failure("noLandmarks", { points: NUM_LANDMARKS, numbers: landmarks.length });
    }
    const input = new ort.Tensor("float32", landmarks, [frames, NUM_LANDMARKS, 2]);
    const output = await this.session
      .run({ [this.session.inputNames[0]]: input })
      .catch(() => undefined);
    if (!output) throw new Failure("onnxFails", { name: this.name });
    const [answer, score] = this.session.outputNames.map(
      (name) => output[name].data as Float32Array,
    );
    return answerOf(Float32Array.from(answer), this.point, score?.[0]);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}
