/** The camera: one sign after the other, or sentences, until it is closed. */
import type { Key } from "../../i18n/en";
import { explain, Failure, isCancelled } from "../../i18n/failure";
import { remember, remembered, t } from "../../i18n/i18n";
import { clearAnswer } from "../../ui/answer";
import { element } from "../../ui/page";
import { hideCaption } from "../../ui/sentences";
import { showBig, showCamera, showExample, showOnCamera } from "../../ui/stage";
import { tellFailure, tellStatus } from "../../ui/status";
import { Camera, hasSeveral, type Side } from "../../video/camera";
import { Live, type Stage } from "../../work/live";
import { stream } from "../../work/looking";
import { recognise, tellAnswer } from "./clips";
import { teach } from "./own_signs";
import { watchSentences } from "./sentences";
import { byItself, cameraButton, choice, recogniser, state, video } from "./state";
import { showBusy, work } from "./tasks";

const SAID: Record<Stage, Key> = {
  waiting: "raiseHands",
  countdown: "prepare",
  recording: "signNow",
  signing: "signing",
  finishing: "finishing",
};

let told = false; // an answer stands until the next sign begins

function showLive(): void {
  const on = Boolean(state.camera);
  element("live").hidden = !on;
  for (const control of [cameraButton, element("video-label"), element("drop-hint")])
    control.hidden = on;
  showCamera(on, state.camera?.mirrored);
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
  const { videoWidth: width, videoHeight: height } = video;
  try {
    if (seen < 3) throw new Failure("tooShort");
    const answer = await recognise(frames, signal);
    if (sign) await teach(sign, answer.embedding, { frames, rate: rate(), width, height });
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
  state.camera = opened;
  told = false;
  signal.addEventListener("abort", () => opened.close(), { once: true });
  showLive();
  void hasSeveral().then((several) => (element("turn").hidden = !several));
  tellStatus({ key: "loadingPoints" });
  if (state.readsSentences)
    return watchUntilClosed(opened, () => watchSentences(opened, signal), signal);
  state.live = new Live(opened, {
    signal,
    automatic: () => byItself.checked,
    rate,
    onStage: enterStage,
    onFrame: (landmarks) => state.camera === opened && showOnCamera(landmarks, video),
    onClip: (frames, seen) => takeClip(frames, seen, signal, sign),
  });
  await watchUntilClosed(opened, () => state.live!.run(() => stream(choice(), signal)), signal);
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
    if (state.camera === opened) {
      state.camera = state.live = undefined;
      showLive();
    }
  }
}

let closing = false;
let teaching: string | undefined; // the sign that the camera was opened for

export function closeCamera(): void {
  if (!state.camera) return;
  closing = true;
  state.camera.close();
}

export function openCamera(sign?: string): void {
  closing = false;
  teaching = sign;
  void work((signal) => useCamera(signal, sign)).then(() => {
    if (state.camera) return;
    hideCaption();
    showExample();
  });
}

/** Turns to the camera's other side, which is remembered. */
export function turnCamera(): void {
  const other: Side = side() === "user" ? "environment" : "user";
  remember("slr-tiny-side", other);
  openCamera(teaching);
}
