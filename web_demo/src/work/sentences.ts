/**
 * Sentences: the frames of a long video or of the camera, one after the other, through the network
 * for sentences in its worker. Nothing is kept but the glosses.
 */
import { Failure } from "../i18n/failure";
import { HANDS } from "../landmarks/landmarks";
import { mirrored } from "../landmarks/mirror";
import { SHELF, SILENCE, siteBase } from "../runtime/fetching";
import type { Segment } from "../runtime/sentences";
import type { Camera } from "../video/camera";
import type { WorkerClient } from "../workers/client";
import type { SentencesAbout } from "../workers/recognition.worker";
import type { Stream } from "./looking";
import { openInWorker, PATIENCE } from "./recogniser";

export type { Segment } from "../runtime/sentences";

/** Where the network lies, beside the page. */
export const SENTENCE_MODEL = "./models/continuous_int8.slr";

/** Whether there is a network for sentences; not a byte of it is fetched for that. */
export async function hasSentences(): Promise<boolean> {
  const address = new URL(SENTENCE_MODEL, siteBase()).href;
  const shelf = "caches" in window ? caches.open(SHELF) : Promise.reject();
  if (await shelf.then((there) => there.match(address)).catch(() => undefined)) return true;
  const patience = AbortSignal.timeout(1000 * SILENCE);
  const asked = fetch(address, { method: "HEAD", signal: patience });
  const response = await asked.catch(() => undefined);
  // some hosts answer every address with their own page
  const kind = response?.headers.get("content-type") ?? "";
  return Boolean(response?.ok) && !kind.startsWith("text/html");
}

/** A network in its worker. */
export class SentenceRecogniser {
  private there = true;
  private recording = 0;
  private client!: WorkerClient;
  about!: SentencesAbout;

  private constructor(readonly file: Uint8Array) {}

  static async open(
    name: string,
    file: Uint8Array,
    signal?: AbortSignal,
  ): Promise<SentenceRecogniser> {
    const made = new SentenceRecogniser(file);
    const lost = () => (made.there = false);
    const opened = await openInWorker<SentencesAbout>("openSentences", name, file, signal, lost);
    return Object.assign(made, opened);
  }

  /** Whether its worker is still there: one that was ended has lost the network. */
  get isThere(): boolean {
    return this.there;
  }

  private call(method: string, given: unknown, signal?: AbortSignal): Promise<Segment[]> {
    const values = { name: this.about.name };
    return this.client.call<Segment[]>(method, given, {
      ...{ signal, patience: PATIENCE, silence: "modelSilent" as const, values },
    });
  }

  /** Begins with a recording; the number that its frames are given with. */
  begin = () => ++this.recording;

  push(recording: number, looked: Looked, signal?: AbortSignal): Promise<Segment[]> {
    return this.call("sentence", { recording, ...looked }, signal);
  }

  /** The last glosses of a recording, also of one that was given up. */
  end(recording: number): Promise<Segment[]> {
    return this.there ? this.call("endSentence", { recording }) : Promise.resolve([]);
  }

  weigh = () => this.client.weigh();

  close(): void {
    this.client.end();
  }
}

/** What was seen of a recording so far, in numbers only. */
export class Tally {
  frames = 0;
  people = 0;
  hands = 0;
  /** Of the recording, up to the last frame. */
  seconds = 0;

  count(landmarks: Float32Array, seconds: number): void {
    this.frames++;
    this.seconds = seconds;
    if (!Number.isNaN(landmarks[0])) this.people++;
    if (HANDS.some((point) => !Number.isNaN(landmarks[2 * point]))) this.hands++;
  }

  /** A Failure where nobody could be recognised. */
  check(): void {
    if (!this.frames) return;
    if (!this.people) throw new Failure("noPerson");
    if (!this.hands) throw new Failure("noHands");
  }
}

/** A frame that was looked at, and when it was taken. */
export interface Looked {
  landmarks: Float32Array;
  seconds: number;
}

export interface Following {
  signal: AbortSignal;
  /** Whether left and right are exchanged. */
  leftHanded(): boolean;
  onGlosses(told: Segment[]): void;
}

/** Gives the frames of a recording to the network. */
export async function follow(
  recogniser: SentenceRecogniser,
  frames: AsyncIterable<Looked>,
  { signal, leftHanded, onGlosses }: Following,
): Promise<Tally> {
  const tally = new Tally();
  const recording = recogniser.begin();
  try {
    for await (const { landmarks, seconds } of frames) {
      tally.count(landmarks, seconds);
      const given = leftHanded() ? mirrored(landmarks) : landmarks;
      onGlosses(await recogniser.push(recording, { landmarks: given, seconds }, signal));
    }
  } finally {
    onGlosses(await recogniser.end(recording).catch((): Segment[] => []));
  }
  return tally;
}

/** The frames of a running camera, the newest one each time, until it is closed. */
export async function* cameraFrames(
  camera: Camera,
  stream: Stream,
  onFrame: (landmarks: Float32Array) => void,
): AsyncGenerator<Looked> {
  let begin: number | undefined;
  camera.take("latest");
  for (let taken = await camera.next(); taken; taken = await camera.next()) {
    const landmarks = await stream.find(taken.image, taken.milliseconds);
    if (camera.isClosed) return;
    begin ??= taken.milliseconds;
    onFrame(landmarks);
    yield { landmarks, seconds: (taken.milliseconds - begin) / 1000 };
  }
}
