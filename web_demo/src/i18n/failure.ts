/**
 * An error with one sentence for people, in whatever language the page speaks: it carries a key of
 * the list of sentences (en.ts, es.ts) and what to fill in. Its `message` is the English sentence.
 */
import { en, type Key } from "./en";

export type Values = Record<string, string | number>;

/** A sentence with its gaps filled: `{name}` is replaced by the value of this name. */
export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
}

export class Failure extends Error {
  constructor(
    readonly key: Key,
    readonly values: Values = {},
  ) {
    super(fill(en[key], values));
  }
}

/** A failure as a worker can send it. */
export interface Told {
  key: Key;
  values: Values;
}

/** The visitor pressed Cancel, or another piece of work took its place. */
export const cancelled = () => new Failure("cancelled");
export const isCancelled = (error: unknown) =>
  error instanceof Failure && error.key === "cancelled";

const LINE = /failed to fetch|networkerror|load failed|dynamically imported|import.*module/i;
const BROKEN_OFF =
  /aborted\(|abort\(|out of memory|allocation|memory access|unreachable|runtimeerror/i;

/** Whatever was thrown, as a failure: a browser's own words are never shown alone. */
export function explain(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof DOMException && error.name === "AbortError") return cancelled();
  if (LINE.test(words)) return new Failure("lineLost");
  if (BROKEN_OFF.test(words)) return new Failure("brokenOff");
  return new Failure("unexpected", { words: words.slice(0, 160) });
}

/** What a worker sends of an error, and how it becomes an error again. */
export const tell = (error: unknown): Told => {
  const { key, values } = explain(error);
  return { key, values };
};
export const retold = ({ key, values }: Told) => new Failure(key, values);
