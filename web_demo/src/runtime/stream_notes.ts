/**
 * What the file of a network for sentences says of itself: its shapes, and what its answers mean in
 * seconds. Everything is looked at here, before a runtime sees the file.
 */
import { Failure } from "../i18n/failure";
import { checkedGlosses } from "./answer";

export interface StreamNotes {
  glosses: string[];
  /** Frames that the graph takes at a time, and frames of one of its steps. */
  frames: number;
  stride: number;
  /** Frames without anybody that are added at the end. */
  lookAhead: number;
  /** Frames a second that it was trained on. */
  rate: number;
  /** The confidence below which nothing is told. */
  threshold: number;
  /** Seconds from the end of a sign to the end of its answer. */
  delay: number;
  /** Seconds that a sign lasts at most. */
  longest: number;
  /** All notes, as they are. */
  metadata: Record<string, unknown>;
}

const MOST_NUMBERS = 1 << 20; // of a state
const MOST_FRAMES = 256; // of a step of the graph

const whole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const inside = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && value >= least && value <= most;

function isShape(shape: unknown): shape is number[] {
  const fine = Array.isArray(shape) && shape.length > 0 && shape.length < 8;
  if (!fine || !shape.every((size) => whole(size, 1, MOST_NUMBERS))) return false;
  return shape.reduce((product, size) => product * size, 1) <= MOST_NUMBERS;
}

function isStates(states: unknown): states is number[][] {
  if (!Array.isArray(states) || states.length < 1 || states.length > 64) return false;
  return states.every(isShape);
}

/** The notes of an ONNX file: each is JSON, or a word as it is. */
export function parsed(notes: Record<string, string>): Record<string, unknown> {
  const entries = Object.entries(notes).map(([key, text]) => {
    try {
      return [key, JSON.parse(text)];
    } catch {
      return [key, text];
    }
  });
  return Object.fromEntries(entries);
}

const refusal = (name: string, what: string) => new Failure("streamNotes", { name, what });

/** The shapes of what a graph remembers; the last one counts steps. */
export function checkedStates(name: string, { states }: Record<string, unknown>): number[][] {
  if (!isStates(states)) throw refusal(name, "states");
  return states;
}

/** The notes of a file; a Failure where it is no stream, or does not say what must be known. */
export function checkedNotes(name: string, said: Record<string, unknown>): StreamNotes {
  const { frames, stride, look_ahead: lookAhead, preprocess } = said;
  const glosses = checkedGlosses(name, said.glosses);
  const refuse = (what: string) => refusal(name, what);
  if (!whole(frames, 1, MOST_FRAMES)) throw refuse("frames");
  if (!whole(stride, 1, frames) || frames % stride) throw refuse("stride");
  if (!whole(lookAhead, 0, MOST_FRAMES)) throw refuse("look_ahead");
  if (preprocess !== "raw") throw refuse("preprocess");
  const point = (said.working_point ?? {}) as Record<string, unknown>;
  const { frames_per_second: rate, threshold } = point;
  if (!inside(rate, 1, 240)) throw refuse("working_point: frames_per_second");
  if (!inside(threshold, 0, 1)) throw refuse("working_point: threshold");
  const { delay_seconds: delay = 0, longest_seconds: longest = 1.2 } = said;
  if (!inside(delay, 0, 10)) throw refuse("delay_seconds");
  if (!inside(longest, 0.05, 60)) throw refuse("longest_seconds");
  return {
    ...{ glosses, frames, stride, lookAhead, rate, threshold, delay, longest },
    metadata: said,
  };
}
