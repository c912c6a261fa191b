/**
 * The demo: a video or the camera in; a sign with its probability out, or the signs of sentences
 * with their times. Nothing leaves the device, and all computing is done by workers. Here the parts
 * (demo/) are tied to the page's controls.
 */
import "../ui/style.css";
import { explain, Failure } from "../i18n/failure";
import {
  type Language,
  LANGUAGES,
  preferred,
  remember,
  remembered,
  rememberLanguage,
  speak,
  spoken,
} from "../i18n/i18n";
import { clearAnswer, redrawAnswer, useDictionary } from "../ui/answer";
import { download } from "../ui/download";
import { element } from "../ui/page";
import { clearRows, redrawRows, rowsAsText } from "../ui/results";
import { redrawSegments, saveElanCsv, saveWebVtt } from "../ui/sentences";
import { labelStage, showExample } from "../ui/stage";
import { retellStatus, tellFailure, tellStatus } from "../ui/status";
import { closeCamera, openCamera, turnCamera } from "./demo/camera";
import { describeClip, look, recognise, recogniseFiles, tellBytes } from "./demo/clips";
import { describeModel, fetchModel, modelIsHere, openModel } from "./demo/models";
import { describeOwn, namedSign, teach } from "./demo/own_signs";
import {
  chooseMode,
  describeTimes,
  offerSentences,
  readFile,
  useSentences,
} from "./demo/sentences";
import {
  byItself,
  cameraButton,
  chooser,
  leftHanded,
  own,
  recogniser,
  state,
  videoFile,
} from "./demo/state";
import { cancelWork, tryAgain, work } from "./demo/tasks";
import { getReady, showWeight, tellOffline } from "./demo/weight";

const modelFile = element<HTMLInputElement>("model-file");

/** What a visitor chose or dropped. */
function takeFiles(files: File[]): void {
  if (!files.length || videoFile.disabled) return;
  closeCamera();
  if (!state.readsSentences) return void work((signal) => recogniseFiles(files, signal));
  if (files.length > 1) return tellFailure(new Failure("oneVideo"));
  void work((signal) => readFile(files[0], signal));
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
element("record").addEventListener("click", () => state.live?.press());
element("turn").addEventListener("click", turnCamera);
element("cancel").addEventListener("click", cancelWork);
element("retry").addEventListener("click", tryAgain);
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
    if (state.readsSentences) {
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
      await teach(sign, (await recognise(seen.frames, signal)).embedding, seen);
    }
  });
});
element("own-save").addEventListener("click", () =>
  download("signs.json", own.toText(), "application/json"),
);
element("own-save-poses").addEventListener("click", () =>
  own.toZip().then(
    (file) => download("signs.zip", file, "application/zip"),
    (error) => tellFailure(explain(error)),
  ),
);
element("save-rows").addEventListener("click", () =>
  download("signs.csv", rowsAsText(), "text/csv;charset=utf-8"),
);
element("clear-rows").addEventListener("click", clearRows);
element("save-vtt").addEventListener("click", saveWebVtt);
element("save-elan").addEventListener("click", saveElanCsv);
for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="mode"]'))
  radio.addEventListener("change", () => {
    closeCamera();
    chooseMode(radio.value === "sentences");
  });
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

/** Lets the browser draw and listen before the next part: on a slow phone each takes its time. */
const pause = () => new Promise<void>((done) => setTimeout(done));

async function start(): Promise<void> {
  await pause();
  showExample();
  await changeLanguage(preferred()).catch(() => {});
  await pause();
  clearAnswer();
  await work(fetchModel);
  void offerSentences();
  void showWeight();
  await getReady(tellBytes);
}

void start();
