/**
 * The demo: a video or the camera in, a gloss with its probability out. Nothing leaves the device.
 */
import "../ui/style.css";
import { type Choice, expected, type Finder, freshFinder, warning } from "../landmarks/trackers";
import { sequence } from "../landmarks/holistic";
import { drawSkeleton, EXAMPLE, foundShares, mostSeen } from "../landmarks/landmarks";
import { fetchModel, loadModel, NoModel, ranking, type RuntimeModel } from "../runtime/runtime";
import { keepFetched } from "../ui/offline";
import { count, element, megabytes, message, paint, say, weight } from "../ui/page";
import { MAX_FRAMES, openClip } from "../video/video";

/** The model beside the page: for our runtime, or else for ONNX Runtime. */
const DEFAULT_MODELS = ["./models/student_int8.slr", "./models/student_int8.onnx"];

const stage = element<HTMLCanvasElement>("stage");
const pen = stage.getContext("2d", { willReadFrequently: true })!;
const video = element<HTMLVideoElement>("video");
const camera = element<HTMLButtonElement>("camera");
const videoFile = element<HTMLInputElement>("video-file");
const modelFile = element<HTMLInputElement>("model-file");
const chooser = element<HTMLSelectElement>("engine");

let model: RuntimeModel | undefined;
let finder: Finder | undefined;
let busy = false;
let recording = false;
let kept = false;

const modelEngine = () => String(model?.metadata.engine ?? "unknown");

/** The engine that the visitor chose, or the one that the model was trained on. */
const choice = (): Choice =>
  chooser.value === "auto" ? expected(modelEngine()) : (chooser.value as Choice);

function showEngine(): void {
  const note = element("engine-about");
  note.textContent = warning(modelEngine(), choice());
  note.hidden = !note.textContent;
}

/**
 * The finder is tens of megabytes, so it comes with the first clip; each clip starts a fresh track.
 */
async function nextFinder(): Promise<Finder> {
  say(choice() === "holistic" ? "Loading MediaPipe Holistic …" : "Loading the landmarker …");
  await paint();
  const old = finder;
  finder = undefined;
  await old?.close();
  finder = await freshFinder(choice());
  showWeight();
  return finder;
}

function showWeight(): void {
  const kinds = weight();
  const total = Object.values(kinds).reduce((a, b) => a + b, 0);
  const names: Record<string, string> = {
    page: "page",
    runtime: "runtime",
    mediapipe: "MediaPipe",
    models: "model",
  };
  const rows = Object.entries(kinds).map(([kind, bytes]) => `${names[kind]} ${megabytes(bytes)}`);
  element("weight").textContent =
    `${megabytes(total)} fetched so far, uncompressed: ${rows.join(", ")}.`;
}

/**
 * Keeps all that was fetched, once, so that the page opens again without a network (see
 * public/offline.js).
 */
async function keepForOffline(): Promise<void> {
  if (kept) return;
  kept = true;
  const note = element("offline");
  try {
    await keepFetched();
    note.textContent = "Kept on this device: the page now opens without a network too.";
  } catch (error) {
    kept = false;
    note.textContent =
      "This page could not be kept on the device and needs the network next " +
      `time too (${message(error)}).`;
  }
  note.classList.toggle("error", !kept);
}

async function showModel(opened: RuntimeModel): Promise<void> {
  const old = model;
  model = opened;
  await old?.dispose();
  element("model-about").textContent =
    `${opened.name}: ${opened.glosses.length} glosses, ${megabytes(opened.bytes)}.`;
  const list = element("glosses");
  list.replaceChildren(
    ...opened.glosses.map((gloss) =>
      Object.assign(document.createElement("li"), { textContent: gloss }),
    ),
  );
  showEngine();
  for (const control of [videoFile, camera]) control.disabled = false;
  element("video-label").removeAttribute("aria-disabled");
}

/** The best guesses; where none should be believed, that is said in the place of the first. */
function showGuesses(guesses: { gloss: string; p: number }[], known?: boolean): void {
  element("best").textContent = known === false ? "Not sure" : guesses[0].gloss;
  element("best-p").textContent =
    known === false ? "" : `${(100 * guesses[0].p).toFixed(0)} %`;
  element("guesses").replaceChildren(
    ...guesses.map(({ gloss, p }) => {
      const row = document.createElement("li");
      const bar = Object.assign(document.createElement("meter"), { min: 0, max: 1, value: p });
      bar.setAttribute("aria-label", gloss);
      const share = Object.assign(document.createElement("span"), {
        className: "share",
        textContent: `${(100 * p).toFixed(1)} %`,
      });
      row.append(Object.assign(document.createElement("span"), { textContent: gloss }), bar, share);
      return row;
    }),
  );
  element("result").classList.remove("waiting");
}

/** Recognises the sign in a sequence of frames and says how well it was seen. */
async function recognise(
  frames: Float32Array[],
  secondsPerFrame: number,
  note = "",
): Promise<void> {
  const [pose, left, right] = foundShares(frames);
  if (pose === 0)
    return say("No person was found: choose a clip that shows one signer from the hips up.", true);
  const start = performance.now();
  const { probabilities, known } = await model!.answer(sequence(frames));
  const milliseconds = performance.now() - start;
  const guesses = ranking(probabilities, model!.glosses);
  showGuesses(guesses, known);
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  element("seen").textContent =
    `${frames.length} frames. Found: pose ${percent(pose)}, left hand ${percent(left)}, right ` +
    `hand ${percent(right)}. ` +
    `Looking ${(1000 * secondsPerFrame).toFixed(0)} ms per frame, recognition ` +
    `${milliseconds.toFixed(1)} ms.`;
  showWeight();
  if (import.meta.env.PROD && "caches" in window) void keepForOffline();
  if (known === false)
    say(
      `Not sure: this looks like no sign that the model knows, ${guesses[0].gloss} at best. ` +
        note,
    );
  else say(`Recognised: ${element("best").textContent}, ${element("best-p").textContent}. ${note}`);
}

function drawFrame(landmarks: Float32Array): void {
  drawSkeleton(stage, landmarks);
  stage.setAttribute("aria-label", "A frame of the clip with the skeleton that MediaPipe found");
}

async function recogniseFile(file: File): Promise<void> {
  const clip = await openClip(video, file);
  try {
    const length = Math.min(MAX_FRAMES, clip.times.length);
    const long =
      length < clip.times.length
        ? `The clip is long: only its first ${length} frames ` +
          `(${(length / clip.rate).toFixed(0)} s) count.`
        : "";
    const note = [long, clip.cut].filter(Boolean).join(" ");
    const engine = await nextFinder();
    say(`Looking at ${file.name} … ${note}`);
    const frames: Float32Array[] = [];
    let spent = 0;
    for (let k = 0; k < length; k++) {
      await clip.draw(pen, k);
      const start = performance.now();
      frames.push(await engine.find(stage, ((k + 1) * 1000) / clip.rate));
      if (k > 0) spent += performance.now() - start;
      drawFrame(frames[k]);
      count(k + 1, length);
      await paint();
    }
    const best = mostSeen(frames);
    await clip.draw(pen, best);
    drawFrame(frames[best]);
    await recognise(frames, spent / Math.max(1, frames.length - 1) / 1000, note);
  } finally {
    clip.close();
  }
}

const REFUSALS: Record<string, string> = {
  NotAllowedError:
    "The camera was not allowed: allow it for this page in the browser's settings, or choose a " +
    "video.",
  NotFoundError: "No camera was found: connect one, or choose a video.",
  NotReadableError:
    "The camera cannot be read: close other programs that use it, or choose a video.",
};

/** The camera's stream; one sentence where there is none. */
async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices)
    throw new Error(
      "A browser gives the camera to https pages and to this computer (localhost) only: open " +
        "the page there, or choose a video.",
    );
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: 640, height: 480 },
      audio: false,
    });
  } catch (error) {
    throw new Error(
      REFUSALS[(error as Error).name] ??
        `The camera did not start (${message(error)}): choose a video.`,
    );
  }
}

/** From one press of the button to the next; the rate is what this device manages. */
async function recogniseCamera(): Promise<void> {
  const stream = await openCamera();
  try {
    video.srcObject = stream;
    await video.play();
    [stage.width, stage.height] = [video.videoWidth, video.videoHeight];
    const engine = await nextFinder();
    const frames: Float32Array[] = [];
    const begin = performance.now();
    if (recording) say("Sign now, then press Stop.");
    while (recording && frames.length < MAX_FRAMES) {
      pen.drawImage(video, 0, 0, stage.width, stage.height);
      frames.push(await engine.find(stage, performance.now()));
      drawFrame(frames[frames.length - 1]);
      count(frames.length, MAX_FRAMES, `Frame ${frames.length} of at most ${MAX_FRAMES}`);
      await paint();
    }
    if (!frames.length)
      return say(
        "Stopped before the first image: press the button again and wait for the word to sign.",
      );
    await recognise(
      frames,
      (performance.now() - begin) / frames.length / 1000,
      recording ? `Recording ended after ${MAX_FRAMES} frames.` : "",
    );
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}

/** One thing at a time; an error becomes a sentence on the page. */
async function once(work: () => Promise<void>): Promise<void> {
  if (busy) return say("One thing at a time: wait until this clip is done, then choose again.");
  busy = true;
  say("One moment …");
  try {
    await work();
  } catch (error) {
    say(message(error), true);
  }
  element("working").hidden = true;
  busy = false;
}

videoFile.addEventListener("change", () => {
  const file = videoFile.files?.[0];
  videoFile.value = ""; // so that the same file can be chosen again
  if (file) void once(() => recogniseFile(file));
});

camera.addEventListener("click", async () => {
  if (busy && !recording) return void once(recogniseCamera);
  recording = !recording;
  camera.textContent = recording ? "Stop" : "Use the camera";
  if (!recording) return;
  await once(recogniseCamera);
  recording = false;
  camera.textContent = "Use the camera";
});

chooser.addEventListener("change", showEngine);

modelFile.addEventListener("change", () => {
  const file = modelFile.files?.[0];
  modelFile.value = "";
  if (!file) return;
  void once(async () => {
    await showModel(await loadModel(file.name, new Uint8Array(await file.arrayBuffer())));
    say("Model loaded. Choose a video or use the camera.");
  });
});

async function start(): Promise<void> {
  [stage.width, stage.height] = [640, 480];
  drawSkeleton(stage, EXAMPLE);
  try {
    await showModel(await fetchModel(DEFAULT_MODELS));
    say("Choose a video or use the camera.");
  } catch (error) {
    if (error instanceof NoModel)
      say("Choose a model file to begin: a run of the book writes models/student_int8.slr.");
    else say(message(error), true);
  }
  showWeight();
  if (import.meta.env.PROD) void navigator.serviceWorker?.register("./offline.js").catch(() => {});
}

void start();
