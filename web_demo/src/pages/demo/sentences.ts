/** The mode of sentences: its network, a video or the camera read by it, and the way into it. */
import type { Key } from "../../i18n/en";
import { Failure } from "../../i18n/failure";
import { decimal, t } from "../../i18n/i18n";
import { findBytes } from "../../runtime/fetching";
import { askToStay } from "../../ui/offline";
import { element } from "../../ui/page";
import { addSegments, clearSegments, countSegments, moment, showMode } from "../../ui/sentences";
import { showExample, showFrame, showOnCamera } from "../../ui/stage";
import { tellProgress, tellStatus } from "../../ui/status";
import type { Camera } from "../../video/camera";
import { followFile, type Seen, stream } from "../../work/looking";
import {
  cameraFrames,
  follow,
  hasSentences,
  type Looked,
  SENTENCE_MODEL,
  SentenceRecogniser,
} from "../../work/sentences";
import { tellBytes } from "./clips";
import { modelIsHere } from "./models";
import { choice, leftHanded, recogniser, state, video, videoFile } from "./state";
import { cancelWork, isCurrent, work } from "./tasks";
import { showWeight } from "./weight";

/** What is to be said of the times, as the file of the network for sentences has it. */
export function describeTimes(): void {
  const { delay_seconds, longest_seconds = 1.2 } = state.network?.about.metadata ?? {};
  const known = typeof delay_seconds === "number";
  const values = {
    delay: decimal(Number(delay_seconds), 2),
    longest: decimal(Number(longest_seconds)),
  };
  element("sentences-times").textContent = t(known ? "sentencesTimes" : "sentencesLate", values);
}

/** Reads a recording: its signs appear while it runs, and stay when it ends, however it ends. */
async function read(
  frames: AsyncIterable<Looked>,
  signal: AbortSignal,
  notes: () => Seen["notes"] = () => [],
): Promise<void> {
  const tally = await follow(await openedSentences(signal), frames, {
    signal,
    leftHanded: () => leftHanded.checked,
    onGlosses: (told) => isCurrent(signal) && addSegments(told),
  });
  tally.check();
  const count = tally.frames ? countSegments() : 0;
  const values = { count, length: moment(tally.seconds) };
  tellStatus({ key: count ? "sentencesDone" : "sentencesNone", values }, ...notes());
  void showWeight();
  askToStay();
}

export async function readFile(file: File, signal: AbortSignal): Promise<void> {
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
export async function watchSentences(opened: Camera, signal: AbortSignal): Promise<void> {
  let first = true;
  const shown = (landmarks: Float32Array) => {
    if (state.camera !== opened) return;
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
  const { network } = state;
  if (!network) await fetchSentences(signal);
  else if (!network.isThere) await useSentences(network.about.name, network.file, signal);
  return state.network!;
}

export async function useSentences(
  name: string,
  file: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const opened = await SentenceRecogniser.open(name, file, signal);
  state.network?.close();
  state.network = opened;
}

async function fetchSentences(signal: AbortSignal): Promise<void> {
  const name = SENTENCE_MODEL.split("/").pop()!;
  const file = await findBytes(SENTENCE_MODEL, { signal });
  if (!file) throw new Failure("fileMissing", { what: name });
  await useSentences(name, file, signal);
}

/** Puts the page into one of its modes. */
function setMode(mode: boolean): void {
  state.readsSentences = mode;
  videoFile.multiple = !mode;
  showMode(mode);
  modelIsHere();
  describeTimes();
  if (!state.camera) showExample();
}

/** What is said when nothing goes on. */
const readyKey = (): Key => {
  if (state.readsSentences) return "sentencesReady";
  return recogniser.about ? "ready" : "noModelYet";
};

/**
 * Changes the mode, when the camera is closed; where there is no network for it, the page stays in
 * the other one.
 */
export function chooseMode(mode: boolean): void {
  if (!mode) {
    cancelWork();
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

export async function offerSentences(): Promise<void> {
  element("modes").hidden = !(await hasSentences());
}
