/** Answers the clips of a receipt by one model, clip by clip, so that Cancel is heard in between. */
import { Failure } from "../i18n/failure";
import { checked } from "../runtime/answer";
import { Clips } from "../runtime/clips";
import { SlrModel } from "../runtime/slr";
import { type Call, serve } from "./protocol";

export interface Question {
  name: string;
  model: Uint8Array;
  data: Uint8Array;
}

/** What a model says: its glosses, the position of the most probable one for each clip. */
export interface Answers {
  glosses: string[];
  runtime: string;
  answers: number[];
}

serve({
  async answer({ name, model, data }: Question, call: Call): Promise<Answers> {
    const opened = await SlrModel.open(name, model);
    const clips = Clips.read(data);
    if (!clips) throw new Failure("receiptDamaged", { name: "receipt.bin" });
    const answers: number[] = [];
    for (let k = 0; k < clips.count; k++) {
      const probabilities = opened.run(clips.clip(k));
      checked(name, opened.glosses, probabilities);
      answers.push(probabilities.indexOf(Math.max(...probabilities)));
      call.tell(k + 1);
      await call.turn();
    }
    return { glosses: opened.glosses, runtime: opened.runtime, answers };
  },
});
