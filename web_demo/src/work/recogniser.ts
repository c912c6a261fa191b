/**
 * The model, in a worker of its own. Another model is opened and tried in a new worker, and takes
 * the place of the first one only when it has answered.
 */
import { Failure } from "../i18n/failure";
import type { About, Answered } from "../workers/recognition.worker";
import { type Options, WorkerClient } from "../workers/client";

/** Seconds for an answer: a model of ours needs a hundredth of one. */
export const PATIENCE = 7;
/** Seconds without a byte of a runtime that is fetched, and for its start on a slow device. */
const LOADING = 20;

const makeWorker = (options: WorkerOptions) =>
  new Worker(new URL("../workers/recognition.worker.ts", import.meta.url), {
    ...options,
    type: "module",
  });

/**
 * Opens a model in a worker of its own, by the method `method`; a worker that does not answer is
 * ended, and so is one whose model is refused.
 */
export async function openInWorker<T>(
  method: string,
  name: string,
  file: Uint8Array,
  signal?: AbortSignal,
  onEnd?: () => void,
): Promise<{ client: WorkerClient; about: T }> {
  const client = new WorkerClient(makeWorker, onEnd);
  try {
    const options: Options = {
      signal,
      patience: LOADING,
      silence: "modelSilent",
      values: { name },
      onNews: (news) => {
        if (news === "ready") options.patience = PATIENCE;
      },
    };
    return { client, about: await client.call<T>(method, { name, file }, options) };
  } catch (error) {
    client.end();
    // a runtime that broke off on a file says nothing that a visitor could use
    const broke = error instanceof Failure && ["brokenOff", "unexpected"].includes(error.key);
    throw broke ? new Failure("onnxDamaged", { name }) : error;
  }
}

interface Open {
  client: WorkerClient;
  about: About;
  file: Uint8Array;
  /** Whether the worker still has the model: one that was ended has lost it. */
  there: boolean;
}

export class Recogniser {
  private current?: Open;

  get about(): About | undefined {
    return this.current?.about;
  }

  /** Opens a model; the one before stays if this one is refused. */
  async open(name: string, file: Uint8Array, signal?: AbortSignal): Promise<About> {
    const opened = await this.load(name, file, signal);
    this.current?.client.end();
    this.current = opened;
    return opened.about;
  }

  weigh = () => this.current?.client.weigh() ?? Promise.resolve({});

  private async load(name: string, file: Uint8Array, signal?: AbortSignal): Promise<Open> {
    const opened: Partial<Open> = { file, there: true };
    const lost = () => (opened.there = false);
    const { client, about } = await openInWorker<About>("open", name, file, signal, lost);
    return Object.assign(opened, { client, about }) as Open;
  }

  /** What the model says of a clip (frames x 75 x 2, flat). */
  async answer(landmarks: Float32Array, signal?: AbortSignal): Promise<Answered> {
    if (!this.current) throw new Failure("noModel");
    if (!this.current.there) {
      const { about, file } = this.current;
      this.current = await this.load(about.name, file, signal);
    }
    const { client, about } = this.current;
    return client.call<Answered>(
      "answer",
      { landmarks },
      { signal, patience: PATIENCE, silence: "modelSilent", values: { name: about.name } },
    );
  }
}
