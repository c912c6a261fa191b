/** Frames of a video file, exactly: the time of a frame's middle, not of its edge, where the browser may show the one before. */

const once = (target: EventTarget, name: string) => new Promise<void>((done) => target.addEventListener(name, () => done(), { once: true }));

/** Opens a video file; one sentence where the browser cannot play it. */
export async function open(video: HTMLVideoElement, file: File): Promise<void> {
  const url = URL.createObjectURL(file);
  const failed = once(video, "error").then(() => {
    throw new Error(`${file.name} cannot be decoded by this browser: convert it to H.264 (mp4) or VP9 (webm).`);
  });
  video.src = url;
  await Promise.race([once(video, "loadeddata"), failed]);
  if (!video.videoWidth) throw new Error(`${file.name} has no picture: choose a video.`);
}

/** Shows the frame at `time` (seconds). */
export async function seek(video: HTMLVideoElement, time: number): Promise<void> {
  const there = once(video, "seeked");
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
  });
  video.muted = true;
  video.playbackRate = 0.5;
  await video.play();
  await Promise.race([enough, once(video, "ended"), new Promise((done) => setTimeout(done, 3000))]);
  video.pause();
  const gaps = times.slice(1).map((time, k) => time - times[k]).filter((gap) => gap > 0.001);
  // A skipped frame makes a gap longer, never shorter.
  return gaps.length ? 1 / Math.min(...gaps) : 25;
}

/** The middles of all frames of a clip, at most 300. */
export function frameTimes(duration: number, rate: number): number[] {
  const count = Math.max(1, Math.min(300, Math.round(duration * rate)));
  return Array.from({ length: count }, (_, k) => (k + 0.5) / rate);
}
