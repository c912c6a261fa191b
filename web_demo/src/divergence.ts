/** The divergence page: MediaPipe's landmarks of given frames, for a script (`window.slr`) and to look at. */
import "./style.css";
import { LandmarkFinder, type Options } from "./holistic";
import { drawSkeleton, EXAMPLE } from "./landmarks";
import { count, element, paint, say, weight } from "./page";

interface Plan extends Options {
  /** Addresses of the frames, lossless pictures (PNG), in order. */
  frames: string[];
  /** Milliseconds from one frame to the next. */
  step: number;
}

/** One row of 75 points per frame, each [x, y] or null where it was not found. */
type Rows = ([number, number] | null)[][];

const canvas = element<HTMLCanvasElement>("stage");
const pen = canvas.getContext("2d", { willReadFrequently: true })!;

/** Draws a picture without colour management, so that the pixels are those of the file. */
async function show(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was not found (${response.status}).`);
  const picture = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  [canvas.width, canvas.height] = [picture.width, picture.height];
  pen.drawImage(picture, 0, 0);
  picture.close();
}

const rows = (frame: Float32Array) =>
  Array.from({ length: frame.length / 2 }, (_, k) =>
    Number.isNaN(frame[2 * k]) ? null : ([frame[2 * k], frame[2 * k + 1]] as [number, number]),
  );

/** Landmarks of a clip. A new finder for each clip: nothing of the last clip is remembered. */
async function landmarks({ frames, step, ...options }: Plan): Promise<{ landmarks: Rows; milliseconds: number[] }> {
  const finder = await LandmarkFinder.create(options);
  const found: Rows = [];
  const milliseconds: number[] = [];
  say("Looking at a clip …");
  try {
    for (const [k, url] of frames.entries()) {
      await show(url);
      const start = performance.now();
      // Time starts at one step, as in Python: the first time stamp must be above zero.
      const frame = await finder.find(canvas, (k + 1) * step);
      milliseconds.push(performance.now() - start);
      found.push(rows(frame));
      drawSkeleton(canvas, frame);
      count(k + 1, frames.length, `Frame ${k + 1} of ${frames.length}: ${milliseconds[k].toFixed(0)} ms`);
      await paint();
    }
  } finally {
    await finder.close();
  }
  say("Done.");
  return { landmarks: found, milliseconds };
}

/** The pixels that the page sees, for a check against the file: red, green, blue of the whole picture, as base64. */
async function pixels(url: string): Promise<string> {
  await show(url);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let k = 0; k < data.length; k += 4) text += String.fromCharCode(data[k], data[k + 1], data[k + 2]);
  return btoa(text);
}

drawSkeleton(canvas, EXAMPLE);
Object.assign(window, { slr: { landmarks, pixels, weight, environment: () => ({ userAgent: navigator.userAgent }) } });
