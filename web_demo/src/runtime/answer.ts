import { Failure } from "../i18n/failure";

/** What both runtimes have in common: the interface, and what the numbers of a model mean. */

/** What a model says of a clip. `known`: undefined where the model cannot tell. */
export interface Answer {
  probabilities: Float32Array;
  known?: boolean;
}

/** A model that is ready: landmarks in, probabilities out. */
export interface RuntimeModel {
  readonly name: string;
  readonly bytes: number;
  /** What the file says of itself: preprocessing, engine, licence, training ... */
  readonly metadata: Record<string, unknown>;
  readonly glosses: string[];
  /** The longest clip that it takes. */
  readonly maxFrames: number;
  /** Which runtime computes: `relaxed`, `simd`, `plain` (ours), or `onnxruntime-web`. */
  readonly runtime: string;
  /** Landmarks (frames x 75 x 2, flat, NaN = missing) to one probability per gloss. */
  predict(landmarks: Float32Array): Promise<Float32Array>;
  /** The same, and whether the clip looks like a sign that the model was taught. */
  answer(landmarks: Float32Array): Promise<Answer>;
  /** What the last layer was given for the last clip, where the runtime can say it. */
  embedding?(): Float32Array | undefined;
  /** Gives the memory back; afterwards the model answers no more. */
  dispose(): Promise<void>;
}

/** No model lies at the address, which is not a mistake: the visitor may choose a file. */
export class NoModel extends Error {}

/** The names of a model's answers; a Failure where they are not what a page can show. */
export function checkedGlosses(name: string, glosses: unknown): string[] {
  const fine = Array.isArray(glosses) && glosses.length > 0;
  if (!fine || !glosses.every((gloss) => typeof gloss === "string" && gloss.trim()))
    throw new Failure("noGlosses", { name });
  return glosses;
}

/** A Failure where the answers are not one probability for each gloss. */
export function checked(name: string, glosses: string[], probabilities: Float32Array): void {
  if (probabilities.length !== glosses.length)
    throw new Failure("otherNumber", {
      name,
      glosses: glosses.length,
      answers: probabilities.length,
    });
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (!(Math.abs(sum - 1) < 0.01) || !probabilities.every((p) => p >= 0 && p <= 1.001))
    throw new Failure("noProbabilities", { name });
}

/** Which number tells known signs from others, and from where on a clip is believed. */
export interface WorkingPoint {
  score: string;
  threshold: number;
}

/** The note `working_point` of a model, if there is one; an Error where nothing can be compared. */
export function workingPoint(note: unknown, scored: boolean): WorkingPoint | undefined {
  if (!note) return undefined;
  const { score, threshold } = note as WorkingPoint;
  const fits = score === "probability" || (score === "mahalanobis" && scored);
  if (!fits || !Number.isFinite(threshold)) throw new Failure("otherPoint", { name: "" });
  return { score, threshold };
}

/** Probabilities, and whether they should be believed; `score` where the model has one. */
export function answerOf(
  probabilities: Float32Array,
  point: WorkingPoint | undefined,
  score: number | undefined,
): Answer {
  if (!point) return { probabilities };
  const compared = point.score === "probability" ? Math.max(...probabilities) : score!;
  return { probabilities, known: compared >= point.threshold };
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
