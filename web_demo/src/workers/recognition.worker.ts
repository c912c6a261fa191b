/** Runs a model, so that a page does not stand still while it computes, whatever the file holds. */
import { Failure } from "../i18n/failure";
import { EXAMPLE } from "../landmarks/landmarks";
import { checked, type RuntimeModel } from "../runtime/answer";
import { imported, sameOrigin } from "../runtime/fetching";
import { loadModel } from "../runtime/runtime";
import type { Segment, SentenceReader } from "../runtime/sentences";
import { type Call, serve } from "./protocol";

/** What the page is told of a model. */
export interface About {
  name: string;
  bytes: number;
  metadata: Record<string, unknown>;
  glosses: string[];
  runtime: string;
  maxFrames: number;
  /** Numbers of the embedding; 0 where the model gives none. */
  embedding: number;
}

export interface Answered {
  probabilities: Float32Array;
  known?: boolean;
  embedding?: Float32Array;
  milliseconds: number;
}

/** What the page is told of a network for sentences. */
export interface SentencesAbout extends Omit<About, "maxFrames" | "embedding"> {
  /** Seconds from the end of a sign to the end of its answer. */
  delay: number;
}

let model: RuntimeModel | undefined;
let sentences: SentenceReader | undefined;
let recorded = 0; // the recording that the last frame belongs to

/** A person who stands still, for a trial. */
function still(frames: number): Float32Array {
  const clip = new Float32Array(frames * EXAMPLE.length);
  for (let k = 0; k < frames; k++) clip.set(EXAMPLE, k * EXAMPLE.length);
  return clip;
}

serve({
  /** Opens a model and tries it: what cannot answer is refused here. */
  async open({ name, file }: { name: string; file: Uint8Array }, call: Call): Promise<About> {
    sameOrigin("./"); // the worker knows where the pages lie
    const opened = await loadModel(name, file, () => call.tell("bytes"));
    call.tell("ready");
    for (const frames of [1, 12]) {
      const { probabilities } = await opened.answer(still(frames));
      checked(name, opened.glosses, probabilities);
      await call.turn();
    }
    model = opened;
    const { bytes, metadata, glosses, runtime, maxFrames } = opened;
    const embedding = opened.embedding?.()?.length ?? 0;
    return { name, bytes, metadata, glosses, runtime, maxFrames, embedding };
  },

  async answer({ landmarks }: { landmarks: Float32Array }): Promise<Answered> {
    if (!model) throw new Failure("noModel");
    const start = performance.now();
    const { probabilities, known } = await model.answer(landmarks);
    const milliseconds = performance.now() - start;
    checked(model.name, model.glosses, probabilities);
    return { probabilities, known, embedding: model.embedding?.(), milliseconds };
  },

  /** Opens a network for sentences and tries it; what cannot answer is refused here. */
  async openSentences(
    { name, file }: { name: string; file: Uint8Array },
    call: Call,
  ): Promise<SentencesAbout> {
    const parts = imported(import("../runtime/sentences_runtime"), "sentences");
    const { openStream, SentenceReader } = await parts.catch(() => {
      throw new Failure("runtimeLost", { name });
    });
    const stream = await openStream(name, file, () => call.tell("bytes"));
    call.tell("ready");
    const nobody = new Float32Array(EXAMPLE.length).fill(NaN);
    for (let k = 0; k < 2 * stream.notes.frames; k++) {
      await stream.push(k % 2 ? nobody : EXAMPLE);
      await call.turn();
    }
    sentences = new SentenceReader(stream);
    const { glosses, metadata, delay } = stream.notes;
    return { name, bytes: stream.bytes, metadata, glosses, runtime: stream.runtime, delay };
  },

  /** One frame of a recording, and when it was taken: the glosses that are complete now. */
  async sentence(
    { recording, landmarks, seconds }:
      { recording: number; landmarks: Float32Array; seconds: number },
  ): Promise<Segment[]> {
    if (!sentences) throw new Failure("noModel");
    if (recording !== recorded) await sentences.end(); // one that was given up
    recorded = recording;
    return sentences.push(landmarks, seconds);
  },

  /** The last glosses of a recording, unless another one has begun. */
  async endSentence({ recording }: { recording: number }): Promise<Segment[]> {
    if (!sentences || recording !== recorded) return [];
    return sentences.end();
  },
});
