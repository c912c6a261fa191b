/** Letters of the hand alphabet from an image or the camera, by a network of some tens of kB. */
import "../ui/style.css";
import { ranking } from "../runtime/answer";
import { LetterModel, shrink } from "../runtime/letters";
import { element, megabytes, message, say, weight } from "../ui/page";

const PATIENCE_MS = 20_000;
const SURE = 0.5; // below, the network itself holds every letter for less likely than not
const SMALLEST = 16; // pixels; what has less shows no hand

const stage = element<HTMLCanvasElement>("stage");
const pen = stage.getContext("2d")!;
const video = element<HTMLVideoElement>("video");
const file = element<HTMLInputElement>("image-file");
const camera = element<HTMLButtonElement>("camera");

let model: LetterModel | undefined;
let stream: MediaStream | undefined;

/** The pixels of something that can be drawn. */
function pixels(image: CanvasImageSource, width: number, height: number): ImageData {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** Shows the square as the network reads it: each of its pixels as a square of the page. */
function drawSquare(square: Uint8Array, size: number, mirrored: boolean): void {
  const small = new ImageData(size, size);
  for (let k = 0; k < size * size; k++)
    small.data.set([...square.subarray(3 * k, 3 * k + 3), 255], 4 * k);
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext("2d")!.putImageData(small, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? stage.width : 0, 0);
  pen.drawImage(canvas, 0, 0, stage.width, stage.height);
}

function row(letter: string, p: number): HTMLLIElement {
  const item = document.createElement("li");
  const bar = Object.assign(document.createElement("meter"), { min: 0, max: 1, value: p });
  bar.setAttribute("aria-label", letter);
  const share = Object.assign(document.createElement("span"), {
    className: "share",
    textContent: `${(100 * p).toFixed(1)} %`,
  });
  item.append(Object.assign(document.createElement("span"), { textContent: letter }), bar, share);
  return item;
}

/** The best letters for the middle of an image, and what they took in milliseconds. */
function recognise(image: ImageData, mirrored = false): number {
  const start = performance.now();
  const square = shrink(image, model!.about.size);
  const probabilities = model!.predict(square);
  const milliseconds = performance.now() - start;
  drawSquare(square, model!.about.size, mirrored);
  const guesses = ranking(probabilities, model!.about.classes);
  const sure = guesses[0].p >= SURE;
  element("best").textContent = sure ? guesses[0].gloss : "Not sure";
  element("best-p").textContent = sure ? `${(100 * guesses[0].p).toFixed(0)} %` : "";
  element("guesses").replaceChildren(...guesses.map(({ gloss, p }) => row(gloss, p)));
  element("result").classList.remove("waiting");
  return milliseconds;
}

/** No answer is left beside an error. */
function forget(): void {
  element("best").textContent = "–";
  element("best-p").textContent = "";
  element("guesses").replaceChildren();
  element("result").classList.add("waiting");
}

function fail(error: unknown): void {
  forget();
  say(message(error), true);
}

async function recogniseFile(chosen: Blob, name: string): Promise<void> {
  const bitmap = await createImageBitmap(chosen).catch(() => {
    throw new Error(`${name} is no image that this browser can read: save it as JPEG or PNG.`);
  });
  try {
    const { width, height } = bitmap;
    if (Math.min(width, height) < SMALLEST)
      throw new Error(`${name} has ${width} x ${height} pixels: choose a larger image.`);
    const took = recognise(pixels(bitmap, width, height));
    const said = ["best", "best-p"].map((id) => element(id).textContent).filter(Boolean);
    say(`${name}: ${said.join(", ")}, after ${took.toFixed(1)} ms.`);
  } finally {
    bitmap.close();
  }
}

const REFUSALS: Record<string, string> = {
  NotAllowedError:
    "The camera was not allowed: allow it for this page in the browser's settings, or choose an " +
    "image.",
  NotFoundError: "No camera was found: connect one, or choose an image.",
  NotReadableError:
    "The camera cannot be read: close other programs that use it, or choose an image.",
};

async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices)
    throw new Error(
      "A browser gives the camera to https pages and to this computer (localhost) only: open " +
        "the page there, or choose an image.",
    );
  const wanted = { video: { width: 640, height: 480 }, audio: false };
  return navigator.mediaDevices.getUserMedia(wanted).catch((error: Error) => {
    throw new Error(
      REFUSALS[error.name] ?? `The camera did not start (${error.message}): choose an image.`,
    );
  });
}

function stop(): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  video.srcObject = null;
  camera.textContent = "Use the camera";
}

/** Each image of the camera, until the button is pressed again. */
async function watch(): Promise<void> {
  stream = await openCamera();
  camera.textContent = "Stop";
  video.srcObject = stream;
  await video.play();
  say("Show a letter in the square.");
  const look = () => {
    if (!stream) return;
    try {
      recognise(pixels(video, video.videoWidth, video.videoHeight), true);
      video.requestVideoFrameCallback(look);
    } catch (error) {
      stop();
      fail(error);
    }
  };
  video.requestVideoFrameCallback(look);
}

async function download(url: string): Promise<Uint8Array<ArrayBuffer>> {
  if (new URL(url, location.href).origin !== location.origin)
    throw new Error("The address names a network of another site: put the file beside this page.");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url, { signal }).catch(() => {
    throw new Error("The network could not be fetched: check the connection and load again.");
  });
  if (!response.ok)
    throw new Error(`${url} was not found: chapter 13 writes it as models/letters.wasm of a run.`);
  return new Uint8Array(await response.arrayBuffer());
}

async function start(): Promise<void> {
  const url = new URLSearchParams(location.search).get("model") ?? "./models/letters.wasm";
  model = await LetterModel.open(await download(url));
  const { classes, size, taught_on } = model.about;
  const taught = taught_on ? ` Taught on: ${taught_on}.` : "";
  element("model-about").textContent =
    `${classes.length} letters, ${size} x ${size} pixels, ${megabytes(model.bytes)} with its ` +
    `runtime.${taught}`;
  element("glosses").replaceChildren(
    ...classes.map((name) =>
      Object.assign(document.createElement("li"), { textContent: name }),
    ),
  );
  for (const control of [file, camera]) control.disabled = false;
  element("image-label").removeAttribute("aria-disabled");
  say("Choose an image or use the camera.");
}

file.addEventListener("change", () => {
  const chosen = file.files?.[0];
  file.value = ""; // so that the same file can be chosen again
  stop();
  if (chosen) recogniseFile(chosen, chosen.name).catch(fail);
});

camera.addEventListener("click", () => {
  if (stream) {
    stop();
    return say("The camera is off.");
  }
  watch().catch((error) => {
    stop();
    fail(error);
  });
});

const ready = start()
  .catch(fail)
  .then(() => {
    const bytes = Object.values(weight()).reduce((sum, part) => sum + part, 0);
    element("weight").textContent = `This page fetched ${megabytes(bytes)}, unpacked.`;
  });

/** For tests: an image file, in base 64, to whole numbers. */
async function outputs(text: string): Promise<number[]> {
  await ready;
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
  const image = pixels(bitmap, bitmap.width, bitmap.height);
  return Array.from(model!.outputs(shrink(image, model!.about.size)));
}

Object.assign(window, { letters: { ready, outputs } });
