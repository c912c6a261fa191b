/** Tries a model of anybody before it is timed in the page, which it could stop for ever. */
import { frameNumbers } from "../bench/model";
import { openFile } from "../bench/opening";
import { serve } from "./protocol";

serve({
  async open({ name, file }: { name: string; file: Uint8Array }) {
    const opened = await openFile(name, file);
    for (const frames of [1, 8]) {
      const values = new Float32Array(frames * frameNumbers(opened)).fill(0.5);
      await opened.ready(values)();
    }
    await opened.close();
  },
});
