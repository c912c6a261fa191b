/** What the parts of the demo share: the page's controls, the models that are open, the camera. */
import { type Choice, expected } from "../../landmarks/trackers";
import { element } from "../../ui/page";
import type { Camera } from "../../video/camera";
import type { Live } from "../../work/live";
import { OwnSigns } from "../../work/own_signs";
import { Recogniser } from "../../work/recogniser";
import type { SentenceRecogniser } from "../../work/sentences";

export const video = element<HTMLVideoElement>("video");
export const cameraButton = element<HTMLButtonElement>("camera");
export const videoFile = element<HTMLInputElement>("video-file");
export const chooser = element<HTMLSelectElement>("engine");
export const leftHanded = element<HTMLInputElement>("left-handed");
export const byItself = element<HTMLInputElement>("by-itself");

export const recogniser = new Recogniser();
export const own = new OwnSigns();

interface State {
  camera?: Camera;
  live?: Live;
  /** The network for sentences. */
  network?: SentenceRecogniser;
  /** Whether the page is in the mode of sentences. */
  readsSentences: boolean;
}

export const state: State = { readsSentences: false };

/** What is known of the model of the page's mode. */
export const aboutModel = () => (state.readsSentences ? state.network?.about : recogniser.about);

/** The engine of the model's landmarks, by what its file says. */
export const modelEngine = () => String(aboutModel()?.metadata.engine ?? "unknown");
export const choice = (): Choice =>
  chooser.value === "auto" ? expected(modelEngine()) : (chooser.value as Choice);
