/**
 * How the page and its workers talk: a call has a number, and is answered by news while it works,
 * then by a result or by a failure. A call can be given up; the worker looks between two steps
 * whether that has happened.
 */
import { cancelled, tell, type Told } from "../i18n/failure";
import { weight } from "../ui/page";

export interface Asked {
  id: number;
  /** What to do; without it, the call of this number is given up. */
  method?: string;
  given?: unknown;
}

export type Reply =
  | { ready: true }
  | { id: number; news: unknown }
  | { id: number; result: unknown }
  | { id: number; failure: Told };

/** A call, seen from the worker. */
export interface Call {
  /** Throws where the call was given up; lets waiting messages in. */
  turn(): Promise<void>;
  tell(news: unknown, transfer?: Transferable[]): void;
}

/** A result and what of it is handed over instead of copied. */
export class Handed {
  constructor(
    readonly result: unknown,
    readonly transfer: Transferable[],
  ) {}
}

export type Methods = Record<string, (given: never, call: Call) => Promise<unknown>>;

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
};

/** A pause of no length in which messages arrive; a timer would wait for milliseconds. */
const { port1, port2 } = new MessageChannel();
let waiting: (() => void)[] = [];
port1.onmessage = () => {
  const those = waiting;
  waiting = [];
  for (const go of those) go();
};
const pause = () =>
  new Promise<void>((go) => {
    waiting.push(go);
    port2.postMessage(0);
  });

/** Answers calls one after the other. */
export function serve(methods: Methods): void {
  const givenUp = new Set<number>();
  let running = 0;
  let last: Promise<void> = Promise.resolve();
  const answer = async ({ id, method, given }: Asked) => {
    const call: Call = {
      turn: async () => {
        await pause();
        if (givenUp.has(id)) throw cancelled();
      },
      tell: (news, transfer) => scope.postMessage({ id, news }, transfer),
    };
    if (givenUp.delete(id)) return;
    running = id;
    try {
      const result = await (method === "weigh" ? weight() : methods[method!](given as never, call));
      if (result instanceof Handed)
        scope.postMessage({ id, result: result.result }, result.transfer);
      else scope.postMessage({ id, result });
    } catch (error) {
      scope.postMessage({ id, failure: tell(error) });
    } finally {
      givenUp.delete(id);
      running = 0;
    }
  };
  scope.onmessage = ({ data }) => {
    if (data.method === undefined) {
      givenUp.add(data.id);
      // one that still waits in line is over at once
      if (data.id !== running) scope.postMessage({ id: data.id, failure: tell(cancelled()) });
    } else last = last.then(() => answer(data));
  };
  scope.postMessage({ ready: true });
}
