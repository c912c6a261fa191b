/** Frames of a video file, exactly: the time of a frame's middle, not of its edge, where the browser may show the one before. */

/** A sign is short: of a longer clip only the first frames are looked at. */
export const MAX_FRAMES = 300;

/** Waits for an event, and throws the sentence if the video fails first; listens no longer than that. */
async function event(video: HTMLVideoElement, name: string, sentence: string): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  try {
    await new Promise<void>((done, fail) => {
      video.addEventListener(name, () => done(), { signal });
      video.addEventListener("error", () => fail(new Error(sentence)), { signal });
    });
  } finally {
    listening.abort();
  }
}

/** Opens a video file; one sentence where the browser cannot play it. `release` frees it again. */
export async function open(video: HTMLVideoElement, file: File): Promise<void> {
  release(video);
  video.src = URL.createObjectURL(file);
  await event(video, "loadeddata", `${file.name} cannot be decoded by this browser: convert it to H.264 (mp4) or VP9 (webm).`);
  if (!video.videoWidth) throw new Error(`${file.name} has no picture: choose a video.`);
  if (!Number.isFinite(video.duration)) {
    // A recording of a browser (MediaRecorder) does not say how long it is; the browser finds out on its way to a far end.
    await seek(video, 1e9);
    await seek(video, 0);
  }
  if (!Number.isFinite(video.duration)) throw new Error(`${file.name} does not say how long it is: convert it to mp4.`);
}

/** Lets go of the file, which would otherwise stay in memory until the page is closed. */
export function release(video: HTMLVideoElement): void {
  if (!video.src) return;
  URL.revokeObjectURL(video.src);
  video.removeAttribute("src");
  video.load();
}

/** Shows the frame at `time` (seconds). */
export async function seek(video: HTMLVideoElement, time: number): Promise<void> {
  const there = event(video, "seeked", "The video breaks off: convert it again, or choose another one.");
  const shown = new Promise<void>((done) => {
    video.requestVideoFrameCallback?.(() => done());
    setTimeout(done, 80);
  });
  video.currentTime = time;
  await there;
  await shown;
}

/** Frames per second, from the times of the frames in the first moments of playing; 25 where the browser does not tell. */
export async function estimateRate(video: HTMLVideoElement, frames = 8): Promise<number> {
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
  const gaps = times.slice(1).map((time, k) => time - times[k]).filter((gap) => gap > 0.001);
  // A skipped frame makes a gap longer, never shorter. A recording with uneven frames can have a tiny gap, which is not its rate.
  return gaps.length ? Math.min(60, 1 / Math.min(...gaps)) : 25;
}

/** The middles of all frames of a clip, at most MAX_FRAMES. */
export function frameTimes(duration: number, rate: number): number[] {
  const count = Math.max(1, Math.min(MAX_FRAMES, Math.round(duration * rate)));
  return Array.from({ length: count }, (_, k) => (k + 0.5) / rate);
}
