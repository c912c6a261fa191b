/**
 * The demo: a video or the camera in; a sign with its probability out, or the signs of sentences
 * with their times. Nothing leaves the device, and all computing is done by workers.
 */
import "../ui/style.css";
import type { Key } from "../i18n/en";
import { explain, Failure, isCancelled, type Values } from "../i18n/failure";
import {
  decimal,
  type Language,
  LANGUAGES,
  percent,
  preferred,
  remember,
  remembered,
  rememberLanguage,
  speak,
  spoken,
  t,
} from "../i18n/i18n";
import { foundShares, sequence } from "../landmarks/landmarks";
import { mirrored } from "../landmarks/mirror";
import { type Choice, expected, isOther } from "../landmarks/trackers";
import { ranking } from "../runtime/answer";
import { findBytes, sameOrigin } from "../runtime/fetching";
import { clearAnswer, redrawAnswer, type Shown, showAnswer } from "../ui/answer";
import { useDictionary, wordOf } from "../ui/answer";
import { fetchDictionary } from "../ui/dictionary";
import { download } from "../ui/download";
import { askToStay, keepPages } from "../ui/offline";
import { element, megabytes, weight } from "../ui/page";
import { addRow, clearRows, redrawRows, type Row, rowsAsText } from "../ui/results";
import { labelStage, showBig, showCamera, showExample, showFrame, showOnCamera } from "../ui/stage";
import {
  addSegments,
  clearSegments,
  countSegments,
  hideCaption,
  moment,
  redrawSegments,
  saveElanCsv,
  saveWebVtt,
  showMode,
} from "../ui/sentences";
import { hideProgress, retellStatus, tellFailure, tellProgress, tellStatus } from "../ui/status";
import { Camera, hasSeveral, type Side } from "../video/camera";
import { Live, type Stage } from "../work/live";
import { followFile, lookAtFile, type Seen } from "../work/looking";
import { stream, warm, weighLooking } from "../work/looking";
import { contentHash, NEEDED, OwnSigns } from "../work/own_signs";
import { Recogniser } from "../work/recogniser";
import { cameraFrames, follow, hasSentences } from "../work/sentences";
import { type Looked, SENTENCE_MODEL, SentenceRecogniser } from "../work/sentences";

/** The model beside the page: for our runtime, or else for ONNX Runtime. */
const DEFAULT_MODELS = ["./models/student_int8.slr", "./models/student_int8.onnx"];

const video = element<HTMLVideoElement>("video");
const cameraButton = element<HTMLButtonElement>("camera");
const videoFile = element<HTMLInputElement>("video-file");
const modelFile = element<HTMLInputElement>("model-file");
const chooser = element<HTMLSelectElement>("engine");
const leftHanded = element<HTMLInputElement>("left-handed");
const byItself = element<HTMLInputElement>("by-itself");

const recogniser = new Recogniser();
let camera: Camera | undefined;
let live: Live | undefined;
/** The network for sentences; whether the page is in their mode. */
let sentences: SentenceRecogniser | undefined;
let readsSentences = false;

// ---- one piece of work at a time

let current: AbortController | undefined;
let again: (() => void) | undefined;

/** What another try may mend. */
const PASSING: Key[] = [
  "lineLost",
  "fileLost",
  "fileRefused",
  "fileMissing",
  "programLost",
  "runtimeLost",
  "brokenOff",
  "silent",
  "unexpected",
];

function showBusy(): void {
  element("cancel").hidden = !current || Boolean(camera);
  element("retry").hidden = !again;
  element("start").classList.toggle("busy", Boolean(current) && !camera);
}

/**
 * Does something that takes its time. What was going on is given up, an old answer is taken away,
 * and an error becomes a sentence, with a button where another try may help.
 */
async function work(doing: (signal: AbortSignal) => Promise<void>): Promise<void> {
  current?.abort();
  const mine = new AbortController();
  current = mine;
  again = undefined;
  clearAnswer();
  tellStatus({ key: "oneMoment" });
  showBusy();
  try {
    await doing(mine.signal);
  } catch (error) {
    if (current === mine) failed(explain(error), doing);
  }
  if (current !== mine) return;
  current = undefined;
  hideProgress();
  showBusy();
}

function failed(failure: Failure, doing: (signal: AbortSignal) => Promise<void>): void {
  clearAnswer();
  if (isCancelled(failure)) {
    // without a model there is nothing else to do
    if (!recogniser.about) again = () => void work(doing);
    return tellStatus({ key: "cancelled" });
  }
  tellFailure(failure);
  if (PASSING.includes(failure.key)) again = () => void work(doing);
}

// ---- the model

/** What is known of the model of the page's mode. */
const aboutModel = () => (readsSentences ? sentences?.about : recogniser.about);

/** The engine of the model's landmarks, by what its file says. */
const modelEngine = () => String(aboutModel()?.metadata.engine ?? "unknown");
const choice = (): Choice =>
  chooser.value === "auto" ? expected(modelEngine()) : (chooser.value as Choice);

function describeModel(): void {
  const about = aboutModel();
  const place = element("model-about");
  const ours = about && t("ownRuntime", { build: about.runtime });
  place.textContent = about
    ? t("modelAbout", {
        name: about.name,
        glosses: about.glosses.length,
        size: megabytes(about.bytes),
        runtime: about.runtime === "onnxruntime-web" ? "ONNX Runtime" : ours!,
      })
    : t("modelNone");
  const point = about?.metadata.working_point as Record<string, number> | undefined;
  const line = element("model-point");
  line.hidden = !about;
  line.textContent = point
    ? t(readsSentences ? "sentencesPoint" : "modelPoint", {
        threshold: decimal(point.threshold, 3),
        rate: point.frames_per_second ? decimal(point.frames_per_second) : "?",
      })
    : t("modelNoPoint");
  const note = element("engine-about");
  note.hidden = !about || !isOther(modelEngine(), choice());
  note.textContent = note.hidden ? "" : t("otherTracker", { tracker: modelEngine() });
  element("glosses").replaceChildren(
    ...(about?.glosses ?? []).map((gloss) =>
      Object.assign(document.createElement("li"), { textContent: wordOf(gloss) }),
    ),
  );
}

const own = new OwnSigns();
let teaching: string | undefined; // the sign that the camera was opened for

/** The list of the signs that were taught, each with a button. */
function describeOwn(): void {
  const rows = own.list.map(([sign, count]) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "quiet-button", textContent: "×" });
    button.setAttribute("aria-label", t("ownDelete", { sign }));
    button.addEventListener("click", () => void forgetSign(sign));
    row.append(t("ownCount", { sign, count }), button);
    return row;
  });
  element("own-list").replaceChildren(...rows);
  element("own-none").hidden = element("own-tools").hidden = false;
  element(rows.length ? "own-none" : "own-tools").hidden = true;
}

async function forgetSign(sign: string): Promise<void> {
  await own.remove(sign);
  clearAnswer();
  describeOwn();
  tellStatus({ key: "deletedSign", values: { sign } });
  element("own-name").focus();
}

/** Keeps a recording of the sign that is being taught, and says how many are still needed. */
async function teach(sign: string, embedding: Float32Array | undefined): Promise<void> {
  if (!embedding?.length) throw new Failure("ownNoEmbedding");
  const count = await own.add(sign, embedding);
  describeOwn();
  const values = { sign, count, needed: NEEDED };
  const said = { key: count < NEEDED ? "taughtOne" : "taughtEnough", values } as const;
  if (own.isKept) tellStatus(said);
  else tellStatus(said, { key: "noStore" });
}

/** The name in the field; undefined, and a sentence, where there is none. */
function namedSign(): string | undefined {
  const name = element<HTMLInputElement>("own-name").value.trim();
  if (name) return name;
  tellFailure(new Failure("nameFirst"));
  element("own-name").focus();
  return undefined;
}

/** What is to be said of the times, as the file of the network for sentences has it. */
function describeTimes(): void {
  const { delay_seconds, longest_seconds = 1.2 } = sentences?.about.metadata ?? {};
  const known = typeof delay_seconds === "number";
  const values = {
    delay: decimal(Number(delay_seconds), 2),
    longest: decimal(Number(longest_seconds)),
  };
  element("sentences-times").textContent = t(known ? "sentencesTimes" : "sentencesLate", values);
}

/** Opens a model's file, and the signs that were taught to it. */
async function openModel(name: string, file: Uint8Array, signal: AbortSignal): Promise<void> {
  await recogniser.open(name, file, signal);
  await own.open(await contentHash(file));
  describeOwn();
}

/** A camera or a video can be chosen as soon as there is a model for the page's mode. */
function modelIsHere(): void {
  const there = Boolean(aboutModel());
  for (const control of [videoFile, cameraButton]) control.disabled = !there;
  const label = element("video-label");
  if (there) label.removeAttribute("aria-disabled");
  else label.setAttribute("aria-disabled", "true");
  describeModel();
  void showWeight();
}

/** The first of some addresses where a model lies. */
async function fetchModel(signal: AbortSignal): Promise<void> {
  const named = new URLSearchParams(location.search).get("model");
  const addresses = named ? [sameOrigin(named).href] : DEFAULT_MODELS;
  for (const address of addresses) {
    const file = await findBytes(address, { signal });
    if (!file) continue;
    const name = new URL(address, document.baseURI).pathname.split("/").pop()!;
    await openModel(name, file, signal);
    modelIsHere();
    tellStatus({ key: "ready" });
    void addDictionary(address);
    return;
  }
  if (named) throw new Failure("fileMissing", { what: named.split("/").pop()! });
  tellStatus({ key: "noModelYet" });
}

async function addDictionary(address: string): Promise<void> {
  useDictionary(await fetchDictionary(new URL(address, document.baseURI).href));
  describeModel();
  redrawAnswer();
}

// ---- clips

let numbers: Values | undefined;

function describeClip(): void {
  element("numbers-place").hidden = !numbers;
  if (numbers) element("numbers").textContent = t("numbers", numbers);
}

function countClip(seen: Seen, milliseconds: number): void {
  const [body, left, right] = foundShares(seen.frames).map((share) => percent(share));
  numbers = {
    frames: seen.frames.length,
    rate: decimal(seen.rate),
    body,
    left,
    right,
    decoding: decimal(seen.seconds.decoding, 2),
    landmarks: decimal(seen.seconds.landmarks, 2),
    each: decimal((1000 * seen.seconds.landmarks) / Math.max(1, seen.frames.length), 0),
    model: decimal(milliseconds, 1),
  };
  describeClip();
}

let fetched = { bytes: 0, before: 0, last: 0 };

/** Says how much has come of what the first clip needs. */
function tellBytes(done: number): void {
  if (done < fetched.last) fetched.before += fetched.last;
  fetched.last = done;
  fetched.bytes = fetched.before + done;
  if (current) tellProgress("loadingPointsShare", { share: megabytes(fetched.bytes) });
}

interface Recognised extends Shown {
  milliseconds: number;
  embedding?: Float32Array;
}

/** What the model says of some frames; a Failure where nobody, or no hand, was seen. */
async function recognise(frames: Float32Array[], signal: AbortSignal): Promise<Recognised> {
  const [body, left, right] = foundShares(frames);
  if (!body) throw new Failure("noPerson");
  if (!left && !right) throw new Failure("noHands");
  const given = leftHanded.checked ? frames.map(mirrored) : frames;
  const answer = await recogniser.answer(sequence(given), signal);
  const { probabilities, known, milliseconds, embedding } = answer;
  const guesses = ranking(probabilities, recogniser.about!.glosses);
  const mine = embedding?.length ? own.answer(embedding) : undefined;
  return { guesses, known, own: mine, milliseconds, embedding };
}

/** Shows an answer and says it, with what else there is to say. */
function tellAnswer(answer: Recognised, notes: { key: Key; values?: Values }[] = []): void {
  showAnswer(answer);
  const [best] = answer.guesses;
  const sign = wordOf(best.gloss);
  const said: { key: Key; values: Values } =
    answer.own !== undefined
      ? { key: "recognisedOwn", values: { sign: answer.own } }
      : answer.known === false
        ? { key: "notSureStatus", values: { sign } }
        : { key: "recognised", values: { sign, share: percent(best.p) } };
  tellStatus(said, ...notes);
  void showWeight();
  askToStay();
}

/** Looks at one of some files. */
async function look(files: File[], k: number, signal: AbortSignal): Promise<Seen> {
  tellProgress(choice() === "holistic" ? "loadingMediapipe" : "loadingPoints", {});
  const seen = await lookAtFile(files[k], choice(), video, {
    signal,
    onBytes: tellBytes,
    onNews({ frame, frames, landmarks, image }) {
      if (signal.aborted) return image?.close();
      showFrame(landmarks, image);
      const values = { frame: frame + 1, frames, file: k + 1, files: files.length };
      tellProgress(files.length > 1 ? "fileOf" : "frameOf", values, (frame + 1) / frames);
    },
  });
  showFrame(seen.frames[seen.shown], seen.image);
  return seen;
}

async function recogniseFile(file: File, signal: AbortSignal): Promise<void> {
  tellStatus({ key: "lookingAt", values: { name: file.name } });
  const seen = await look([file], 0, signal);
  const answer = await recognise(seen.frames, signal);
  countClip(seen, answer.milliseconds);
  tellAnswer(answer, seen.notes);
}

/** A row of the table for one of several files; what goes wrong is told in the row. */
async function rowOf(files: File[], k: number, signal: AbortSignal): Promise<Row> {
  const start = performance.now();
  const row: Row = {
    file: files[k].name,
    guesses: [],
    frames: 0,
    seconds: { decoding: 0, landmarks: 0, model: 0, total: 0 },
  };
  try {
    const seen = await look(files, k, signal);
    row.frames = seen.frames.length;
    Object.assign(row.seconds, seen.seconds);
    const answer = await recognise(seen.frames, signal);
    countClip(seen, answer.milliseconds);
    const { guesses, known, own, milliseconds } = answer;
    Object.assign(row, { guesses, known, own });
    row.seconds.model = milliseconds / 1000;
    showAnswer(answer);
  } catch (error) {
    const failure = explain(error);
    if (isCancelled(failure)) throw failure;
    row.failure = failure;
    clearAnswer();
  }
  row.seconds.total = (performance.now() - start) / 1000;
  return row;
}

async function recogniseFiles(files: File[], signal: AbortSignal): Promise<void> {
  if (files.length === 1) return recogniseFile(files[0], signal);
  let done = 0;
  for (let k = 0; k < files.length; k++) {
    tellStatus({ key: "lookingAt", values: { name: files[k].name } });
    const row = await rowOf(files, k, signal);
    addRow(row);
    if (!row.failure) done++;
  }
  tellStatus({ key: "allDone", values: { done, files: files.length } });
  void showWeight();
  askToStay();
}

/** What a visitor chose or dropped. */
function takeFiles(files: File[]): void {
  if (!files.length || videoFile.disabled) return;
  closeCamera();
  if (!readsSentences) return void work((signal) => recogniseFiles(files, signal));
  if (files.length > 1) return tellFailure(new Failure("oneVideo"));
  void work((signal) => readFile(files[0], signal));
}

// ---- sentences

/** Reads a recording: its signs appear while it runs, and stay when it ends, however it ends. */
async function read(
  frames: AsyncIterable<Looked>,
  signal: AbortSignal,
  notes: () => Seen["notes"] = () => [],
): Promise<void> {
  const tally = await follow(await openedSentences(signal), frames, {
    signal,
    leftHanded: () => leftHanded.checked,
    onGlosses: (told) => current?.signal === signal && addSegments(told),
  });
  tally.check();
  const count = tally.frames ? countSegments() : 0;
  const values = { count, length: moment(tally.seconds) };
  tellStatus({ key: count ? "sentencesDone" : "sentencesNone", values }, ...notes());
  void showWeight();
  askToStay();
}

async function readFile(file: File, signal: AbortSignal): Promise<void> {
  let notes: Seen["notes"] = [];
  let last = 0;
  tellStatus({ key: "lookingAt", values: { name: file.name } });
  tellProgress(choice() === "holistic" ? "loadingMediapipe" : "loadingPoints", {});
  const frames = followFile(file, choice(), video, {
    signal,
    onBytes: tellBytes,
    onBegin(begun) {
      ({ notes, last } = begun);
      clearSegments(file.name);
    },
    onFrame({ landmarks, seconds, image }) {
      if (signal.aborted) return image?.close();
      showFrame(landmarks, image);
      const values = { at: moment(seconds), all: moment(last) };
      tellProgress("sentencesAt", values, last ? Math.min(1, seconds / last) : 1);
    },
  });
  await read(frames, signal, () => notes);
}

/** The camera until it is closed; what was read stays. */
async function watchSentences(opened: Camera, signal: AbortSignal): Promise<void> {
  let first = true;
  const shown = (landmarks: Float32Array) => {
    if (camera !== opened) return;
    if (first) {
      tellStatus({ key: "sentencesWatching" });
      clearSegments("camera");
    }
    first = false;
    showOnCamera(landmarks, video);
  };
  await read(cameraFrames(opened, await stream(choice(), signal), shown), signal);
}

/** The network for sentences; opened again where its worker had to be ended. */
async function openedSentences(signal: AbortSignal): Promise<SentenceRecogniser> {
  if (!sentences) await fetchSentences(signal);
  else if (!sentences.isThere) await useSentences(sentences.about.name, sentences.file, signal);
  return sentences!;
}

async function useSentences(name: string, file: Uint8Array, signal: AbortSignal): Promise<void> {
  const opened = await SentenceRecogniser.open(name, file, signal);
  sentences?.close();
  sentences = opened;
}

async function fetchSentences(signal: AbortSignal): Promise<void> {
  const name = SENTENCE_MODEL.split("/").pop()!;
  const file = await findBytes(SENTENCE_MODEL, { signal });
  if (!file) throw new Failure("fileMissing", { what: name });
  await useSentences(name, file, signal);
}

/** Puts the page into one of its modes. */
function setMode(mode: boolean): void {
  readsSentences = mode;
  videoFile.multiple = !mode;
  showMode(mode);
  modelIsHere();
  describeTimes();
  if (!camera) showExample();
}

/** What is said when nothing goes on. */
const readyKey = (): Key => {
  if (readsSentences) return "sentencesReady";
  return recogniser.about ? "ready" : "noModelYet";
};

/** Changes the mode; where there is no network for it, the page stays in the other one. */
function chooseMode(mode: boolean): void {
  closeCamera();
  if (!mode) {
    current?.abort();
    setMode(false);
    return void work(async () => tellStatus({ key: readyKey() }));
  }
  void work(async (signal) => {
    try {
      tellStatus({ key: "sentencesLoading" });
      await openedSentences(signal);
    } catch (error) {
      setMode(false);
      throw error;
    }
    setMode(true);
    tellStatus({ key: readyKey() });
  });
}

async function offerSentences(): Promise<void> {
  element("modes").hidden = !(await hasSentences());
}

// ---- the camera

const SAID: Record<Stage, Key> = {
  waiting: "raiseHands",
  countdown: "prepare",
  recording: "signNow",
  signing: "signing",
  finishing: "finishing",
};

let told = false; // an answer stands until the next sign begins

function showLive(): void {
  const on = Boolean(camera);
  element("live").hidden = !on;
  for (const control of [cameraButton, element("video-label"), element("drop-hint")])
    control.hidden = on;
  showCamera(on, camera?.mirrored);
  if (!on) showBig("");
  showBusy();
}

function enterStage(stage: Stage, seconds?: number): void {
  showBig(stage === "countdown" ? String(seconds) : "");
  const recording = stage === "recording" || stage === "signing";
  element("record").textContent = t(recording ? "recordEnd" : "recordNow");
  element<HTMLButtonElement>("record").disabled = stage === "countdown" || stage === "finishing";
  element("frame-of-stage").classList.toggle("recording", recording);
  if (stage === "waiting" && told) return;
  if (recording && told) clearAnswer();
  told = false;
  const quiet = stage === "waiting" && !byItself.checked;
  tellStatus({ key: quiet ? "readyOffline" : SAID[stage] });
}

/** A clip of the camera: it is recognised, or kept as a recording of a sign that is taught. */
async function takeClip(
  frames: Float32Array[],
  seen: number,
  signal: AbortSignal,
  sign?: string,
): Promise<void> {
  told = true;
  try {
    if (seen < 3) throw new Failure("tooShort");
    const answer = await recognise(frames, signal);
    if (sign) await teach(sign, answer.embedding);
    else tellAnswer(answer);
  } catch (error) {
    const failure = explain(error);
    if (isCancelled(failure)) throw failure;
    clearAnswer();
    tellFailure(failure);
  }
}

/** Frames a second that the model was trained on; what most cameras give where it does not say. */
const rate = () =>
  Number((recogniser.about?.metadata.working_point as { frames_per_second?: number })
    ?.frames_per_second) || 25;

const side = () => (remembered("slr-tiny-side") === "environment" ? "environment" : "user");

async function useCamera(signal: AbortSignal, sign?: string): Promise<void> {
  const opened = await Camera.open(video, side());
  if (signal.aborted) return opened.close();
  camera = opened;
  told = false;
  signal.addEventListener("abort", () => opened.close(), { once: true });
  showLive();
  void hasSeveral().then((several) => (element("turn").hidden = !several));
  tellStatus({ key: "loadingPoints" });
  if (readsSentences) return watchUntilClosed(opened, () => watchSentences(opened, signal), signal);
  live = new Live(opened, {
    signal,
    automatic: () => byItself.checked,
    rate,
    onStage: enterStage,
    onFrame: (landmarks) => camera === opened && showOnCamera(landmarks, video),
    onClip: (frames, seen) => takeClip(frames, seen, signal, sign),
  });
  await watchUntilClosed(opened, () => live!.run(() => stream(choice(), signal)), signal);
  if (!told) tellStatus({ key: "ready" });
}

/** Does something with the camera until it is closed, by the visitor or by itself. */
async function watchUntilClosed(
  opened: Camera,
  watching: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await watching();
    if (!closing && !signal.aborted) throw new Failure("cameraStopped");
  } finally {
    opened.close();
    if (camera === opened) {
      camera = live = undefined;
      showLive();
    }
  }
}

let closing = false;

function closeCamera(): void {
  if (!camera) return;
  closing = true;
  camera.close();
}

function openCamera(sign?: string): void {
  closing = false;
  teaching = sign;
  void work((signal) => useCamera(signal, sign)).then(() => {
    if (camera) return;
    hideCaption();
    showExample();
  });
}

// ---- what the page weighs, and whether it needs the network

async function showWeight(): Promise<void> {
  const kinds = weight();
  const asked = [recogniser.weigh(), weighLooking(), sentences?.weigh() ?? Promise.resolve({})];
  const others = asked.map((asked) =>
    asked.catch((): Record<string, number> => ({})),
  );
  for (const other of await Promise.all(others))
    for (const [kind, bytes] of Object.entries(other)) kinds[kind] += bytes;
  const total = Object.values(kinds).reduce((a, b) => a + b, 0);
  const names: Record<string, Key> = {
    page: "weightPage",
    runtime: "weightRuntime",
    mediapipe: "weightMediapipe",
    models: "weightModels",
  };
  const rows = Object.entries(kinds)
    .filter(([, bytes]) => bytes)
    .map(([kind, bytes]) => `${t(names[kind])} ${megabytes(bytes)}`);
  element("weight").textContent = t("weight", { all: megabytes(total), kinds: rows.join(", ") });
}

let offline: Key = "offlineNot";
const tellOffline = (key: Key = offline) => {
  offline = key;
  element("offline").textContent = t(key);
};

/** Whether a visitor asked the browser to save data: then nothing comes before it is needed. */
const savesData = () =>
  Boolean((navigator as { connection?: { saveData?: boolean } }).connection?.saveData);

/** Gets ready for the first clip, and keeps the pages; all that while nobody waits for it. */
async function getReady(): Promise<void> {
  const pages = import.meta.env.PROD ? keepPages() : Promise.resolve(false);
  tellOffline("offlineKeeping");
  const points = savesData()
    ? Promise.resolve(false)
    : warm(choice(), tellBytes).then(
        () => true,
        () => false, // it is said with the first clip
      );
  const kept = await pages;
  if (!kept) return tellOffline("offlineCannot");
  tellOffline((await points) ? "offlineKept" : "offlineNot");
  void showWeight();
}

// ---- languages

async function changeLanguage(language: Language): Promise<void> {
  await speak(language);
  for (const known of LANGUAGES)
    element(`speak-${known}`).setAttribute("aria-pressed", String(known === spoken()));
  retellStatus();
  redrawAnswer();
  redrawRows();
  describeModel();
  describeOwn();
  describeClip();
  describeTimes();
  redrawSegments();
  labelStage();
  tellOffline();
  void showWeight();
}

// ---- listeners, once for all clips

videoFile.addEventListener("change", () => {
  const files = [...(videoFile.files ?? [])];
  videoFile.value = ""; // so that the same file can be chosen again
  takeFiles(files);
});
cameraButton.addEventListener("click", () => openCamera());
element("close-camera").addEventListener("click", closeCamera);
element("record").addEventListener("click", () => live?.press());
element("turn").addEventListener("click", () => {
  const other: Side = side() === "user" ? "environment" : "user";
  remember("slr-tiny-side", other);
  openCamera(teaching);
});
element("cancel").addEventListener("click", () => current?.abort());
element("retry").addEventListener("click", () => again?.());
chooser.addEventListener("change", describeModel);
for (const box of [leftHanded, byItself]) {
  const stored = remembered(`slr-tiny-${box.id}`);
  if (stored) box.checked = stored === "true";
  box.addEventListener("change", () => remember(`slr-tiny-${box.id}`, String(box.checked)));
}
modelFile.addEventListener("change", () => {
  const file = modelFile.files?.[0];
  modelFile.value = "";
  if (!file) return;
  closeCamera();
  void work(async (signal) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (readsSentences) {
      await useSentences(file.name, bytes, signal);
      describeModel();
      describeTimes();
      return tellStatus({ key: "modelLoaded" });
    }
    await openModel(file.name, bytes, signal);
    useDictionary({});
    modelIsHere();
    tellStatus({ key: "modelLoaded" });
  });
});
element("own-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const sign = namedSign();
  if (sign && recogniser.about) openCamera(sign);
});
const ownFiles = element<HTMLInputElement>("own-files");
ownFiles.addEventListener("change", () => {
  const files = [...(ownFiles.files ?? [])];
  ownFiles.value = "";
  const sign = namedSign();
  if (!sign || !files.length || !recogniser.about) return;
  closeCamera();
  void work(async (signal) => {
    for (let k = 0; k < files.length; k++) {
      const seen = await look(files, k, signal);
      await teach(sign, (await recognise(seen.frames, signal)).embedding);
    }
  });
});
element("own-save").addEventListener("click", () =>
  download("signs.json", own.toText(), "application/json"),
);
element("save-rows").addEventListener("click", () =>
  download("signs.csv", rowsAsText(), "text/csv;charset=utf-8"),
);
element("clear-rows").addEventListener("click", clearRows);
element("save-vtt").addEventListener("click", saveWebVtt);
element("save-elan").addEventListener("click", saveElanCsv);
for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="mode"]'))
  radio.addEventListener("change", () => chooseMode(radio.value === "sentences"));
for (const language of LANGUAGES)
  element(`speak-${language}`).addEventListener("click", () =>
    changeLanguage(language).then(rememberLanguage, (error) => tellFailure(explain(error))),
  );

const zone = element("drop-zone");
const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
window.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  zone.hidden = false;
});
window.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone.hidden = true;
});
window.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  zone.hidden = true;
  takeFiles([...(event.dataTransfer?.files ?? [])]);
});

async function start(): Promise<void> {
  showExample();
  await changeLanguage(preferred()).catch(() => {});
  clearAnswer();
  await work(fetchModel);
  void offerSentences();
  void showWeight();
  await getReady();
}

void start();
