/**
 * Our own runtime alone, for tests and measurements: `slr` in the console. With `?model=URL` in
 * the address the page fetches that model, predicts once, and says what it took; with `&keep` it
 * then opens without a network too.
 */
import { Failure } from "../i18n/failure";
import { ranking } from "../runtime/answer";
import { bestBuild, BUILDS, type Build, moduleOf } from "../runtime/builds";
import { sameOrigin } from "../runtime/fetching";
import { isStream, SlrModel } from "../runtime/slr";
import { SlrStream } from "../runtime/slr_stream";
import { element, message, say } from "../ui/page";
import { files, keep, show, timed, type Visit } from "../ui/visit";

const models: Record<string, SlrModel> = {};

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(sameOrigin(url)).catch(() => undefined);
  if (!response?.ok) throw new Failure("fileMissing", { what: url.split("/").pop()! });
  return new Uint8Array(await response.arrayBuffer());
}

function numbers(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer);
}

/** Landmarks that depend on nothing but their number: a clip for measurements. */
function someClip(frames: number): Float32Array {
  return Float32Array.from({ length: frames * 150 }, (_, k) => 0.5 + 0.3 * Math.sin(k * 0.7));
}

const slr = {
  builds: Object.keys(BUILDS),
  best: bestBuild(),
  async load(name: string, url: string, build?: Build) {
    models[name] = await SlrModel.open(name, await download(url), build);
    const { bytes, metadata, runtime } = models[name];
    return { bytes, metadata, runtime };
  },
  /** Landmarks as `landmarks_text` writes them. */
  predict: (name: string, text: string) => Array.from(models[name].run(numbers(text))),
  /** The score of a clip, and whether it is believed; null where the model cannot tell. */
  async known(name: string, text: string) {
    const { known } = await models[name].answer(numbers(text));
    return [models[name].score ?? null, known ?? null];
  },
  /** Answers to clips of changing lengths, and the bytes of memory after them. */
  many(name: string, count: number) {
    for (let k = 0; k < count; k++) models[name].run(someClip(1 + ((k * 37) % 128)));
    return models[name].memoryBytes;
  },
  /** Milliseconds of one prediction, the mean of `count`. */
  time(name: string, frames: number, count: number) {
    const clip = someClip(frames);
    const start = performance.now();
    for (let k = 0; k < count; k++) models[name].run(clip);
    return (performance.now() - start) / count;
  },
  /** What is said of a file, given in base 64: an empty text, or the sentence of the error. */
  async refusal(text: string, build?: Build) {
    const file = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    try {
      if (isStream(file)) {
        const stream = await SlrStream.open("file.slr", file, build);
        for (let k = 0; k < 9; k++) await stream.push(someClip(1));
        return "";
      }
      const model = await SlrModel.open("file.slr", file, build);
      model.run(someClip(Math.min(3, model.maxFrames)));
      return "";
    } catch (error) {
      return error instanceof Failure ? error.message : `${error}!`;
    }
  },
  dispose: (name: string) => models[name].dispose(),
};

/** From the navigation to the first answer; runtime and model come at the same time. */
async function visit(url: string, frames: number): Promise<Visit> {
  moduleOf(slr.best).catch(() => {}); // said by `open`
  const file = await download(url);
  const here = performance.now();
  const [model, session] = await timed(SlrModel.open(url.split("/").pop()!, file));
  const clip = someClip(frames);
  const [probabilities, first] = await timed(model.predict(clip));
  const total = performance.now();
  const [best] = ranking(probabilities, model.glosses);
  element("gloss").textContent = `${best.gloss}, ${(100 * best.p).toFixed(0)} %`;
  const [, second] = await timed(model.predict(clip));
  const milliseconds = { model: here, session, first, second, total };
  return { milliseconds, files: files(), runtime: `slr_tiny ${model.runtime}` };
}

const query = new URLSearchParams(location.search);
const url = query.get("model");
const done = url ? visit(url, Number(query.get("frames") ?? 70)) : undefined;
element("build").textContent = slr.best;
if (done) done.then(show).catch((error) => say(message(error), true));
else say("Ready.");
const kept = done?.then(() => (query.has("keep") ? keep() : false));
kept?.catch(() => {}); // said by the line above, or by whoever waits for it
Object.assign(window, { slr: Object.assign(slr, { visit: done, kept }) });
