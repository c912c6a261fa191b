/** The one-euro filter (Casiez et al. 2012). A mirror of slr_tiny/pose/smoothing.py. */

/** `frequency` in steps a second, the cutoffs in hertz. */
export interface OneEuroRule {
  frequency: number;
  min_cutoff: number;
  beta: number;
  derivative_cutoff: number;
}

export class OneEuro {
  private last: number[] = [];
  private speed: number[] = [];
  private value: number[] | null = null;

  constructor(private readonly rule: OneEuroRule) {}

  /** The share of the way to the new value that one step goes. */
  private share(cutoff: number): number {
    return 1 / (1 + this.rule.frequency / (2 * Math.PI * cutoff));
  }

  /** The next values, each filtered by itself; the first pass. `scale` makes changes comparable. */
  next(values: number[], scale = 1): number[] {
    const { frequency, min_cutoff, beta, derivative_cutoff } = this.rule;
    if (!this.value) {
      this.last = values;
      this.speed = values.map(() => 0);
      this.value = values;
    }
    const before = this.value;
    this.speed = this.speed.map((speed, k) => {
      const now = (values[k] - this.last[k]) * scale * frequency;
      return speed + this.share(derivative_cutoff) * (now - speed);
    });
    this.value = values.map((value, k) => {
      const cutoff = min_cutoff + beta * Math.abs(this.speed[k]);
      return before[k] + this.share(cutoff) * (value - before[k]);
    });
    this.last = values;
    return this.value;
  }
}

/** A whole series (rows of numbers) by a filter of its own. */
export function smooth(series: number[][], rule: OneEuroRule, scale = 1): number[][] {
  const filter = new OneEuro(rule);
  return series.map((values) => filter.next(values, scale));
}
