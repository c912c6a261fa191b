/**
 * The benchmark page: the same functions for a person (a button) and for a script (`window.slr`).
 */
import "../ui/style.css";
import * as ort from "onnxruntime-web/wasm";
import { fetchContender, openContender, type Options, stem } from "../bench/contenders";
import type { Contender } from "../bench/model";
import { peak, peakOfBytes } from "../bench/peak";
import { benchmark, median, turn, type Plan, type Turn } from "../bench/rounds";
import { bestBuild } from "../runtime/builds";
import { RUNTIME_VERSION } from "../runtime/model";
import { element, megabytes, message, say, weight } from "../ui/page";
import { tryModel } from "../work/trial";

// `?threads=2&models=./models/a.onnx,./models/b.onnx&frames=1,70&rounds=20&runs=50`, each of them
// optional
const query = new URLSearchParams(location.search);
const threads = Math.max(1, Math.trunc(Number(query.get("threads") ?? 1)) || 1);
// threads need shared memory, and that an isolated page
ort.env.wasm.numThreads = window.crossOriginIsolated ? threads : 1;

const models = new Map<string, Contender>();
const clips = new Map<string, { values: Float32Array; points?: number }>();

/** Takes a model in; one of the same name is freed. */
async function keep(name: string, opened: Contender): Promise<void> {
  await models.get(name)?.close();
  models.set(name, opened);
}

function model(name: string): Contender {
  const found = models.get(name);
  if (!found) throw new Error(`The page has no model "${name}": load it first.`);
  return found;
}

/** Floats travel between Python and the page as base64: exact, and NaN survives. */
function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

function about(name: string) {
  const { bytes, frame, glosses, metadata, runtime, sessionMilliseconds } = model(name);
  return { bytes, frame, glosses, metadata, runtime, sessionMilliseconds };
}

const environment = () => ({
  userAgent: navigator.userAgent,
  cores: navigator.hardwareConcurrency,
  isolated: window.crossOriginIsolated,
  runtime: RUNTIME_VERSION,
  build: bestBuild(), // of our own runtime
  threads: ort.env.wasm.numThreads,
  milliseconds_since_navigation: performance.now(),
});

const api = {
  async load(name: string, url: string, options?: Options) {
    await keep(name, await fetchContender(name, url, options));
    return about(name);
  },
  predict: async (name: string, values: string) =>
    Array.from(await model(name).ready(decode(values))()),
  /** Keeps a clip under a name, for turns; `points`: of a frame. */
  give: (clip: string, values: string, points?: number) =>
    void clips.set(clip, { values: decode(values), points }),
  /** The times of some predictions of one model on one clip; none where `runs` is 0. */
  turn(name: string, clip: string, runs: number) {
    const { values, points } = clips.get(clip)!;
    return turn(model(name), values, runs, points);
  },
  benchmark: (plan: Plan) => benchmark(plan, model, () => {}),
  endProfiling: (name: string) => model(name).endProfiling(),
  peak,
  peakOfBytes,
  weight,
  environment,
};
export type Api = typeof api;
Object.assign(window, { slr: api });

// The person's half of the page.

const run = element<HTMLButtonElement>("run");
const copy = element<HTMLButtonElement>("copy");
const download = element<HTMLButtonElement>("download");
const files = element<HTMLInputElement>("files");
const progress = element<HTMLProgressElement>("progress");
const waiting = new Map<string, string>(); // models that the button will fetch: name to address
let report = "";

/** The whole numbers of a field, each at least 1; none where one of them is something else. */
function numbers(id: string): number[] {
  const typed = element<HTMLInputElement>(id)
    .value.split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  return typed.every((n) => Number.isInteger(n) && n >= 1) ? typed : [];
}

function row(body: HTMLTableSectionElement, label: string, cells: string[]): void {
  const added = body.insertRow();
  added.append(Object.assign(document.createElement("th"), { scope: "row", textContent: label }));
  for (const text of cells) added.insertCell().textContent = text;
}

/**
 * The median of all times at one length, and the median ratio to the first model in the same round.
 */
function show(turns: Turn[], plan: Plan): void {
  const of = (name: string, frames: number) =>
    turns
      .filter((t) => t.model === name && t.frames === frames)
      .toSorted((a, b) => a.round - b.round);
  const cell = (name: string, frames: number) => {
    const [mine, first] = [of(name, frames), of(plan.models[0], frames)];
    const ratio = median(
      mine.map((t, k) => median(t.milliseconds) / median(first[k].milliseconds)),
    );
    // no line breaks before units
    const time = `${median(mine.flatMap((t) => t.milliseconds)).toFixed(2)}\u00a0ms`;
    return name === plan.models[0] ? time : `${time} (×\u00a0${ratio.toFixed(2)})`;
  };
  const table = element<HTMLTableElement>("timings");
  const heads = [
    "model",
    "size",
    ...plan.lengths.map((n) => `${n} ${n === 1 ? "frame" : "frames"}`),
  ];
  const caption =
    "Median time of one prediction, and as a multiple of the first model in the same round";
  const cells = heads.map((h) => `<th scope="col">${h}</th>`).join("");
  table.innerHTML = `<caption>${caption}</caption><thead><tr>${cells}</tr></thead>`;
  const body = table.createTBody();
  for (const name of plan.models)
    row(body, name, [
      megabytes(model(name).bytes),
      ...plan.lengths.map((frames) => cell(name, frames)),
    ]);
  table.hidden = false;
}

function showWeight(): void {
  const kinds = weight();
  const total = Object.values(kinds).reduce((a, b) => a + b, 0);
  element("weight").textContent =
    `Fetched so far, uncompressed: ${megabytes(total)} (runtime ${megabytes(kinds.runtime)}, ` +
    `models ${megabytes(kinds.models)}).`;
}

function ready(): void {
  const names = [...new Set([...models.keys(), ...waiting.keys()])];
  run.disabled = names.length === 0;
  if (names.length) say(`Ready: ${names.join(", ")}.`);
}

files.addEventListener("change", async () => {
  const chosen = Array.from(files.files ?? []);
  files.value = ""; // so that the same file can be chosen again
  const wrong: string[] = [];
  for (const file of chosen) {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      say(`Trying ${file.name} …`);
      if (!file.name.endsWith(".safetensors")) await tryModel(file.name, bytes);
      await keep(stem(file.name), await openContender(file.name, bytes));
    } catch (error) {
      wrong.push(message(error));
    }
  }
  ready();
  showWeight();
  if (wrong.length) say(wrong.join(" "), true);
});

async function measure(plan: Plan): Promise<void> {
  for (const [name, url] of waiting) {
    say(`Loading ${name} …`);
    await api.load(name, url);
    waiting.delete(name);
  }
  plan.models = [...models.keys()];
  say("Measuring. Leave this tab in front.");
  const limit = await peak();
  const turns = await benchmark(plan, model, (share) => (progress.value = share));
  show(turns, plan);
  const bytes = Object.fromEntries(plan.models.map((name) => [name, model(name).bytes]));
  const device = element<HTMLInputElement>("device").value.trim();
  report = JSON.stringify({
    format: "slr_tiny benchmark 1",
    device,
    plan,
    bytes,
    gigaflops: limit,
    environment: environment(),
    weight: weight(),
    turns,
  });
  copy.disabled = download.disabled = false;
  say("Done. Copy or download the result: it keeps every single time.");
}

run.addEventListener("click", async () => {
  const lengths = numbers("lengths");
  const [[rounds], [runs], [warmUps]] = [numbers("rounds"), numbers("runs"), numbers("warm-ups")];
  if (!lengths.length || !rounds || !runs || !warmUps)
    return say(
      "Frames, rounds, runs and warm-ups must be whole numbers from 1 up: fill in all fields.",
      true,
    );
  run.disabled = files.disabled = true; // a model that is being timed must not be replaced
  progress.value = 0;
  try {
    await measure({ models: [], lengths, rounds, runs, warmUps, seed: 0 });
  } catch (error) {
    say(message(error), true);
  }
  run.disabled = files.disabled = false;
  showWeight();
});

copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(report);
    say("Copied.");
  } catch {
    say("This browser does not let the page copy: press Download instead.", true);
  }
});

download.addEventListener("click", () => {
  const link = document.createElement("a");
  const name = (element<HTMLInputElement>("device").value.trim() || "device").replace(
    /[^\w-]+/g,
    "_",
  );
  link.href = URL.createObjectURL(new Blob([report], { type: "application/json" }));
  link.download = `bench_${name}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

/**
 * Links that open the page anew with another number of threads: a runtime that has started keeps
 * its number.
 */
function offerThreads(): void {
  const place = element("threads");
  if (!window.crossOriginIsolated)
    return void (place.textContent =
      "One thread: this page was served without the two headers that isolate it, and without " +
      "them a browser gives no shared memory, and a coarse clock.");
  const choices = [1, 2, 4, 8].filter((n) => n === 1 || n <= navigator.hardwareConcurrency);
  place.textContent = "Threads: ";
  for (const n of choices) {
    const there = new URLSearchParams(location.search);
    there.set("threads", String(n));
    const now = n === ort.env.wasm.numThreads;
    place.append(
      Object.assign(
        document.createElement(now ? "strong" : "a"),
        now ? { textContent: n } : { href: `?${there}`, textContent: n },
      ),
      " ",
    );
  }
}

/** The models that the address names, or those that lie beside the page (`models/bench.json`). */
async function offerModels(): Promise<void> {
  const named = query.get("models");
  const urls = named
    ? named.split(",")
    : ((await (await fetch("./models/bench.json")).json()) as string[]).map(
        (file) => `./models/${file}`,
      );
  for (const url of urls) waiting.set(stem(url), url);
}

for (const [key, id] of [
  ["frames", "lengths"],
  ["rounds", "rounds"],
  ["runs", "runs"],
  ["warmups", "warm-ups"],
  ["device", "device"],
]) {
  if (query.has(key)) element<HTMLInputElement>(id).value = query.get(key)!;
}
offerThreads();
await offerModels().catch(() => {}); // without them a person chooses files
ready();
showWeight();
