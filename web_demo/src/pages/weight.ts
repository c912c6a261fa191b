/**
 * The lightest visit: a page that fetches a runtime and a model, predicts once, and says what that
 * took. The address names the model: `?model=./models/student_int8.onnx&frames=70`. With `&keep`
 * the page then opens without a network too. With `&entry=ort.min.mjs` it takes another entry of
 * the runtime, a file that must lie in `ort/` beside the page.
 */
import "../ui/style.css";
import { keepFetched } from "../ui/offline";
import { element, megabytes, message, say } from "../ui/page";

const query = new URLSearchParams(location.search);

interface Visit {
  /**
   * Milliseconds: until the model was here, for the session, for the first and the second
   * prediction; `total` counts from the navigation to the first answer.
   */
  milliseconds: { model: number; session: number; first: number; second: number; total: number };
  /** Every file that was fetched, with its bytes on the line (0: from the cache) and unpacked. */
  files: { name: string; wire: number; bytes: number }[];
  runtime: string;
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

function files(): Visit["files"] {
  const entries = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ] as PerformanceResourceTiming[];
  return entries.map((entry) => ({
    name: new URL(entry.name).pathname,
    wire: entry.transferSize,
    bytes: entry.decodedBodySize,
  }));
}

function runtime(): Promise<typeof import("onnxruntime-web/wasm")> {
  const entry = query.get("entry");
  return entry
    ? import(/* @vite-ignore */ new URL(`./ort/${entry}`, document.baseURI).href)
    : import("onnxruntime-web/wasm");
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok)
    throw new Error(
      `${url} was not found: name a model in the address, such as ` +
        "?model=./models/student_int8.onnx.",
    );
  return new Uint8Array(await response.arrayBuffer());
}

async function visit(): Promise<Visit> {
  const [bytes, ort] = await Promise.all([
    download(query.get("model") ?? "./models/student_int8.onnx"),
    runtime(),
  ]);
  const model = performance.now();
  // the other entries look beside themselves
  if (!query.get("entry")) ort.env.wasm.wasmPaths = new URL("./ort/", document.baseURI).href;
  ort.env.wasm.numThreads = 1;
  const [session, creation] = await timed(
    ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] }),
  );
  const [input] = session.inputMetadata;
  const frame = (input.isTensor ? input.shape : []).slice(1).map(Number);
  const frames = Number(query.get("frames") ?? 70);
  const values = new Float32Array(frames * frame.reduce((a, b) => a * b)).fill(0.5);
  const clip = new ort.Tensor("float32", values, [frames, ...frame]);
  const [, first] = await timed(session.run({ [session.inputNames[0]]: clip }));
  const total = performance.now();
  const [, second] = await timed(session.run({ [session.inputNames[0]]: clip }));
  return {
    milliseconds: { model, session: creation, first, second, total },
    files: files(),
    runtime: ort.env.versions.web ?? "unknown",
  };
}

function show({ milliseconds, files }: Visit): void {
  const wire = files.reduce((sum, file) => sum + file.wire, 0);
  const unpacked = files.reduce((sum, file) => sum + file.bytes, 0);
  say(
    `The first answer came ${(milliseconds.total / 1000).toFixed(2)} s after the address was ` +
      "entered.",
  );
  element("weight").textContent =
    `This page fetched ${wire ? megabytes(wire) : "nothing"} over the line, ` +
    `${megabytes(unpacked)} unpacked.`;
  const rows: [string, number][] = [
    ["until the model was here", milliseconds.model],
    ["runtime and session", milliseconds.session],
    ["first prediction", milliseconds.first],
    ["second prediction", milliseconds.second],
  ];
  element("times").replaceChildren(
    ...rows.map(([label, value]) =>
      Object.assign(document.createElement("li"), {
        textContent: `${label}: ${value.toFixed(1)} ms`,
      }),
    ),
  );
}

/** So that the page opens the next time without a network. */
async function keep(): Promise<boolean> {
  await navigator.serviceWorker.register("./offline.js");
  await navigator.serviceWorker.ready;
  await keepFetched();
  return true;
}

const done = visit();
done.then(show).catch((error) => say(message(error), true));
const kept = done.then(() => (query.has("keep") ? keep() : false));
kept.catch(() => {}); // said by the line above, or by whoever waits for it
Object.assign(window, { slr: { visit: done, kept } });
