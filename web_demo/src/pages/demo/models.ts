/** The model of a sign: fetched or chosen, described, and what can be done once it is there. */
import { Failure } from "../../i18n/failure";
import { decimal, t } from "../../i18n/i18n";
import { isOther } from "../../landmarks/trackers";
import { findBytes, sameOrigin } from "../../runtime/fetching";
import { redrawAnswer, useDictionary, wordOf } from "../../ui/answer";
import { fetchDictionary } from "../../ui/dictionary";
import { element, megabytes } from "../../ui/page";
import { tellStatus } from "../../ui/status";
import { contentHash } from "../../work/own_signs";
import { describeOwn } from "./own_signs";
import {
  aboutModel,
  cameraButton,
  choice,
  modelEngine,
  own,
  recogniser,
  state,
  videoFile,
} from "./state";
import { showWeight } from "./weight";

/** The model beside the page: for our runtime, or else for ONNX Runtime. */
const DEFAULT_MODELS = ["./models/student_int8.slr", "./models/student_int8.onnx"];

export function describeModel(): void {
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
    ? t(state.readsSentences ? "sentencesPoint" : "modelPoint", {
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

/** Opens a model's file, and the signs that were taught to it. */
export async function openModel(
  name: string,
  file: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  await recogniser.open(name, file, signal);
  await own.open(await contentHash(file));
  describeOwn();
}

/** A camera or a video can be chosen as soon as there is a model for the page's mode. */
export function modelIsHere(): void {
  const there = Boolean(aboutModel());
  for (const control of [videoFile, cameraButton]) control.disabled = !there;
  const label = element("video-label");
  if (there) label.removeAttribute("aria-disabled");
  else label.setAttribute("aria-disabled", "true");
  describeModel();
  void showWeight();
}

/** The first of some addresses where a model lies. */
export async function fetchModel(signal: AbortSignal): Promise<void> {
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
