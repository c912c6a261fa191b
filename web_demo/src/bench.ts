/** The benchmark page: the same functions for a person (a button) and for a script (`window.slr`). */
import "./style.css";
import { NUM_LANDMARKS } from "./landmarks";
import { Model, RUNTIME_VERSION } from "./model";
import { element, megabytes, message, paint, say, weight } from "./page";

interface Plan {
  models: string[];
  lengths: number[];
  rounds: number;
  runs: number;
  warmUps: number;
  seed: number;
}

interface Timing {
  round: number;
  model: string;
  frames: number;
  milliseconds: number;
}

const models = new Map<string, Model>();

/** mulberry32: a small generator, so that a seed gives the same order and the same input in every browser. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(items: T[], random: () => number): T[] {
  for (let k = items.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [items[k], items[other]] = [items[other], items[k]];
  }
  return items;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Takes a model in; one of the same name is freed. */
async function keep(name: string, opened: Model): Promise<void> {
  await models.get(name)?.close();
  models.set(name, opened);
}

function model(name: string): Model {
  const found = models.get(name);
  if (!found) throw new Error(`The page has no model "${name}": load it first.`);
  return found;
}

/**
 * Times every model at every length. In each round all pairs run once, in a new random order, so that a busy
 * moment of the machine hits no model more than another; a round's figure is the median of `runs` runs.
 */
async function benchmark(plan: Plan, progress: (share: number) => void = () => {}): Promise<Timing[]> {
  const random = generator(plan.seed);
  const inputs = new Map(plan.lengths.map((frames) => [frames, Float32Array.from({ length: frames * NUM_LANDMARKS * 2 }, random)]));
  const pairs = plan.models.flatMap((name) => plan.lengths.map((frames) => ({ name, frames })));
  for (const { name, frames } of pairs) {
    for (let k = 0; k < plan.warmUps; k++) await model(name).predict(inputs.get(frames)!);
  }
  const timings: Timing[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const { name, frames } of shuffle([...pairs], random)) {
      const times: number[] = [];
      for (let k = 0; k < plan.runs; k++) {
        const start = performance.now();
        await model(name).predict(inputs.get(frames)!);
        times.push(performance.now() - start);
      }
      timings.push({ round, model: name, frames, milliseconds: median(times) });
    }
    progress((round + 1) / plan.rounds);
    await paint();
  }
  return timings;
}

/** Floats travel between Python and the page as base64: exact, and NaN survives. */
function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

const api = {
  async load(name: string, url: string) {
    await keep(name, await Model.fetch(name, url));
    return { bytes: model(name).bytes, glosses: model(name).glosses, metadata: model(name).metadata };
  },
  predict: async (name: string, landmarks: string) => Array.from(await model(name).predict(decode(landmarks))),
  benchmark,
  weight,
  environment: () => ({
    userAgent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    isolated: window.crossOriginIsolated,
    runtime: RUNTIME_VERSION,
    threads: 1,
    milliseconds_since_navigation: performance.now(),
  }),
};
export type Api = typeof api;
Object.assign(window, { slr: api });

// The person's half of the page.

const run = element<HTMLButtonElement>("run");
const copy = element<HTMLButtonElement>("copy");
const files = element<HTMLInputElement>("files");
const progress = element<HTMLProgressElement>("progress");
let report = "";

/** The whole numbers of a field, each at least 1; none where one of them is something else. */
function numbers(id: string): number[] {
  const typed = element<HTMLInputElement>(id).value.split(/[\s,;]+/).filter(Boolean).map(Number);
  return typed.every((n) => Number.isInteger(n) && n >= 1) ? typed : [];
}

function table(timings: Timing[], plan: Plan): void {
  const cell = (name: string, frames: number) =>
    median(timings.filter((t) => t.model === name && t.frames === frames).map((t) => t.milliseconds)).toFixed(2);
  const head = `<tr><th scope="col">model</th><th scope="col">size</th>${plan.lengths.map((n) => `<th scope="col">${n} ${n === 1 ? "frame" : "frames"}</th>`).join("")}</tr>`;
  const body = document.createElement("tbody");
  for (const name of plan.models) {
    const row = body.insertRow();
    const label = document.createElement("th");
    label.scope = "row";
    label.textContent = name;
    row.append(label);
    row.insertCell().textContent = megabytes(model(name).bytes);
    for (const frames of plan.lengths) row.insertCell().textContent = `${cell(name, frames)} ms`;
  }
  const result = element<HTMLTableElement>("timings");
  result.innerHTML = `<caption>Median time of one prediction</caption><thead>${head}</thead>`;
  result.append(body);
  result.hidden = false;
}

files.addEventListener("change", async () => {
  const chosen = Array.from(files.files ?? []);
  files.value = ""; // so that the same file can be chosen again
  const wrong: string[] = [];
  for (const file of chosen) {
    try {
      await keep(file.name.replace(/\.onnx$/, ""), await Model.open(file.name, new Uint8Array(await file.arrayBuffer())));
    } catch (error) {
      wrong.push(message(error));
    }
  }
  run.disabled = models.size === 0;
  if (wrong.length) say(wrong.join(" "), true);
  else if (models.size) say(`Ready: ${[...models.keys()].join(", ")}.`);
});

run.addEventListener("click", async () => {
  const lengths = numbers("lengths");
  const [rounds] = numbers("rounds");
  const [runs] = numbers("runs");
  if (!lengths.length || !rounds || !runs) return say("Frames, rounds and runs must be whole numbers from 1 up: fill in all three fields.", true);
  const plan = { models: [...models.keys()], lengths, rounds, runs, warmUps: 5, seed: 0 };
  run.disabled = files.disabled = true; // a model that is being timed must not be replaced
  progress.value = 0;
  say("Measuring. Leave this tab in front.");
  try {
    const timings = await benchmark(plan, (share) => (progress.value = share));
    table(timings, plan);
    report = JSON.stringify({ plan, timings, environment: api.environment(), weight: weight() }, null, 1);
    copy.disabled = false;
    say("Done. Copy the JSON to keep every round.");
  } catch (error) {
    say(message(error), true);
  }
  run.disabled = files.disabled = false;
});

copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(report);
    say("Copied.");
  } catch {
    say("This browser does not let the page copy: open it over https or from this computer (localhost).", true);
  }
});
