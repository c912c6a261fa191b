/**
 * Signs that a visitor records a few times: each is kept as what the model's last layer was given,
 * and the nearest mean is the answer if it is near enough. A mirror of
 * slr_tiny/training/enrolment.py, which reads the same JSON. The landmarks are kept beside, for
 * whoever wants to train with them.
 */
import { imported } from "../runtime/fetching";
import type { Recorded } from "./pose_file";

const FORMAT = "slr_tiny signs";
const FORMAT_VERSION = 1;
/** The cosine to the nearest sign, below which none of them is meant; EnrolledSigns.threshold. */
const THRESHOLD = 0.88;
/** So many recordings a sign should have, and so many it may have. */
export const NEEDED = 3;
export const MOST = 5;

const DATABASE = "slr-tiny";
const STORE = "signs";

/** A recording: what the model's last layer was given, and the landmarks, if they were kept. */
interface Recording {
  embedding: number[];
  recorded?: Recorded;
}

/** What the browser keeps; records of an older page have no landmarks. */
interface Stored {
  model: string;
  signs: [string, number[][]][];
  /** As many as embeddings for each sign; null for a recording of an older page. */
  recorded?: [string, (Recorded | null)[]][];
}

function fromStored({ signs, recorded }: Stored): Map<string, Recording[]> {
  const kept = new Map(recorded);
  const ofSign = (sign: string, rows: number[][]) =>
    rows.map((embedding, k) => ({ embedding, recorded: kept.get(sign)?.[k] ?? undefined }));
  return new Map(signs.map(([sign, rows]) => [sign, ofSign(sign, rows)]));
}

function toStored(model: string, signs: Map<string, Recording[]>): Stored {
  const all = <T>(what: (recording: Recording) => T): [string, T[]][] =>
    Array.from(signs, ([sign, recordings]) => [sign, recordings.map(what)]);
  return {
    model,
    signs: all(({ embedding }) => embedding),
    recorded: all(({ recorded }) => recorded ?? null),
  };
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

/** Until what was written is on the disk; a device that is full says so only then. */
function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  });
}

function database(): Promise<IDBDatabase> {
  const asked = indexedDB.open(DATABASE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "model" });
  return request(asked);
}

const length = (row: number[]) => Math.max(Math.hypot(...row), 1e-12);
const unit = (row: number[]) => row.map((x) => x / length(row));

/** The direction of a sign: the mean of its recordings, each of length 1. */
export function signMean(recordings: number[][]): number[] {
  const rows = recordings.map(unit);
  return unit(rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length));
}

/** The first digits of the file's SHA-256, as `content_hash` of Python. */
export async function contentHash(file: Uint8Array): Promise<string> {
  // a page that is not https has no digests; then the length has to tell models apart
  if (!crypto.subtle) return `length-${file.length}`;
  const sum = await crypto.subtle.digest("SHA-256", file as BufferSource);
  const digits = Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").slice(0, 16);
}

export class OwnSigns {
  private signs = new Map<string, Recording[]>();
  private model = "";
  /** False where the browser keeps nothing: then the signs last as long as the page is open. */
  isKept = true;

  /** The signs that were taught to a model. */
  async open(model: string): Promise<void> {
    this.model = model;
    this.signs = new Map();
    try {
      const base = await database();
      const found = await request(base.transaction(STORE).objectStore(STORE).get(model));
      base.close();
      if (found) this.signs = fromStored(found as Stored);
    } catch {
      this.isKept = false;
    }
  }

  private async keep(): Promise<void> {
    try {
      const base = await database();
      const writing = base.transaction(STORE, "readwrite");
      writing.objectStore(STORE).put(toStored(this.model, this.signs));
      await finished(writing).finally(() => base.close());
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
  }

  /** Adds a recording; how many there are then. */
  async add(sign: string, embedding: Float32Array, recorded: Recorded): Promise<number> {
    const rows = this.signs.get(sign) ?? [];
    rows.push({ embedding: Array.from(embedding), recorded });
    this.signs.set(sign, rows.slice(-MOST));
    await this.keep();
    return this.signs.get(sign)!.length;
  }

  async remove(sign: string): Promise<void> {
    this.signs.delete(sign);
    await this.keep();
  }

  /** Names and numbers of recordings. */
  get list(): [string, number][] {
    return Array.from(this.signs, ([sign, rows]) => [sign, rows.length]);
  }

  /** The nearest sign with enough recordings, if it is near enough. */
  answer(embedding: Float32Array): string | undefined {
    const clip = unit(Array.from(embedding));
    let best: string | undefined;
    let near = THRESHOLD;
    for (const [sign, recordings] of this.signs) {
      const rows = recordings.map((recording) => recording.embedding);
      if (rows.length < NEEDED || rows[0].length !== clip.length) continue;
      const cosine = signMean(rows).reduce((sum, x, k) => sum + x * clip[k], 0);
      if (cosine >= near) [best, near] = [sign, cosine];
    }
    return best;
  }

  /** All signs as a file that Python's `load_signs` reads. */
  toText(): string {
    const [first] = [...this.signs.values()].flat();
    const about = {
      format: FORMAT,
      version: FORMAT_VERSION,
      model: this.model,
      numbers: first?.embedding.length ?? 0,
      threshold: THRESHOLD,
    };
    const signs = toStored(this.model, this.signs).signs;
    return JSON.stringify({
      ...about,
      signs: signs.map(([gloss, recordings]) => ({ gloss, recordings })),
    });
  }

  /** How many recordings there are with landmarks, and how many without. */
  countLandmarks(): { some: number; none: number } {
    const all = [...this.signs.values()].flat();
    const some = all.filter(({ recorded }) => recorded).length;
    return { some, none: all.length - some };
  }

  /** All recordings with landmarks, as a ZIP of `.pose` files that Python's `read_pose` reads. */
  async toZip(): Promise<Uint8Array<ArrayBuffer>> {
    const { zipRecordings } = await imported(import("./recordings"), ".pose");
    const signs = Array.from(this.signs, ([sign, recordings]): [string, Recorded[]] => [
      sign,
      recordings.flatMap(({ recorded }) => recorded ?? []),
    ]);
    return zipRecordings(signs.filter(([, recordings]) => recordings.length));
  }
}
