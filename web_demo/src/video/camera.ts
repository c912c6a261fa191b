/** The camera: its stream, its frames with the times at which they were taken, its other side. */
import { explain, Failure } from "../i18n/failure";
import type { Key } from "../i18n/en";

export type Side = "user" | "environment";

/** A frame and when it was taken, in milliseconds. */
export interface Taken {
  image: ImageBitmap;
  milliseconds: number;
}

const WIDEST = 640; // pixels; landmarks gain nothing by more
const MOST = 60; // frames that wait for a slow device

const REFUSALS: Record<string, Key> = {
  NotAllowedError: "cameraRefused",
  SecurityError: "cameraRefused",
  NotFoundError: "cameraMissing",
  OverconstrainedError: "cameraMissing",
  NotReadableError: "cameraBusy",
  AbortError: "cameraBusy",
};

async function ask(side: Side): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new Failure("cameraInsecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: { ideal: side } },
      audio: false,
    });
  } catch (error) {
    const { name } = error as Error;
    throw new Failure(REFUSALS[name] ?? "cameraFails", { words: explain(error).message });
  }
}

/** Whether there is another camera to turn to. */
export async function hasSeveral(): Promise<boolean> {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  return (devices ?? []).filter(({ kind }) => kind === "videoinput").length > 1;
}

/** Which frames wait to be looked at: the last one, all of them, or no further ones. */
export type Taking = "latest" | "all" | "none";

export class Camera {
  private readonly waiting: Taken[] = [];
  private wake: () => void = () => {};
  private closed = false;
  private busy = false;
  private taking: Taking = "latest";

  private constructor(
    private readonly video: HTMLVideoElement,
    private readonly stream: MediaStream,
    readonly side: Side,
  ) {}

  static async open(video: HTMLVideoElement, side: Side): Promise<Camera> {
    const stream = await ask(side);
    video.srcObject = stream;
    const camera = new Camera(video, stream, side);
    try {
      await video.play();
    } catch {
      camera.close();
      throw new Failure("cameraBusy");
    }
    stream.getVideoTracks()[0]?.addEventListener("ended", () => camera.close(), { once: true });
    camera.follow();
    return camera;
  }

  /** A camera that looks at the signer shows a mirror; one on the back does not. */
  get mirrored(): boolean {
    const { facingMode } = this.stream.getVideoTracks()[0]?.getSettings() ?? {};
    return (facingMode ?? this.side) !== "environment";
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Takes each frame that the video shows. */
  private follow(): void {
    const { video } = this;
    const take = async (milliseconds: number) => {
      if (this.closed) return;
      if (!this.busy && video.videoWidth && this.taking !== "none") {
        this.busy = true;
        await this.grab(milliseconds).catch(() => {});
        this.busy = false;
      }
      next();
    };
    const next = () => {
      if (this.closed) return;
      if ("requestVideoFrameCallback" in video)
        video.requestVideoFrameCallback((now, about) => void take(about.captureTime ?? now));
      else setTimeout(() => void take(performance.now()), 33);
    };
    next();
  }

  private async grab(milliseconds: number): Promise<void> {
    const { video, waiting } = this;
    if (this.taking === "all" && waiting.length >= MOST) return;
    const scale = Math.min(1, WIDEST / Math.max(video.videoWidth, video.videoHeight));
    const image = await createImageBitmap(video, {
      resizeWidth: Math.round(video.videoWidth * scale),
      resizeHeight: Math.round(video.videoHeight * scale),
    });
    if (this.taking === "none") return image.close();
    if (this.taking === "latest") this.forget();
    waiting.push({ image, milliseconds });
    this.wake();
  }

  /** Lets go of the frames that nobody has looked at. */
  forget(): void {
    for (const { image } of this.waiting.splice(0)) image.close();
  }

  take(taking: Taking): void {
    this.taking = taking;
    this.wake();
  }

  /** The next frame; undefined when the camera was closed, or when no further ones are taken. */
  async next(): Promise<Taken | undefined> {
    while (!this.waiting.length && !this.closed && this.taking !== "none")
      await new Promise<void>((go) => (this.wake = go));
    return this.closed ? undefined : this.waiting.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.forget();
    this.stream.getTracks().forEach((track) => track.stop());
    if (this.video.srcObject === this.stream) this.video.srcObject = null;
    this.wake();
  }
}
