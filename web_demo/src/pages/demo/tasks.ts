/** One piece of work at a time: what was going on is given up for it, and errors are told. */
import type { Key } from "../../i18n/en";
import { explain, type Failure, isCancelled } from "../../i18n/failure";
import { clearAnswer } from "../../ui/answer";
import { element } from "../../ui/page";
import { hideProgress, tellFailure, tellStatus } from "../../ui/status";
import { recogniser, state } from "./state";

let current: AbortController | undefined;
let again: (() => void) | undefined;

/** What another try may mend. */
const PASSING: Key[] = [
  "lineLost",
  "fileLost",
  "fileRefused",
  "fileMissing",
  "programLost",
  "runtimeLost",
  "brokenOff",
  "silent",
  "unexpected",
];

/** Whether a piece of work goes on; whether it is the one that a signal belongs to. */
export const isWorking = () => Boolean(current);
export const isCurrent = (signal: AbortSignal) => current?.signal === signal;
export const cancelWork = () => current?.abort();
export const tryAgain = () => again?.();

export function showBusy(): void {
  element("cancel").hidden = !current || Boolean(state.camera);
  element("retry").hidden = !again;
  element("start").classList.toggle("busy", Boolean(current) && !state.camera);
}

/**
 * Does something that takes its time. What was going on is given up, an old answer is taken away,
 * and an error becomes a sentence, with a button where another try may help.
 */
export async function work(doing: (signal: AbortSignal) => Promise<void>): Promise<void> {
  current?.abort();
  const mine = new AbortController();
  current = mine;
  again = undefined;
  clearAnswer();
  tellStatus({ key: "oneMoment" });
  showBusy();
  try {
    await doing(mine.signal);
  } catch (error) {
    if (current === mine) failed(explain(error), doing);
  }
  if (current !== mine) return;
  current = undefined;
  hideProgress();
  showBusy();
}

function failed(failure: Failure, doing: (signal: AbortSignal) => Promise<void>): void {
  clearAnswer();
  if (isCancelled(failure)) {
    // without a model there is nothing else to do
    if (!recogniser.about) again = () => void work(doing);
    return tellStatus({ key: "cancelled" });
  }
  tellFailure(failure);
  if (PASSING.includes(failure.key)) again = () => void work(doing);
}
