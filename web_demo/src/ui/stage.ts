/** The image of the page: a drawn person, the frames of a clip, or a skeleton on the camera. */
import type { Key } from "../i18n/en";
import { t } from "../i18n/i18n";
import { drawSkeleton, EXAMPLE } from "../landmarks/landmarks";
import { element } from "./page";

const canvas = element<HTMLCanvasElement>("stage");
const pen = canvas.getContext("2d")!;
let label: Key = "stageEmpty";

export function labelStage(key: Key = label): void {
  label = key;
  canvas.setAttribute("aria-label", t(key));
}

function size(width: number, height: number): void {
  if (canvas.width !== width || canvas.height !== height)
    [canvas.width, canvas.height] = [width, height];
}

/** What is shown before anybody was seen. */
export function showExample(): void {
  size(640, 480);
  pen.clearRect(0, 0, 640, 480);
  drawSkeleton(canvas, EXAMPLE);
  labelStage("stageEmpty");
}

/** A frame of a clip with its skeleton; the image is used up. */
export function showFrame(landmarks: Float32Array, image?: ImageBitmap): void {
  if (!image) return;
  size(image.width, image.height);
  pen.drawImage(image, 0, 0);
  image.close();
  drawSkeleton(canvas, landmarks);
  labelStage("stageClip");
}

/** The skeleton alone, on the running camera below it. */
export function showOnCamera(landmarks: Float32Array, video: HTMLVideoElement): void {
  size(video.videoWidth || 640, video.videoHeight || 480);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  drawSkeleton(canvas, landmarks);
}

/** Lets the camera's image be seen through the canvas, as in a mirror if it looks at the signer. */
export function showCamera(on: boolean, mirror = false): void {
  const place = element("frame-of-stage");
  place.classList.toggle("camera", on);
  place.classList.toggle("mirrored", on && mirror);
  if (on) {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    labelStage("stageCamera");
  }
}

/** A few large letters on the image, such as a countdown. */
export function showBig(text: string): void {
  const big = element("big");
  big.textContent = text;
  big.hidden = !text;
}
