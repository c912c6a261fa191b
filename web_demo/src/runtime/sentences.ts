/**
 * Landmarks with their times in, glosses with their times out, one frame after the other. A mirror
 * of `SentenceReader` in slr_tiny/web/subtitles.py; what it holds does not grow with the recording.
 */
import { HANDS } from "../landmarks/landmarks";
import { SteadyFrames } from "../video/steady";
import { type Answered, GlossReader } from "./ctc";
import type { StreamNotes } from "./stream_notes";

/** A gloss and when it was signed, in seconds of the recording. */
export interface Segment {
  gloss: string;
  start: number;
  end: number;
  confidence: number;
}

/** The network: frames in, answers of the steps that are complete out. */
export interface Stream {
  notes: StreamNotes;
  push(frame: Float32Array): Promise<Float32Array[]>;
  finish(): Promise<Float32Array[]>;
  restart(): void;
}

/** So many frames of the last moments must show a hand; else nobody signs. */
const SIGNING = 3;

/** Whether a hand was found in a frame. */
const hasHand = (frame: Float32Array) => HANDS.some((point) => !Number.isNaN(frame[2 * point]));

export class SentenceReader {
  private readonly steady: SteadyFrames;
  private reader: GlossReader;
  /** Of the last frames, whether each shows a hand. */
  private seen: boolean[] = [];
  private frames = 0;
  /** For each step that waits for its answer, whether nobody can have signed in it. */
  private silent: boolean[] = [];
  /** Where the last gloss that was told ends. */
  private told = 0;

  constructor(private readonly stream: Stream) {
    this.steady = new SteadyFrames(stream.notes.rate);
    this.reader = this.newReader();
    stream.restart();
  }

  private get step(): number {
    return this.stream.notes.stride / this.stream.notes.rate;
  }

  private newReader(): GlossReader {
    const { glosses, threshold } = this.stream.notes;
    return new GlossReader(glosses, this.step, threshold);
  }

  /** Where in the recording a gloss was; never before the one that was told last. */
  private place({ gloss, end, confidence }: Answered): Segment {
    const { delay, longest } = this.stream.notes;
    const wished = Math.min(this.steady.begin + end - delay, this.steady.end);
    const last = Math.max(this.told, this.steady.begin);
    const until = Math.max(wished, last + this.step);
    const start = Math.max(last, until - longest);
    this.told = until;
    return { gloss, start, end: until, confidence };
  }

  private look(hand: boolean): void {
    const { longest, rate, stride } = this.stream.notes;
    this.seen.push(hand);
    if (this.seen.length > Math.max(SIGNING, Math.floor(longest * rate))) this.seen.shift();
    this.frames++;
    if (this.frames % stride === 0)
      this.silent.push(this.seen.filter(Boolean).length < SIGNING);
  }

  private read(rows: Float32Array[]): Segment[] {
    return rows
      .flatMap((row) => this.reader.push(row, this.silent.shift()!))
      .map((answered) => this.place(answered));
  }

  /** A frame (75 x 2, NaN = missing), and when it was taken; the glosses that are complete now. */
  async push(frame: Float32Array, seconds: number): Promise<Segment[]> {
    const told = this.steady.breaks(seconds) ? await this.finish() : [];
    for (const even of this.steady.push(frame, seconds)) {
      this.look(hasHand(even));
      told.push(...this.read(await this.stream.push(even)));
    }
    return told;
  }

  /** The end of a recording; the times of the next one begin anew. */
  async end(): Promise<Segment[]> {
    const told = await this.finish();
    this.told = 0;
    return told;
  }

  /** A long pause, or the end: the last glosses; then nothing of what was seen is left. */
  private async finish(): Promise<Segment[]> {
    const rows = await this.stream.finish();
    while (this.silent.length < rows.length) this.look(false);
    const told = this.read(rows);
    told.push(...this.reader.finish().map((answered) => this.place(answered)));
    this.reader = this.newReader();
    this.steady.restart();
    [this.seen, this.silent, this.frames] = [[], [], 0];
    return told;
  }
}
