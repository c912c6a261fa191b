/**
 * Frames that come at uneven times, one by one, at the even rate of a model. A mirror of
 * `SteadyFrames` in slr_tiny/web/subtitles.py: the same arithmetic, so the same bits.
 */

/** Seconds without a frame after which what comes is a new beginning. */
export const GAP = 1;

/** Between two frames; the nearer one where one of them misses a point. */
function between(a: Float32Array, b: Float32Array, share: number): Float32Array {
  return Float32Array.from(a, (value, n) => {
    const mixed = value + (b[n] - value) * share;
    return Number.isNaN(mixed) ? (share < 0.5 ? value : b[n]) : mixed;
  });
}

/** Holds the last frame only, however long the recording is. */
export class SteadyFrames {
  private last?: Float32Array;
  private count = 0;
  /** When the first and the last frame were taken, in seconds. */
  begin = 0;
  end = 0;

  constructor(private readonly rate: number) {}

  /** Whether a frame of this time cannot continue what was seen. */
  breaks(seconds: number): boolean {
    return this.last !== undefined && seconds - this.end > GAP;
  }

  /** Forgets everything. */
  restart(): void {
    this.last = undefined;
    this.count = 0;
  }

  /** The frames at the even rate up to this one; none for a time that goes back. */
  push(frame: Float32Array, seconds: number): Float32Array[] {
    const { last, end } = this;
    if (last && !(seconds > end)) return [];
    this.last = frame;
    this.end = seconds;
    if (!last) {
      this.begin = seconds;
      this.count = 1;
      return [frame];
    }
    const made: Float32Array[] = [];
    for (;;) {
      const at = this.begin + this.count / this.rate;
      if (at > seconds) return made;
      made.push(between(last, frame, (at - end) / (seconds - end)));
      this.count++;
    }
  }
}
