/**
 * Looks for landmarks: in frames that the page sends, or in a video file that it decodes itself.
 * The networks are loaded once and serve all clips.
 */
import type { Key } from "../i18n/en";
import { Failure, type Values } from "../i18n/failure";
import { type Body, HolisticLandmarker } from "../landmarks/landmarker";
import { mostSeen } from "../landmarks/landmarks";
import { type Clip, everyNth, MAX_FRAMES, openDecoded, type Pen } from "../video/video";
import { type Call, Handed, serve } from "./protocol";

/** What is told while a clip is looked at. */
export interface News {
  frame: number;
  frames: number;
  landmarks: Float32Array;
  image?: ImageBitmap;
}

/** What was seen of a clip. */
export interface Seen {
  frames: Float32Array[];
  rate: number;
  /** Of its images, in pixels. */
  width: number;
  height: number;
  notes: { key: Key; values: Values }[];
  /** Spent on decoding, and on landmarks. */
  seconds: { decoding: number; landmarks: number };
  /** The frame to show afterwards. */
  image?: ImageBitmap;
  shown: number;
}

/** A video that was begun: when its last frame appears, in seconds, and what is to be said. */
export interface Begun {
  /** The number that its frames are asked for with. */
  id: number;
  last: number;
  notes: Seen["notes"];
}

/** One of its frames, and when it appears, in seconds. */
export interface Step {
  landmarks: Float32Array;
  seconds: number;
  image?: ImageBitmap;
}

const WIDEST = 960; // pixels of an image that is only shown
const SHOWN_EVERY = 80; // milliseconds between two of them

let landmarker: HolisticLandmarker | undefined;
let loaded: Body | undefined;
let canvas: OffscreenCanvas;
let pen: OffscreenCanvasRenderingContext2D;

function prepareCanvas(): void {
  if (typeof OffscreenCanvas === "undefined") throw new Failure("oldBrowser");
  canvas ??= new OffscreenCanvas(640, 480);
  const made = (pen ??= canvas.getContext("2d", { willReadFrequently: true })!);
  if (!made) throw new Failure("oldBrowser");
}

const pixels = () => pen.getImageData(0, 0, canvas.width, canvas.height);

/** The landmarker for a body network; its files are fetched the first time. */
async function ready(body: Body, call: Call): Promise<HolisticLandmarker> {
  if (landmarker && loaded === body) return landmarker;
  prepareCanvas();
  const onBytes = (done: number, all: number) => call.tell({ bytes: done, all });
  // a graphics card's runtime weighs twice as much, and is not fetched before it gains
  const made = await HolisticLandmarker.create({ body, backend: "wasm", onBytes });
  await landmarker?.close();
  landmarker = made;
  loaded = body;
  await landmarker.find(new ImageData(64, 48)); // the first look takes longer: not a visitor's
  landmarker.reset();
  return landmarker;
}

async function shownImage(): Promise<ImageBitmap> {
  const scale = Math.min(1, WIDEST / Math.max(canvas.width, canvas.height));
  return createImageBitmap(canvas, {
    resizeWidth: Math.max(1, Math.round(canvas.width * scale)),
    resizeHeight: Math.max(1, Math.round(canvas.height * scale)),
  });
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, (performance.now() - start) / 1000];
}

async function lookAt(clip: Clip, finder: HolisticLandmarker, call: Call): Promise<Seen> {
  const length = Math.min(MAX_FRAMES, clip.times.length);
  const notes: Seen["notes"] = clip.cut ? [clip.cut] : [];
  if (length < clip.times.length)
    notes.unshift({
      key: "longClip",
      values: { frames: length, seconds: (length / clip.rate).toFixed(0) },
    });
  const frames: Float32Array[] = [];
  const seconds = { decoding: 0, landmarks: 0 };
  let last = 0;
  finder.reset();
  for (let k = 0; k < length; k++) {
    seconds.decoding += (await timed(clip.draw(pen as Pen, k)))[1];
    const [found, spent] = await timed(finder.find(pixels()));
    seconds.landmarks += spent;
    frames.push(found);
    const due = performance.now() - last > SHOWN_EVERY || k === length - 1;
    const image = due ? await shownImage() : undefined;
    if (due) last = performance.now();
    call.tell({ frame: k, frames: length, landmarks: found, image }, image ? [image] : []);
    await call.turn();
  }
  const shown = mostSeen(frames);
  await clip.draw(pen as Pen, shown);
  const { width, height } = canvas;
  const image = await shownImage();
  return { frames, rate: clip.rate, width, height, notes, seconds, image, shown };
}

/** A video that is worked through frame by frame, as whoever asks wants them. */
interface Followed {
  id: number;
  clip: Clip;
  finder: HolisticLandmarker;
  /** Every n-th frame is looked at. */
  every: number;
  next: number;
  shown: number;
}

let followed: Followed | undefined;
let begun = 0;

function leave(): void {
  followed?.clip.close();
  followed = undefined;
}

serve({
  async warm({ body }: { body: Body }, call: Call) {
    await ready(body, call);
  },

  /** The landmarks of a video file; null where only the page can show its frames. */
  async file({ file, body }: { file: File; body: Body }, call: Call) {
    prepareCanvas();
    const clip = await openDecoded(file);
    if (!clip) return null;
    try {
      const finder = await ready(body, call);
      call.tell({ ready: true });
      const seen = await lookAt(clip, finder, call);
      return new Handed(seen, seen.image ? [seen.image] : []);
    } finally {
      clip.close();
    }
  },

  /** Begins with a video of any length; null where only the page can show its frames. */
  async begin({ file, body }: { file: File; body: Body }, call: Call): Promise<Begun | null> {
    leave();
    prepareCanvas();
    const clip = await openDecoded(file);
    if (!clip) return null;
    try {
      const finder = await ready(body, call);
      finder.reset();
      begun++;
      followed = { id: begun, clip, finder, every: everyNth(clip.rate), next: 0, shown: 0 };
      const last = clip.times[clip.times.length - 1];
      return { id: begun, last, notes: clip.cut ? [clip.cut] : [] };
    } catch (error) {
      clip.close();
      throw error;
    }
  },

  /** The next frame of that video; null after the last one. */
  async next({ id }: { id: number }): Promise<Handed | null> {
    if (followed?.id !== id || followed.next >= followed.clip.times.length) return null;
    const { clip, finder, next } = followed;
    await clip.draw(pen as Pen, next);
    const landmarks = await finder.find(pixels());
    const due = performance.now() - followed.shown > SHOWN_EVERY;
    const image = due ? await shownImage() : undefined;
    if (due) followed.shown = performance.now();
    followed.next += followed.every;
    const looked: Step = { landmarks, seconds: clip.times[next], image };
    return new Handed(looked, image ? [image] : []);
  },

  /** Lets go of that video, unless another one has taken its place. */
  async leave({ id }: { id: number }) {
    if (followed?.id === id) leave();
  },

  /** The landmarks of one frame of a running clip; `first` begins a new one. */
  async frame(
    { image, body, first }: { image: ImageBitmap; body: Body; first: boolean },
    call: Call,
  ) {
    try {
      const finder = await ready(body, call);
      if (first) finder.reset();
      if (canvas.width !== image.width || canvas.height !== image.height)
        [canvas.width, canvas.height] = [image.width, image.height];
      pen.drawImage(image, 0, 0);
      const [found, seconds] = await timed(finder.find(pixels()));
      return { landmarks: found, seconds };
    } finally {
      image.close();
    }
  },
});
