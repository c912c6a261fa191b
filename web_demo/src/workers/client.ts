/**
 * A worker, seen from the page. Whoever does not answer in time is ended and made anew for the next
 * call: a model of a stranger may compute for ever, and the page must not wait for it.
 */
import { cancelled, Failure, retold } from "../i18n/failure";
import type { Key } from "../i18n/en";
import { siteBase } from "../runtime/fetching";
import type { Reply } from "./protocol";

export interface Options {
  signal?: AbortSignal;
  /** Called with what the worker tells while it works. */
  onNews?(news: unknown): void;
  /** Seconds without a word after which the worker is ended; Infinity: never. */
  patience?: number;
  /** What is said then. */
  silence?: Key;
  values?: Record<string, string | number>;
  transfer?: Transferable[];
}

interface Pending {
  done(result: unknown): void;
  fail(error: Failure): void;
  heard(): void;
  /** Asks a new worker; undefined where what was given is gone. */
  send?(): void;
  onNews?(news: unknown): void;
}

/** Seconds in which the program of a worker must have started. */
const START = 8;
/** Seconds in which a cancelled call must have ended; else its worker is. */
const END = 5;

export class WorkerClient {
  private worker?: Worker;
  private started?: Promise<void>;
  private readonly pending = new Map<number, Pending>();
  private next = 1;
  /** How many workers were made: one, unless some had to be ended. */
  made = 0;

  /** `make` starts the program; `onEnd` is told when what the worker knew is lost. */
  constructor(
    private readonly make: (options: WorkerOptions) => Worker,
    private readonly onEnd: () => void = () => {},
  ) {}

  private start(): Promise<void> {
    return (this.started ??= new Promise<void>((done, fail) => {
      const lost = () => {
        const failure = new Failure("programLost");
        this.end(failure);
        fail(failure);
      };
      const timer = setTimeout(lost, 1000 * START);
      const worker = this.make({ type: "module", name: siteBase() });
      this.worker = worker;
      this.made++;
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(timer);
        lost();
      };
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if ("ready" in data) {
          clearTimeout(timer);
          return done();
        }
        this.hear(data);
      };
    }));
  }

  private hear(reply: Exclude<Reply, { ready: true }>): void {
    const call = this.pending.get(reply.id);
    if (call && "news" in reply) call.onNews?.(reply.news);
    // whoever is answered shows that the worker works, to those who wait in line too
    for (const other of this.pending.values()) other.heard();
    if (!call || "news" in reply) return;
    if ("failure" in reply) call.fail(retold(reply.failure));
    else call.done(reply.result);
  }

  /** Ends the worker; all calls that wait fail. */
  end(failure: Failure = cancelled()): void {
    this.worker?.terminate();
    this.worker = this.started = undefined;
    this.onEnd();
    for (const call of [...this.pending.values()]) call.fail(failure);
  }

  /** Bytes that the worker has fetched, by kind; nothing where none was started. */
  weigh(): Promise<Record<string, number>> {
    if (!this.worker) return Promise.resolve({});
    return this.call("weigh", undefined, { patience: Infinity });
  }

  /** Ends a worker that does not let go of a cancelled call; calls that wait go to a new one. */
  private renew(): void {
    const waiting = [...this.pending].filter(([, call]) => call.send);
    for (const [id] of waiting) this.pending.delete(id);
    this.end();
    for (const [id, call] of waiting) {
      this.pending.set(id, call);
      call.send!();
    }
  }

  /** Asks the worker for something. */
  async call<T>(method: string, given: unknown, options: Options = {}): Promise<T> {
    const { signal, silence = "silent", values, transfer = [] } = options;
    if (signal?.aborted) throw cancelled();
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let posted = false;
      const heard = () => {
        clearTimeout(timer);
        const { patience = 30 } = options; // what a call learns may change it
        if (patience === Infinity) return;
        timer = setTimeout(() => this.end(new Failure(silence, values)), 1000 * patience);
      };
      const over = () => {
        clearTimeout(timer);
        this.pending.delete(id);
        signal?.removeEventListener("abort", giveUp);
      };
      const giveUp = () => {
        over();
        reject(cancelled());
        const worker = this.worker;
        if (!worker || !posted) return;
        worker.postMessage({ id });
        // the page goes on at once; a worker that does not stop soon is ended
        this.pending.set(id, {
          done: () => ended(),
          fail: () => ended(),
          heard: () => {},
        });
        const late = setTimeout(() => this.worker === worker && this.renew(), 1000 * END);
        const ended = () => {
          clearTimeout(late);
          this.pending.delete(id);
        };
      };
      this.pending.set(id, {
        done: (result) => (over(), resolve(result as T)),
        fail: (error) => (over(), reject(error)),
        heard,
        send: transfer.length ? undefined : () => send(),
        onNews: options.onNews,
      });
      const send = () =>
        this.start()
          .then(() => {
            if (!this.pending.has(id) || signal?.aborted) return;
            heard();
            posted = true;
            this.worker!.postMessage({ id, method, given }, transfer);
          })
          .catch((error) => (over(), reject(error)));
      signal?.addEventListener("abort", giveUp, { once: true });
      void send();
    });
  }
}
