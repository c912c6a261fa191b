/** Signs before a running camera: each becomes a clip, started and ended by hands or by buttons. */
import type { Camera, Taking } from "../video/camera";
import { resample, SignDetector } from "../video/signing";
import { MAX_FRAMES } from "../video/video";
import type { Stream } from "./looking";

export type Stage = "waiting" | "countdown" | "recording" | "signing" | "finishing";

export interface LiveOptions {
  signal: AbortSignal;
  /** Whether hands start and end a sign. */
  automatic(): boolean;
  /** Frames a second that the model was trained on. */
  rate(): number;
  onStage(stage: Stage, seconds?: number): void;
  onFrame(landmarks: Float32Array): void;
  /** A clip that is over: its frames at an even rate, and how many were seen. */
  onClip(frames: Float32Array[], seen: number): Promise<void>;
}

const TAKING: Record<Stage, Taking> = {
  waiting: "latest",
  countdown: "latest",
  recording: "all",
  signing: "all",
  finishing: "none",
};
const COUNTDOWN = 3; // seconds
const LONGEST = 12_000; // milliseconds of a clip

export class Live {
  private stage: Stage = "waiting";
  private frames: Float32Array[] = [];
  private times: number[] = [];
  private detector = new SignDetector();
  private timer?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly camera: Camera,
    private readonly options: LiveOptions,
  ) {}

  private enter(stage: Stage, seconds?: number): void {
    this.stage = stage;
    this.camera.take(TAKING[stage]);
    this.options.onStage(stage, seconds);
  }

  /** The button: begins after a countdown, or ends what is being recorded. */
  press(): void {
    if (this.stage === "recording" || this.stage === "signing") {
      this.enter("finishing");
    } else if (this.stage === "waiting") this.countDown(COUNTDOWN);
  }

  private countDown(seconds: number): void {
    if (this.camera.isClosed) return;
    if (seconds > 0) {
      this.enter("countdown", seconds);
      this.timer = setTimeout(() => this.countDown(seconds - 1), 1000);
      return;
    }
    this.begin();
    this.enter("recording");
  }

  private begin(): void {
    this.frames = [];
    this.times = [];
    this.detector = new SignDetector();
    this.camera.forget();
  }

  /** Looks at frames until the camera is closed. */
  async run(stream: () => Promise<Stream>): Promise<void> {
    let looking = await stream();
    this.begin();
    this.enter("waiting");
    try {
      for (;;) {
        const taken = this.isOver() ? undefined : await this.camera.next();
        if (this.camera.isClosed || this.options.signal.aborted) return taken?.image.close();
        if (!taken) {
          await this.hand();
          if (this.camera.isClosed || this.options.signal.aborted) return;
          looking = await stream();
          continue;
        }
        const landmarks = await looking.find(taken.image, taken.milliseconds);
        this.options.onFrame(landmarks);
        this.take(landmarks, taken.milliseconds);
      }
    } finally {
      clearTimeout(this.timer);
      this.camera.close();
    }
  }

  private take(landmarks: Float32Array, milliseconds: number): void {
    if (this.stage === "countdown") return;
    this.frames.push(landmarks);
    this.times.push(milliseconds);
    if (this.stage === "waiting") {
      // only the last moments before a sign belong to it
      while (milliseconds - this.times[0] > 1500) this.frames.shift(), this.times.shift();
      if (!this.options.automatic()) return;
    }
    const moment = this.detector.next(landmarks, milliseconds);
    if (this.stage === "waiting" && moment === "signing") this.enter("signing");
  }

  private isOver(): boolean {
    if (this.stage !== "recording" && this.stage !== "signing") return false;
    const { times } = this;
    const long = times.length > 1 && times[times.length - 1] - times[0] > LONGEST;
    const rests = this.options.automatic() && this.detector.over;
    return long || rests || this.frames.length >= MAX_FRAMES;
  }

  /** Gives the clip away, and waits for the next one. */
  private async hand(): Promise<void> {
    const { begin, end, started } = this.detector;
    const byHands = started && this.options.automatic();
    const inside = this.times.flatMap((time, k) =>
      !byHands || (time >= begin && time <= end) ? [k] : [],
    );
    this.enter("finishing");
    const frames = inside.map((k) => this.frames[k]);
    const even = resample(
      frames,
      inside.map((k) => this.times[k]),
      this.options.rate(),
    ).slice(0, MAX_FRAMES);
    await this.options.onClip(even, frames.length);
    this.begin();
    this.enter("waiting");
  }
}
