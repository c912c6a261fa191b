/** Runs a model, so that a page does not stand still while it computes, whatever the file holds. */
import { Failure } from "../i18n/failure";
import { EXAMPLE } from "../landmarks/landmarks";
import { checked, type RuntimeModel } from "../runtime/answer";
import { loadModel } from "../runtime/runtime";
import { sameOrigin } from "../runtime/fetching";
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

let model: RuntimeModel | undefined;

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
});
