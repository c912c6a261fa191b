/** The line that says what happens, the bar, and the buttons that belong to them. */
import { type Key } from "../i18n/en";
import { Failure, type Values } from "../i18n/failure";
import { t } from "../i18n/i18n";
import { element } from "./page";

interface Part {
  key: Key;
  values?: Values;
}

let parts: Part[] = [];
let wrong = false;

function show(): void {
  const status = element("status");
  const text = parts.map(({ key, values }) => t(key, values)).join(" ");
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("error", wrong);
}

/** Says one or more sentences, in the page's language, also when that changes. */
export function tellStatus(...said: Part[]): void {
  parts = said;
  wrong = false;
  show();
}

export function tellFailure({ key, values }: Failure): void {
  parts = [{ key, values }];
  wrong = true;
  show();
}

export const retellStatus = show;

/** How far the work is; in the label of the bar, for a live region would read out every frame. */
export function tellProgress(key: Key, values: Values, share?: number): void {
  element("working").hidden = false;
  element("count").textContent = t(key, values);
  const bar = element<HTMLProgressElement>("progress");
  if (share === undefined) bar.removeAttribute("value");
  else bar.value = share;
}

export function hideProgress(): void {
  element("working").hidden = true;
}
