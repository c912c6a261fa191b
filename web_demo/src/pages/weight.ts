/**
 * The lightest visit: a page that fetches a runtime and a model, predicts once, and says what that
 * took. The address names the model: `?model=./models/student_int8.onnx&frames=70`. With `&keep`
 * the page then opens without a network too. With `&entry=ort.min.mjs` it takes another entry of
 * the runtime, a file that must lie in `ort/` beside the page.
 */
import "../ui/style.css";
import { sameOrigin } from "../runtime/fetching";
import { message, say } from "../ui/page";
import { files, keep, show, timed, type Visit } from "../ui/visit";

const query = new URLSearchParams(location.search);

function runtime(): Promise<typeof import("onnxruntime-web/wasm")> {
  const entry = query.get("entry");
  return entry
    ? import(/* @vite-ignore */ sameOrigin(`./ort/${entry}`).href)
    : import("onnxruntime-web/wasm");
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(sameOrigin(url)).catch(() => undefined);
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
    runtime: `onnxruntime-web ${ort.env.versions.web ?? "unknown"}`,
  };
}

const done = visit();
done.then(show).catch((error) => say(message(error), true));
const kept = done.then(() => (query.has("keep") ? keep() : false));
kept.catch(() => {}); // said by the line above, or by whoever waits for it
Object.assign(window, { slr: { visit: done, kept } });
