/**
 * Signs that a visitor records a few times: each is kept as what the model's last layer was given,
 * and the nearest mean is the answer if it is near enough. A mirror of
 * slr_tiny/training/enrolment.py, which reads the same JSON.
 */
const FORMAT = "slr_tiny signs";
const FORMAT_VERSION = 1;
/** The cosine to the nearest sign, below which none of them is meant; EnrolledSigns.threshold. */
const THRESHOLD = 0.88;
/** So many recordings a sign should have, and so many it may have. */
export const NEEDED = 3;
export const MOST = 5;

const DATABASE = "slr-tiny";
const STORE = "signs";

interface Stored {
  model: string;
  signs: [string, number[][]][];
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
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
  const sum = await crypto.subtle.digest("SHA-256", file as BufferSource);
  const digits = Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").slice(0, 16);
}

export class OwnSigns {
  private signs = new Map<string, number[][]>();
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
      this.signs = new Map((found as Stored | undefined)?.signs);
    } catch {
      this.isKept = false;
    }
  }

  private async keep(): Promise<void> {
    try {
      const base = await database();
      const store = base.transaction(STORE, "readwrite").objectStore(STORE);
      await request(store.put({ model: this.model, signs: [...this.signs] } satisfies Stored));
      base.close();
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
  }

  /** Adds a recording; how many there are then. */
  async add(sign: string, embedding: Float32Array): Promise<number> {
    const rows = this.signs.get(sign) ?? [];
    rows.push(Array.from(embedding));
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
    for (const [sign, rows] of this.signs) {
      if (rows.length < NEEDED || rows[0].length !== clip.length) continue;
      const cosine = signMean(rows).reduce((sum, x, k) => sum + x * clip[k], 0);
      if (cosine >= near) [best, near] = [sign, cosine];
    }
    return best;
  }

  /** All signs as a file that Python's `load_signs` reads. */
  toText(): string {
    const rows = [...this.signs.values()].flat();
    const about = {
      format: FORMAT,
      version: FORMAT_VERSION,
      model: this.model,
      numbers: rows[0]?.length ?? 0,
      threshold: THRESHOLD,
    };
    const signs = Array.from(this.signs, ([gloss, recordings]) => ({ gloss, recordings }));
    return JSON.stringify({ ...about, signs });
  }
}
