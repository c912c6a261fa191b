/** Letters of the hand alphabet from an image or the camera, by a network of some tens of kB. */
import "../ui/style.css";
import { explain, Failure } from "../i18n/failure";
import { LANGUAGES, percent, preferred, rememberLanguage, speak, spoken, t } from "../i18n/i18n";
import { ranking } from "../runtime/answer";
import { findBytes } from "../runtime/fetching";
import { LetterModel, shrink } from "../runtime/letters";
import { guessRow } from "../ui/guess";
import { element, megabytes } from "../ui/page";
import { retellStatus, tellFailure, tellStatus } from "../ui/status";
import { Camera } from "../video/camera";

const SURE = 0.5; // below, the network itself holds every letter for less likely than not
const SMALLEST = 16; // pixels; what has less shows no hand

const stage = element<HTMLCanvasElement>("stage");
const pen = stage.getContext("2d")!;
const file = element<HTMLInputElement>("image-file");
const button = element<HTMLButtonElement>("camera");

let model: LetterModel | undefined;
let camera: Camera | undefined;
let guesses: { gloss: string; p: number }[] = [];

/** The pixels of something that can be drawn. */
function pixels(image: ImageBitmap): ImageData {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
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

/** Shows the best letters; none, where there is no answer. */
function showGuesses(found: typeof guesses): void {
  guesses = found;
  const sure = found.length > 0 && found[0].p >= SURE;
  const best = found.length ? t("notSure") : "–";
  element("best").textContent = sure ? found[0].gloss : best;
  element("best-p").textContent = sure ? percent(found[0].p) : "";
  element("guesses").replaceChildren(...found.map(({ gloss, p }) => guessRow(gloss, p)));
  element("result").classList.toggle("waiting", !found.length);
}

function recognise(image: ImageData, mirrored = false): void {
  const { classes, size } = model!.about;
  const square = shrink(image, size);
  drawSquare(square, size, mirrored);
  showGuesses(ranking(model!.predict(square), classes));
}

function fail(error: unknown): void {
  showGuesses([]);
  tellFailure(explain(error));
}

async function recogniseFile(chosen: Blob, name: string): Promise<void> {
  const bitmap = await createImageBitmap(chosen).catch(() => {
    throw new Failure("lettersImage", { name });
  });
  try {
    const { width, height } = bitmap;
    if (Math.min(width, height) < SMALLEST)
      throw new Failure("lettersSmall", { name, width, height });
    recognise(pixels(bitmap));
    const [{ gloss, p }] = guesses;
    if (p < SURE) tellStatus({ key: "lettersUnsure", values: { name } });
    else tellStatus({ key: "lettersSaid", values: { name, letter: gloss, share: percent(p) } });
  } finally {
    bitmap.close();
  }
}

function closeCamera(): void {
  camera?.close();
  camera = undefined;
  showButton();
}

function showButton(): void {
  button.textContent = t(camera ? "cameraOff" : "useCamera");
}

/** Each image of the camera that this device has time for, until it is closed. */
async function watch(): Promise<void> {
  const mine = (camera = await Camera.open(element<HTMLVideoElement>("video"), "user"));
  showButton();
  tellStatus({ key: "lettersShow" });
  for (let taken = await mine.next(); taken; taken = await mine.next()) {
    recognise(pixels(taken.image), mine.mirrored);
    taken.image.close();
  }
  if (camera === mine) throw new Failure("cameraStopped");
}

function describe(): void {
  if (!model) return;
  const { classes, size, taught_on } = model.about;
  const about = t("lettersAbout", { count: classes.length, size, bytes: megabytes(model.bytes) });
  const taught = taught_on ? ` ${t("lettersTaught", { source: String(taught_on) })}` : "";
  element("model-about").textContent = about + taught;
  element("glosses").replaceChildren(
    ...classes.map((name) => Object.assign(document.createElement("li"), { textContent: name })),
  );
}

async function changeLanguage(language: (typeof LANGUAGES)[number]): Promise<void> {
  await speak(language);
  for (const known of LANGUAGES)
    element(`speak-${known}`).setAttribute("aria-pressed", String(known === spoken()));
  showButton();
  describe();
  retellStatus();
  showGuesses(guesses);
}

async function start(): Promise<void> {
  await changeLanguage(preferred()).catch(() => {});
  tellStatus({ key: "loadingModel" });
  const address = new URLSearchParams(location.search).get("model") ?? "./models/letters.wasm";
  const name = address.split("/").pop() || address;
  const bytes = await findBytes(address);
  if (!bytes) throw new Failure("lettersMissing", { name });
  model = await LetterModel.open(name, bytes);
  describe();
  file.disabled = button.disabled = false;
  element("image-label").removeAttribute("aria-disabled");
  tellStatus({ key: "lettersReady" });
}

file.addEventListener("change", () => {
  const chosen = file.files?.[0];
  file.value = ""; // so that the same file can be chosen again
  closeCamera();
  if (chosen) recogniseFile(chosen, chosen.name).catch(fail);
});

button.addEventListener("click", () => {
  if (camera) {
    closeCamera();
    return tellStatus({ key: "lettersOff" });
  }
  watch().catch((error) => {
    closeCamera();
    fail(error);
  });
});

for (const language of LANGUAGES)
  element(`speak-${language}`).addEventListener("click", () =>
    changeLanguage(language).then(rememberLanguage, (error) => tellFailure(explain(error))),
  );

const ready = start().catch(fail);

/** For tests: an image file, in base 64, to whole numbers. */
async function outputs(text: string): Promise<number[]> {
  await ready;
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
  return Array.from(model!.outputs(shrink(pixels(bitmap), model!.about.size)));
}

Object.assign(window, { letters: { ready, outputs } });
