/**
 * From answers at steps to glosses, greedily: equal neighbours are one gloss, the answer 0 is none.
 * A mirror of `SegmentReader` in slr_tiny/training/decoding.py.
 */

/** A gloss, and when the network's answer was this one; seconds. */
export interface Answered {
  gloss: string;
  end: number;
  /** 0 to 1: the largest probability of the stretch. */
  confidence: number;
}

const BLANK = 0;

/** Probabilities of one step. */
export function softmax(logits: ArrayLike<number>): number[] {
  const most = Math.max(...Array.from(logits));
  const raised = Array.from(logits, (value) => Math.exp(value - most));
  const sum = raised.reduce((total, value) => total + value, 0);
  return raised.map((value) => value / sum);
}

/** Tells each gloss once, when its stretch has ended. */
export class GlossReader {
  private steps = 0;
  private before = BLANK;
  private open?: { answer: number; end: number; confidence: number };

  constructor(
    private readonly glosses: string[],
    /** Seconds of a step. */
    private readonly seconds: number,
    /** Confidence of a gloss that is told. */
    private readonly threshold: number,
  ) {}

  private close(): Answered[] {
    const { open } = this;
    this.open = undefined;
    if (!open || open.confidence < this.threshold) return [];
    return [{ gloss: this.glosses[open.answer - 1], end: open.end, confidence: open.confidence }];
  }

  /** One step more; `silent` where nobody can have signed, whatever the network says. */
  push(logits: ArrayLike<number>, silent: boolean): Answered[] {
    const chances = softmax(logits);
    const answer = silent ? BLANK : chances.indexOf(Math.max(...chances));
    this.steps++;
    const told = answer !== this.before ? this.close() : [];
    if (answer !== BLANK) {
      const confidence = Math.max(chances[answer], this.open?.confidence ?? 0);
      this.open = { answer, end: this.steps * this.seconds, confidence };
    }
    this.before = answer;
    return told;
  }

  finish(): Answered[] {
    return this.close();
  }
}
