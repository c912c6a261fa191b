/**
 * The divergence page: landmarks of given frames or of a video, by MediaPipe and by our engine, for
 * a script (`window.slr`) and to look at.
 */
import "../ui/style.css";
import { Failure } from "../i18n/failure";
import { LandmarkFinder } from "../landmarks/holistic";
import * as geometry from "../landmarks/geometry";
import {
  type Body,
  HolisticLandmarker,
  type Options as EngineOptions,
} from "../landmarks/landmarker";
import { drawSkeleton, EXAMPLE } from "../landmarks/landmarks";
import { mirrored } from "../landmarks/mirror";
import { count, element, message, paint, say, weight } from "../ui/page";
import { resample, SignDetector } from "../video/signing";
import { type Clip, MAX_FRAMES, open, openClip, release, seek, type Way } from "../video/video";
import { toElanCsv, toWebVtt } from "../ui/subtitles";
import { view } from "../ui/viewer";
import { fetchBytes } from "../runtime/fetching";
import type { Recorded } from "../work/pose_file";
import { follow, type Looked, type Segment, SentenceRecogniser } from "../work/sentences";

interface Looking {
  /** Who looks: MediaPipe's legacy package, or our engine. */
  engine?: "holistic" | "keypoints";
  /** Of MediaPipe: 0 = lite and 1 = full network for the body. */
  complexity?: 0 | 1;
  smooth?: boolean;
  /** Forget everything after each frame: every frame is a first one. */
  forget?: boolean;
  /** Of our engine; its networks as they are, and the detector first, unless said otherwise. */
  body?: Body;
  light?: boolean;
  start?: EngineOptions["start"];
  backend?: EngineOptions["backend"];
  threads?: number;
  /** Look at every second, third ... frame only. */
  stride?: number;
}

interface Plan extends Looking {
  /** Addresses of the frames, lossless images (PNG), in order. */
  frames: string[];
  /** Milliseconds from one frame to the next. */
  step: number;
}

interface VideoPlan extends Looking {
  /** Address of a video file. */
  url: string;
  /** How the page finds frames; the best one that it can unless given. */
  way?: Way;
  /** Milliseconds from one frame to the next, for MediaPipe's clock; else what the file says. */
  step?: number;
  /** Look at the first frames only. */
  limit?: number;
}

/** One row of 75 points per frame, each [x, y] or null where it was not found. */
type Rows = ([number, number] | null)[][];

const canvas = element<HTMLCanvasElement>("stage");
const pen = canvas.getContext("2d", { willReadFrequently: true })!;

/** Draws an image without colour management, so that the pixels are those of the file. */
async function show(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was not found (${response.status}).`);
  const image = await createImageBitmap(await response.blob(), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  [canvas.width, canvas.height] = [image.width, image.height];
  pen.drawImage(image, 0, 0);
  image.close();
}

const pixelsNow = () => pen.getImageData(0, 0, canvas.width, canvas.height);

const rows = (frame: Float32Array) =>
  Array.from({ length: frame.length / 2 }, (_, k) =>
    Number.isNaN(frame[2 * k]) ? null : ([frame[2 * k], frame[2 * k + 1]] as [number, number]),
  );

/** Somebody who looks at the canvas. */
interface Finder {
  find(milliseconds: number): Promise<Float32Array>;
  forget(): void;
  close(): Promise<void>;
}

async function finder({
  engine = "holistic",
  complexity,
  smooth,
  ...options
}: Looking): Promise<Finder> {
  if (engine === "keypoints") {
    const ours = await HolisticLandmarker.create({ light: false, ...options });
    return {
      find: () => ours.find(pixelsNow()),
      forget: () => ours.reset(),
      close: () => ours.close(),
    };
  }
  const theirs = await LandmarkFinder.create({ complexity, smooth });
  return {
    find: (milliseconds) => theirs.find(canvas, milliseconds),
    forget: () => theirs.reset(),
    close: () => theirs.close(),
  };
}

/**
 * Landmarks of the images that `next` draws, one after the other. A new finder for each clip:
 * nothing of the last clip is remembered.
 */
async function look(
  looking: Looking,
  frames: number,
  step: number,
  next: (k: number) => Promise<void>,
): Promise<{ found: Float32Array[]; milliseconds: number[] }> {
  const looker = await finder(looking);
  const stride = looking.stride ?? 1;
  const found: Float32Array[] = [];
  const milliseconds: number[] = [];
  say("Looking at a clip …");
  try {
    for (let k = 0; k < frames; k += stride) {
      await next(k);
      if (looking.forget) looker.forget();
      const start = performance.now();
      // Time starts at one step, as in Python: the first time stamp must be above zero.
      const frame = await looker.find((k + 1) * step);
      milliseconds.push(performance.now() - start);
      found.push(frame);
      drawSkeleton(canvas, frame);
      count(
        k + 1,
        frames,
        `Frame ${k + 1} of ${frames}: ${milliseconds[milliseconds.length - 1].toFixed(0)} ms`,
      );
      await paint();
    }
  } finally {
    await looker.close();
  }
  say("Done.");
  return { found: geometry.interpolateFrames(found, stride, frames), milliseconds };
}

/** The same, as a script can take it. */
async function watch(
  ...given: Parameters<typeof look>
): Promise<{ landmarks: Rows; milliseconds: number[] }> {
  const { found, milliseconds } = await look(...given);
  return { landmarks: found.map(rows), milliseconds };
}

const landmarks = ({ frames, step, ...looking }: Plan) =>
  watch(looking, frames.length, step, (k) => show(frames[k]));

async function download(url: string): Promise<File> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was not found (${response.status}).`);
  return new File([await response.blob()], url.split("/").pop()!);
}

const player = () => Object.assign(document.createElement("video"), { muted: true });

/** Does something with a video file, and lets go of it. */
async function withClip<T>(
  { url, way }: { url: string; way?: Way },
  work: (clip: Clip) => Promise<T>,
): Promise<T> {
  const clip = await openClip(player(), await download(url), way);
  try {
    return await work(clip);
  } finally {
    clip.close();
  }
}

/** Landmarks of a video that the browser decodes itself. */
const video = ({ url, way, step, limit = Infinity, ...looking }: VideoPlan) =>
  withClip({ url, way }, async (clip) => {
    const begin = performance.now();
    const found = await watch(
      looking,
      Math.min(limit, clip.times.length),
      step ?? 1000 / clip.rate,
      (k) => clip.draw(pen, k),
    );
    return {
      ...found,
      way: clip.way,
      times: clip.times,
      seconds: (performance.now() - begin) / 1000,
    };
  });

const base64 = (data: Uint8ClampedArray) => {
  let text = "";
  for (let k = 0; k < data.length; k += 4)
    text += String.fromCharCode(data[k], data[k + 1], data[k + 2]);
  return btoa(text);
};

/**
 * What a video element shows at some moments (seconds): small images of `width` x `height`, red,
 * green, blue, as base64.
 */
async function shown({
  url,
  times,
  width,
  height,
}: {
  url: string;
  times: number[];
  width: number;
  height: number;
}): Promise<string[]> {
  const video = player();
  await open(video, await download(url));
  const small = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  const images: string[] = [];
  try {
    for (const time of times) {
      await seek(video, time);
      small.drawImage(video, 0, 0, width, height);
      images.push(base64(small.getImageData(0, 0, width, height).data));
    }
  } finally {
    release(video);
  }
  return images;
}

/** Some frames of a video, counted from 0, in full size as base64, and the times of all. */
const decoded = ({ which, ...file }: { url: string; way?: Way; which: number[] }) =>
  withClip(file, async (clip) => {
    const images: string[] = [];
    for (const k of which.filter((number) => number < clip.times.length)) {
      await clip.draw(pen, k);
      images.push(base64(pixelsNow().data));
    }
    return {
      images,
      way: clip.way,
      times: clip.times,
      width: canvas.width,
      height: canvas.height,
      cut: said(clip),
    };
  });

/**
 * The pixels that the page sees, for a check against the file: red, green, blue of the whole image,
 * as base64.
 */
async function pixels(url: string): Promise<string> {
  await show(url);
  return base64(pixelsNow().data);
}

/**
 * The arithmetic of our engine, for examples that Python computes too: a function of `geometry` by
 * its name.
 */
function compute(name: keyof typeof geometry, given: unknown[]): unknown {
  // JSON knows neither typed arrays nor NaN.
  const plain = (value: unknown): unknown =>
    ArrayBuffer.isView(value)
      ? Array.from(value as Float32Array)
      : Array.isArray(value)
        ? value.map(plain)
        : value;
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((part) => (part === null ? NaN : read(part)));
    const { data, width, height } = value as { data?: number[]; width: number; height: number };
    return data ? new ImageData(Uint8ClampedArray.from(data), width, height) : value;
  };
  return plain((geometry[name] as (...all: unknown[]) => unknown)(...(read(given) as unknown[])));
}

/** A sentence where a clip seems to be cut off; else an empty text. */
const said = ({ cut }: Clip) => (cut ? new Failure(cut.key, cut.values).message : "");

/** Frames as a script gives them, null where a point is missing, as the page has them. */
const unrows = (given: Rows) =>
  given.map((points) => Float32Array.from(points.flatMap((point) => point ?? [NaN, NaN])));

/** What the demo does with a running camera, for examples that a test computes too. */
const live = {
  /** Where the sign begins and ends among frames and their times; null where there is none. */
  sign(given: Rows, milliseconds: number[]): [number, number] | null {
    const detector = new SignDetector();
    unrows(given).some((frame, k) => detector.next(frame, milliseconds[k]) === "over");
    return detector.started ? [detector.begin, detector.end] : null;
  },
  resample: (given: Rows, milliseconds: number[], rate: number) =>
    resample(unrows(given), milliseconds, rate).map(rows),
  mirror: (given: Rows) => unrows(given).map(mirrored).map(rows),
};

/** 32-bit floats out of base 64. */
const floats = (text: string) =>
  new Float32Array(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer);

/** Frames out of 32-bit floats in base 64, each with its time. */
async function* timed(text: string, seconds: number[]): AsyncGenerator<Looked> {
  const all = floats(text);
  const size = all.length / seconds.length;
  for (let k = 0; k < seconds.length; k++)
    yield { landmarks: all.slice(k * size, (k + 1) * size), seconds: seconds[k] };
}

/** What the network at an address reads of landmarks, and the files that a visitor could save. */
async function sentences(address: string, text: string, seconds: number[]) {
  const name = address.split("/").pop()!;
  const recogniser = await SentenceRecogniser.open(name, await fetchBytes(address));
  const segments: Segment[] = [];
  await follow(recogniser, timed(text, seconds), {
    signal: new AbortController().signal,
    leftHanded: () => false,
    onGlosses: (told) => segments.push(...told),
  });
  recogniser.close();
  return { segments, vtt: toWebVtt(segments), csv: toElanCsv(segments) };
}

/** A recording as a script gives it: landmarks as 32-bit floats in base 64. */
type Given = Omit<Recorded, "landmarks"> & { landmarks: string };

/** The file of own signs that a visitor could save, in base 64. */
async function poses(signs: [string, Given[]][]): Promise<string> {
  const { zipRecordings } = await import("../work/recordings");
  const read = ({ landmarks, ...about }: Given) => ({ ...about, landmarks: floats(landmarks) });
  const file = zipRecordings(signs.map(([sign, given]) => [sign, given.map(read)]));
  return btoa(file.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}

let shownClip: Clip | undefined;

/**
 * Both programs look at a clip, one after the other; then it stays open for whoever wants to see.
 */
async function compareFile(file: File): Promise<void> {
  element("viewer").hidden = true;
  shownClip?.close();
  const clip = (shownClip = await openClip(player(), file));
  const frames = Math.min(MAX_FRAMES, clip.times.length);
  const see = (looking: Looking) =>
    look(looking, frames, 1000 / clip.rate, (k) => clip.draw(pen, k));
  const theirs = await see({ engine: "holistic" });
  const ours = await see({ engine: "keypoints" });
  say([await view(pen, clip, [theirs.found, ours.found]), said(clip)].filter(Boolean).join(" "));
}

const picker = element<HTMLInputElement>("video-file");
picker.addEventListener("change", async () => {
  const file = picker.files?.[0];
  picker.value = ""; // so that the same file can be chosen again
  if (!file) return;
  picker.disabled = true;
  element("video-label").setAttribute("aria-disabled", "true");
  try {
    await compareFile(file);
  } catch (error) {
    say(message(error), true);
  }
  element("working").hidden = true;
  picker.disabled = false;
  element("video-label").removeAttribute("aria-disabled");
});

[canvas.width, canvas.height] = [640, 480];
drawSkeleton(canvas, EXAMPLE);
Object.assign(window, {
  slr: {
    landmarks,
    video,
    shown,
    decoded,
    pixels,
    compute,
    live,
    sentences,
    poses,
    weight,
    environment: () => ({ userAgent: navigator.userAgent }),
  },
});
