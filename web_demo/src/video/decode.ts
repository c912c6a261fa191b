/**
 * A video file, read and decoded by the page itself (WebCodecs): every frame once, with its own
 * time. Loaded only when a file is opened.
 */
import {
  BlobSource,
  EncodedPacketSink,
  Input,
  type InputVideoTrack,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  type VideoSample,
  VideoSampleSink,
  WEBM,
} from "mediabunny";
import { Failure } from "../i18n/failure";
import { image } from "../ui/colours";
import type { Pen } from "./video";

export interface Timeline {
  /** When each frame appears, in seconds. */
  times: number[];
  /** Seconds that the file says to last; NaN where it says nothing. */
  said: number;
  /**
   * Whether its last frame can be decoded; asked of recordings that may have been cut off within
   * it.
   */
  endsWell(): Promise<boolean>;
  decoder?: Decoder;
  close(): void;
}

/** When the frames of a track appear, in seconds, and when the last one in the file does. */
async function timesOf(track: InputVideoTrack): Promise<{ times: number[]; last: number }> {
  const times: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  })) {
    // what lies before zero was cut off by whoever trimmed the recording
    if (timestamp >= 0) times.push(timestamp);
  }
  const last = times[times.length - 1];
  return { times: times.sort((a, b) => a - b), last };
}

/**
 * The image that the file shows: no cover of a single frame where there is a longer one, then what
 * it marks as its default, then the first.
 */
async function shownTrack(
  input: Input,
): Promise<{ track: InputVideoTrack; times: number[]; last: number }> {
  const tracks = await input.getVideoTracks();
  if (!tracks.length) throw new Failure("noImage", { name: "" });
  const known = await Promise.all(
    tracks.map(async (track) => ({
      track,
      ...(await timesOf(track)),
      marked: (await track.getDisposition()).default,
    })),
  );
  const rank = ({ times, marked }: (typeof known)[0]) =>
    2 * Number(times.length > 1) + Number(marked);
  return known.reduce((best, next) => (rank(next) > rank(best) ? next : best));
}

/**
 * What the file says about its frames; throws where it is no MP4, QuickTime, WebM or Matroska file,
 * and no transport stream. The decoder is missing where the browser has none for it.
 */
export async function readTimeline(file: Blob): Promise<Timeline> {
  const input = new Input({
    formats: [MP4, QTFF, WEBM, MATROSKA, MPEG_TS],
    source: new BlobSource(file),
  });
  try {
    const { track, times, last } = await shownTrack(input);
    // FFmpeg takes notice of the range in these two families only, and OpenCV leaves it to FFmpeg.
    const codec = await track.getCodec();
    const decodable = typeof VideoDecoder === "function" && (await track.canDecode());
    const decoder = decodable
      ? new Decoder(new VideoSampleSink(track), times, codec === "avc" || codec === "hevc")
      : undefined;
    const works = await decoder?.works(times[0]);
    return {
      times,
      said: (await input.getDurationFromMetadata()) ?? NaN,
      endsWell: async () => !works || decoder!.works(last),
      decoder: works ? decoder : undefined,
      close: () => (decoder?.stop(), input.dispose()),
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

export class Decoder {
  private samples?: AsyncGenerator<VideoSample, void, unknown>;
  private next = 0;

  constructor(
    private readonly sink: VideoSampleSink,
    private readonly times: number[],
    private readonly ranges: boolean,
  ) {}

  /**
   * Whether a frame can be decoded, such as the first one: some browsers promise more than they can
   * do.
   */
  async works(time: number): Promise<boolean> {
    const sample = await this.sink.getSample(time).catch(() => null);
    sample?.close();
    return sample !== null;
  }

  /**
   * Draws a frame; the canvas takes its size. The next frames are quick, a step back begins again.
   */
  async draw(pen: Pen, k: number): Promise<void> {
    if (!this.samples || k < this.next) {
      this.stop();
      this.samples = this.sink.samples(this.times[k]);
      this.next = k;
    }
    let sample: VideoSample | undefined;
    for (; this.next <= k; this.next++) {
      sample?.close();
      sample = (await this.samples.next().catch(() => undefined))?.value ?? undefined;
    }
    if (!sample) throw new Failure("breaksOff");
    try {
      // Half a millisecond is far less than a frame lasts: another frame than the one that was
      // meant never passes as it.
      if (Math.abs(sample.timestamp - this.times[k]) > 0.0005) throw new Failure("breaksOff");
      await this.put(pen, sample);
    } finally {
      sample.close();
    }
  }

  private async put(pen: Pen, sample: VideoSample): Promise<void> {
    const { canvas } = pen;
    // Of an image with transparency the colours are taken as they are, as FFmpeg takes them.
    if (!["I420", "I420A", "NV12"].includes(sample.format ?? "")) {
      // Ten bits, or more chroma: rare in recordings of signs, so the browser's own colours have to
      // do.
      [canvas.width, canvas.height] = [sample.displayWidth, sample.displayHeight];
      sample.draw(pen, 0, 0);
      return;
    }
    const data = new Uint8Array(sample.allocationSize());
    const layout = await sample.copyTo(data);
    const { width, height } = sample.visibleRect;
    const made = image({
      data,
      layout,
      width,
      height,
      full: this.ranges && !!sample.colorSpace.fullRange,
      rotation: sample.rotation,
    });
    if (canvas.width !== made.width || canvas.height !== made.height)
      [canvas.width, canvas.height] = [made.width, made.height];
    pen.putImageData(made, 0, 0);
  }

  stop(): void {
    void this.samples?.return();
    this.samples = undefined;
    this.next = 0;
  }
}
