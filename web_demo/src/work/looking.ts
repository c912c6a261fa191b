/**
 * Who looks for landmarks: our landmarker in a worker, or MediaPipe Holistic, which needs the page
 * itself and is fetched only when somebody chooses it. Both stay for all clips.
 */
import { explain, Failure } from "../i18n/failure";
import type { LandmarkFinder } from "../landmarks/holistic";
import type { Body } from "../landmarks/landmarker";
import { mostSeen } from "../landmarks/landmarks";
import type { Choice } from "../landmarks/trackers";
import { imported } from "../runtime/fetching";
import { type Clip, everyNth, MAX_FRAMES, openClip } from "../video/video";
import { WorkerClient } from "../workers/client";
import type { Begun, News, Seen, Step } from "../workers/landmarks.worker";

export type { News, Seen } from "../workers/landmarks.worker";

/** What a clip shows while it is looked at; `bytes` and `all` of a file that is still coming. */
export interface Watching {
  signal: AbortSignal;
  onNews(news: News): void;
  onBytes(done: number, all: number): void;
}

const worker = new WorkerClient(
  (options) =>
    new Worker(new URL("../workers/landmarks.worker.ts", import.meta.url), {
      ...options,
      type: "module",
    }),
);

export const weighLooking = () => worker.weigh();

type Told = News | { bytes: number; all: number } | { ready: true };

const hear = ({ onNews, onBytes }: Pick<Watching, "onNews" | "onBytes">) => (told: unknown) => {
  const news = told as Told;
  if ("bytes" in news) onBytes(news.bytes, news.all);
  else if ("frame" in news) onNews(news);
};

const body = (choice: Choice): Body => (choice === "full" ? "full" : "lite");

/** Fetches what the choice needs, so that the first clip does not wait. */
export async function warm(choice: Choice, onBytes: Watching["onBytes"]): Promise<void> {
  if (choice === "holistic") return;
  const onNews = hear({ onNews: () => {}, onBytes });
  await worker.call("warm", { body: body(choice) }, { onNews, patience: 60 });
}

let holistic: LandmarkFinder | undefined;
let clock = 0; // MediaPipe's time never goes back

async function mediapipe(): Promise<LandmarkFinder> {
  if (!holistic) {
    const { LandmarkFinder } = await imported(import("../landmarks/holistic"), "MediaPipe");
    holistic = await LandmarkFinder.create().catch((error) => {
      throw explain(error);
    });
  } else holistic.reset();
  clock += 10_000;
  return holistic;
}

/** Landmarks of the images that arrive one by one, with their times in milliseconds. */
export interface Stream {
  find(image: ImageBitmap, milliseconds: number): Promise<Float32Array>;
}

/** Begins a new clip whose frames come one by one. */
export async function stream(choice: Choice, signal: AbortSignal): Promise<Stream> {
  if (choice === "holistic") {
    const finder = await mediapipe();
    const begin = clock;
    return {
      async find(image, milliseconds) {
        clock = begin + milliseconds + 1;
        try {
          return await finder.find(image, clock);
        } finally {
          image.close();
        }
      },
    };
  }
  let first = true;
  return {
    async find(image) {
      const given = { image, body: body(choice), first };
      first = false;
      const found = await worker.call<{ landmarks: Float32Array }>("frame", given, {
        signal,
        transfer: [image],
      });
      return found.landmarks;
    },
  };
}

const stopped = (signal: AbortSignal) => {
  if (signal.aborted) throw new Failure("cancelled");
};

/** A clip whose frames only the page can show: one after the other, to whoever looks. */
async function lookInPage(clip: Clip, choice: Choice, watching: Watching): Promise<Seen> {
  const canvas = new OffscreenCanvas(640, 480);
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  const length = Math.min(MAX_FRAMES, clip.times.length);
  const notes: Seen["notes"] = clip.cut ? [clip.cut] : [];
  if (length < clip.times.length) {
    const values = { frames: length, seconds: (length / clip.rate).toFixed(0) };
    notes.unshift({ key: "longClip", values });
  }
  const finder = await stream(choice, watching.signal);
  const frames: Float32Array[] = [];
  const seconds = { decoding: 0, landmarks: 0 };
  for (let k = 0; k < length; k++) {
    const start = performance.now();
    await clip.draw(pen, k);
    const drawn = performance.now();
    const image = await createImageBitmap(canvas);
    const own = await createImageBitmap(canvas);
    const landmarks = await finder.find(own, ((k + 1) * 1000) / clip.rate);
    seconds.decoding += (drawn - start) / 1000;
    seconds.landmarks += (performance.now() - drawn) / 1000;
    frames.push(landmarks);
    watching.onNews({ frame: k, frames: length, landmarks, image });
    stopped(watching.signal);
  }
  const shown = mostSeen(frames);
  await clip.draw(pen, shown);
  const { width, height } = canvas;
  const image = await createImageBitmap(canvas);
  return { frames, rate: clip.rate, width, height, notes, seconds, shown, image };
}

/** The landmarks of a video file. */
export async function lookAtFile(
  file: File,
  choice: Choice,
  video: HTMLVideoElement,
  watching: Watching,
): Promise<Seen> {
  if (choice !== "holistic") {
    const options = { signal: watching.signal, onNews: hear(watching), patience: 60 };
    const seen = await worker.call<Seen | null>("file", { file, body: body(choice) }, options);
    if (seen) return seen;
  }
  const clip = await openClip(video, file);
  try {
    stopped(watching.signal);
    return await lookInPage(clip, choice, watching);
  } finally {
    clip.close();
  }
}

/** What a long video shows while it is followed. */
export interface FollowingFile extends Pick<Watching, "signal" | "onBytes"> {
  /** Told before the first frame: when the last one appears, and what is to be said. */
  onBegin(begun: Omit<Begun, "id">): void;
  onFrame(step: Step): void;
}

/** The frames of a clip that only the page can show, one after the other. */
async function* framesInPage(
  clip: Clip,
  choice: Choice,
  { signal, onFrame }: FollowingFile,
): AsyncGenerator<Step> {
  const canvas = new OffscreenCanvas(640, 480);
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  const finder = await stream(choice, signal);
  for (let k = 0; k < clip.times.length; k += everyNth(clip.rate)) {
    await clip.draw(pen, k);
    const seconds = clip.times[k];
    const image = await createImageBitmap(canvas);
    const landmarks = await finder.find(await createImageBitmap(canvas), 1000 * seconds);
    onFrame({ landmarks, seconds, image });
    stopped(signal);
    yield { landmarks, seconds };
  }
}

/** The same of a video that the worker decodes: each frame when it is wanted, none is kept. */
async function* framesInWorker(
  { id }: Begun,
  { signal, onFrame }: FollowingFile,
): AsyncGenerator<Step> {
  try {
    for (;;) {
      const step = await worker.call<Step | null>("next", { id }, { signal });
      if (!step) return;
      onFrame(step);
      yield step;
    }
  } finally {
    void worker.call("leave", { id }).catch(() => {});
  }
}

/** The frames of a video file of any length, with their times, as somebody asks for them. */
export async function* followFile(
  file: File,
  choice: Choice,
  video: HTMLVideoElement,
  following: FollowingFile,
): AsyncGenerator<Step> {
  const { signal, onBytes, onBegin } = following;
  if (choice !== "holistic") {
    const onNews = hear({ onNews: () => {}, onBytes });
    const given = { file, body: body(choice) };
    const begun = await worker.call<Begun | null>("begin", given, { signal, onNews, patience: 60 });
    if (begun) {
      onBegin(begun);
      return yield* framesInWorker(begun, following);
    }
  }
  const clip = await openClip(video, file);
  try {
    stopped(signal);
    onBegin({ last: clip.times[clip.times.length - 1], notes: clip.cut ? [clip.cut] : [] });
    yield* framesInPage(clip, choice, following);
  } finally {
    clip.close();
  }
}
