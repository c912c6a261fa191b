/**
 * Our own runtime alone, for tests and measurements: `slr` in the console. With `?model=URL` in
 * the address the page fetches that model, predicts once, and says what it took.
 */
import { bestBuild, BUILDS, type Build } from "../runtime/builds";
import { SlrModel } from "../runtime/slr";
import { element, say } from "../ui/page";

const models: Record<string, SlrModel> = {};

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new Error(`${url} was not found: name a model that lies there.`);
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
      const model = await SlrModel.open("file.slr", file, build);
      model.run(someClip(Math.min(3, model.maxFrames)));
      return "";
    } catch (error) {
      return error instanceof Error && error.constructor === Error ? error.message : `${error}!`;
    }
  },
  dispose: (name: string) => models[name].dispose(),
};

declare global {
  interface Window {
    slr: typeof slr;
    visit?: Promise<Record<string, number | string>>;
  }
}
window.slr = slr;

/** From the navigation to the first answer. */
async function visit(url: string, frames: number) {
  const { bytes, runtime } = await slr.load("visit", url);
  const loaded = performance.now();
  models.visit.run(someClip(frames));
  const total = performance.now();
  say(`First prediction after ${total.toFixed(0)} ms (${runtime}).`);
  return { bytes, runtime, loaded, first: total - loaded, total };
}

const query = new URLSearchParams(location.search);
const url = query.get("model");
element("build").textContent = slr.best;
if (url) window.visit = visit(url, Number(query.get("frames") ?? 70));
else say("Ready.");
