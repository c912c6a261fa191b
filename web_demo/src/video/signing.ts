/**
 * When a sign begins and ends in a running camera: hands rise, and rest again. And frames that came
 * at uneven times, at the even rate that a model was trained on.
 */
import { landmarks as names } from "../../../data/landmarks.json";

const row = (name: string) => names.indexOf(name);
const [LEFT_SHOULDER, RIGHT_SHOULDER] = [row("left_shoulder"), row("right_shoulder")];
const WRISTS = [row("left_wrist"), row("right_wrist")];

/** In shoulder widths below the shoulders: above this line a hand is raised. */
const RAISED = 1.1;
const BEGIN = 150; // milliseconds that a hand must be up before a sign has begun
const REST = 600; // and down before it has ended
const BEFORE = 350; // what is kept from before the hand was seen to be up
const AFTER = 150; // and from after it went down

/** Whether a hand is up: between the shoulders and a line below them, or higher. */
export function isRaised(frame: Float32Array): boolean {
  const y = (point: number) => frame[2 * point + 1];
  const across = Math.abs(frame[2 * LEFT_SHOULDER] - frame[2 * RIGHT_SHOULDER]);
  const shoulders = (y(LEFT_SHOULDER) + y(RIGHT_SHOULDER)) / 2;
  const line = Math.min(shoulders + RAISED * 1.33 * across, 0.95);
  return WRISTS.some((wrist) => y(wrist) < line);
}

export type Moment = "waiting" | "signing" | "over";

/** Follows the hands from frame to frame. */
export class SignDetector {
  private up?: number;
  private down?: number;
  private moment: Moment = "waiting";
  /** Where the sign begins and ends, in milliseconds. */
  begin = 0;
  end = 0;

  get started(): boolean {
    return this.moment !== "waiting";
  }

  get over(): boolean {
    return this.moment === "over";
  }

  next(frame: Float32Array, milliseconds: number): Moment {
    const raised = isRaised(frame);
    if (raised) {
      this.up ??= milliseconds;
      this.down = undefined;
      this.end = milliseconds + AFTER;
    } else {
      this.down ??= milliseconds;
      if (this.moment === "waiting") this.up = undefined;
    }
    if (this.moment === "waiting" && raised && milliseconds - this.up! >= BEGIN) {
      this.moment = "signing";
      this.begin = this.up! - BEFORE;
    } else if (this.moment === "signing" && !raised && milliseconds - this.down! >= REST)
      this.moment = "over";
    return this.moment;
  }
}

/**
 * Frames at an even rate: straight lines between the two that were seen around each moment, and the
 * nearer one where one of them misses a point.
 */
export function resample(
  frames: Float32Array[],
  milliseconds: number[],
  rate: number,
): Float32Array[] {
  if (frames.length < 2) return frames;
  const [first, last] = [milliseconds[0], milliseconds[milliseconds.length - 1]];
  const count = Math.max(1, Math.round(((last - first) / 1000) * rate) + 1);
  let before = 0;
  return Array.from({ length: count }, (_, k) => {
    const at = Math.min(first + (1000 * k) / rate, last);
    while (before < frames.length - 2 && milliseconds[before + 1] <= at) before++;
    const [a, b] = [frames[before], frames[before + 1]];
    const gap = milliseconds[before + 1] - milliseconds[before];
    const share = gap > 0 ? (at - milliseconds[before]) / gap : 0;
    return Float32Array.from(a, (value, n) => {
      const mixed = value + (b[n] - value) * share;
      return Number.isNaN(mixed) ? (share < 0.5 ? value : b[n]) : mixed;
    });
  });
}
