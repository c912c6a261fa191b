/**
 * Frames of a video file, exactly. Best the page decodes them itself; where it cannot, it asks a
 * video element for the middle of each frame and not for its edge, where the browser may show the
 * one before.
 */
import type { Key } from "../i18n/en";
import { Failure, type Values } from "../i18n/failure";
import { imported } from "../runtime/fetching";
import type { Timeline } from "./decode";
import { findEnding } from "./live";
import { missingBytes } from "./whole";

/** A sign is short: of a longer clip only the first frames are looked at. */
export const MAX_FRAMES = 300;

/**
 * Waits for an event, and throws the refusal if the video fails first; listens no longer than
 * that.
 */
async function event(video: HTMLVideoElement, name: string, refusal: Failure): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  try {
    await new Promise<void>((done, fail) => {
      video.addEventListener(name, () => done(), { signal });
      video.addEventListener("error", () => fail(refusal), { signal });
    });
  } finally {
    listening.abort();
  }
}

/** Opens a video file; one sentence where the browser cannot play it. `release` frees it again. */
export async function open(video: HTMLVideoElement, file: File): Promise<void> {
  release(video);
  video.src = URL.createObjectURL(file);
  const named = { name: file.name };
  await event(video, "loadeddata", new Failure("undecodable", named));
  if (!video.videoWidth) throw new Failure("noImage", named);
  if (!Number.isFinite(video.duration)) {
    // A recording of a browser (MediaRecorder) does not say how long it is; the browser finds out
    // on its way to a far end.
    await seek(video, 1e9);
    await seek(video, 0);
  }
  if (!Number.isFinite(video.duration))
    throw new Failure("noLength", named);
}

/** Lets go of the file, which would otherwise stay in memory until the page is closed. */
export function release(video: HTMLVideoElement): void {
  if (!video.src) return;
  URL.revokeObjectURL(video.src);
  video.removeAttribute("src");
  video.load();
}

/**
 * Milliseconds to wait for a frame that was asked for: many, because a busy machine may show it
 * late, and the one before must not be taken for it.
 */
const PATIENCE = 10_000;

/** Shows the frame at `time` (seconds). */
export async function seek(video: HTMLVideoElement, time: number): Promise<void> {
  // it is shown already, and the browser would announce no new frame
  if (video.currentTime === time && !video.seeking) return;
  const there = event(video, "seeked", new Failure("breaksOff"));
  const shown = new Promise<void>((done) => {
    video.requestVideoFrameCallback?.(() => done());
    // A hidden page is told of no frame, nor is one in a browser without this callback.
    setTimeout(done, "requestVideoFrameCallback" in video && !document.hidden ? PATIENCE : 80);
  });
  video.currentTime = time;
  await there;
  await shown;
}

/**
 * Frames per second, from the times of the frames in the first moments of playing; 25 where the
 * browser does not tell.
 */
async function estimateRate(video: HTMLVideoElement, frames = 8): Promise<number> {
  if (!video.requestVideoFrameCallback) return 25;
  const times: number[] = [];
  const enough = new Promise<void>((done) => {
    const next: VideoFrameRequestCallback = (_, { mediaTime }) => {
      times.push(mediaTime);
      if (times.length < frames) video.requestVideoFrameCallback(next);
      else done();
    };
    video.requestVideoFrameCallback(next);
    video.onended = () => done();
    setTimeout(done, 3000);
  });
  video.muted = true;
  video.playbackRate = 0.5;
  await video.play();
  await enough;
  video.onended = null;
  video.pause();
  const gaps = times
    .slice(1)
    .map((time, k) => time - times[k])
    .filter((gap) => gap > 0.001);
  // A skipped frame makes a gap longer, never shorter. A recording with uneven frames can have a
  // tiny gap, which is not its rate.
  return gaps.length ? Math.min(60, 1 / Math.min(...gaps)) : 25;
}

/**
 * How frames are found: decoded by the page, with the times and the colours of the file (`codec`);
 * shown by a video element at the middles of the file's times (`times`), or at those of a constant
 * rate, which the page finds out while it plays the first moments (`rate`).
 */
const WAYS = ["codec", "times", "rate"] as const;
export type Way = (typeof WAYS)[number];

/** Where frames are drawn, in a page or in a worker. */
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Clip {
  way: Way;
  /** When each frame appears, in seconds. */
  times: number[];
  /** Frames per second; on average, where they are uneven. */
  rate: number;
  /** What to say where the file seems to be cut off; undefined where nothing says so. */
  cut?: { key: Key; values: Values };
  /** Draws frame k and gives the canvas its size; forwards is quick. */
  draw(pen: Pen, k: number): Promise<void>;
  close(): void;
}

/** Safe moments to ask for: halfway to the next frame. */
export const middles = (times: number[]): number[] =>
  times.map(
    (time, k) =>
      time +
      ((k + 1 < times.length ? times[k + 1] - time : k ? time - times[k - 1] : 0.04) || 0.001) / 2,
  );

/** Frames a second that are enough to follow a signer. */
const ENOUGH = 25;

/** Which frames of a long video are looked at: every n-th, of one with many frames a second. */
export const everyNth = (rate: number) => Math.max(1, Math.floor(rate / ENOUGH + 0.01));

const meanRate = (times: number[]) =>
  times.length > 1 ? (times.length - 1) / (times[times.length - 1] - times[0]) : 25;

const SHAPE = 0.02; // by so much, relatively, the proportions of the image may change

/**
 * Draws as `draw` does, as long as the image keeps its proportions: half of a clip that was turned
 * cannot be compared with the other half.
 */
function sameShape(name: string, draw: Clip["draw"]): Clip["draw"] {
  let first = 0;
  return async (pen, k) => {
    await draw(pen, k);
    const { width, height } = pen.canvas;
    first ||= width / height;
    if (Math.abs(width / height / first - 1) > SHAPE)
      throw new Failure("changesShape", { name, frame: k });
  };
}

async function timeline(file: Blob): Promise<Timeline | undefined> {
  try {
    return await (await imported(import("./decode"), "Mediabunny")).readTimeline(file);
  } catch (error) {
    if (error instanceof Failure && error.key === "fileLost") throw error;
    // a kind of file that only the browser knows, if anybody: the video element says so
    return undefined;
  }
}

/**
 * So much more than there is may be announced by a recording that was written live: seconds, and a
 * share of its length.
 */
const FORGIVEN = [1, 0.05];

/**
 * What a file says about its frames, and whether it was cut off; a recording that was written live
 * counts up to its last whole frame.
 */
async function whatIsThere(file: File, read: boolean): Promise<{ known?: Timeline; cut: boolean }> {
  const ending = await findEnding(file);
  if (!ending && (await missingBytes(file)))
    throw new Failure("fileBreaksOff", { name: file.name });
  let known = read ? await timeline(ending?.whole ?? file) : undefined;
  let cut = ending?.cut ?? false;
  if (known && ending?.before && !(await known.endsWell())) {
    known.close();
    known = await timeline(ending.before);
    cut = true;
  }
  if (!known || !ending) return { known, cut };
  if (cut && !known.times.length)
    throw new Failure("firstFrameCut", { name: file.name });
  const missing = known.said - (known.times[known.times.length - 1] ?? 0);
  return { known, cut: cut || missing > Math.max(FORGIVEN[0], FORGIVEN[1] * known.said) };
}

const cutOff = (file: File, known?: Timeline): Clip["cut"] =>
  known
    ? { key: "seemsCut", values: { name: file.name, frames: known.times.length } }
    : { key: "seemsCutSomewhere", values: { name: file.name } };

function byCodec(file: File, known: Timeline, cut: Clip["cut"]): Clip {
  const { times } = known;
  return {
    way: "codec",
    times,
    rate: meanRate(times),
    cut,
    draw: sameShape(file.name, (pen, k) => known.decoder!.draw(pen, k)),
    close: () => known.close(),
  };
}

const IMAGE_HEADS = [[0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47], [0x47, 0x49, 0x46, 0x38]];

/** A Failure for what is no video at all: an empty file, a text, a photo. */
export async function refuseOthers(file: File): Promise<void> {
  const named = { name: file.name };
  if (!file.size) throw new Failure("emptyFile", named);
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  if (IMAGE_HEADS.some((magic) => magic.every((byte, k) => head[k] === byte)))
    throw new Failure("imageFile", named);
  const control = head.some((byte) => byte < 9 || (byte > 13 && byte < 32));
  if (!control) throw new Failure("textFile", named);
}

/**
 * Opens a video file whose frames this browser decodes one by one; undefined where it does not. A
 * worker can do this.
 */
export async function openDecoded(file: File): Promise<Clip | undefined> {
  await refuseOthers(file);
  const { known, cut } = await whatIsThere(file, true);
  if (known?.decoder && known.times.length)
    return byCodec(file, known, cut ? cutOff(file, known) : undefined);
  known?.close();
  return undefined;
}

/**
 * Opens a video file in the best way that this browser has for it, or in a given one; one sentence
 * where there is none. `video` is an element to borrow.
 */
export async function openClip(video: HTMLVideoElement, file: File, way?: Way): Promise<Clip> {
  if (way && !WAYS.includes(way))
    throw new Error(`There is no way "${way}" of finding frames; choose from ${WAYS.join(", ")}.`);
  await refuseOthers(file);
  const found = await whatIsThere(file, way !== "rate");
  const { known } = found;
  const cut = found.cut ? cutOff(file, known) : undefined;
  if (known?.decoder && known.times.length && way !== "times") return byCodec(file, known, cut);
  known?.close();
  if (way === "codec")
    throw new Failure("notByCodec", { name: file.name });
  await open(video, file);
  const rate = known?.times.length ? meanRate(known.times) : await estimateRate(video);
  const times = known?.times.length
    ? known.times
    : Array.from({ length: Math.max(1, Math.round(video.duration * rate)) }, (_, k) => k / rate);
  const asked = middles(times);
  const draw = async (pen: Pen, k: number) => {
    await seek(video, asked[k]);
    const { canvas } = pen;
    if (canvas.width !== video.videoWidth || canvas.height !== video.videoHeight)
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    // what is transparent must not show the frame before
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  };
  return {
    way: known?.times.length ? "times" : "rate",
    times,
    rate,
    cut,
    draw: sameShape(file.name, draw),
    close: () => release(video),
  };
}
