/** Tries a model of anybody before it is timed in the page, which it could stop for ever. */
import { frameNumbers, OnnxContender } from "../bench/model";
import { SlrContender } from "../bench/ours";
import { isSlr } from "../runtime/slr";
import { serve } from "./protocol";

serve({
  async open({ name, file }: { name: string; file: Uint8Array }) {
    const kind = isSlr(file) || name.endsWith(".slr") ? SlrContender : OnnxContender;
    const opened = await kind.open(name, file);
    for (const frames of [1, 8]) {
      const values = new Float32Array(frames * frameNumbers(opened)).fill(0.5);
      await opened.ready(values)();
    }
    await opened.close();
  },
});
