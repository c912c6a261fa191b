/** The answer: a sign in large letters, or that the page is not sure; the five nearest signs. */
import { percent, t } from "../i18n/i18n";
import type { Entry } from "./dictionary";
import { guessRow } from "./guess";
import { element } from "./page";

export interface Guess {
  gloss: string;
  p: number;
}

export interface Shown {
  guesses: Guess[];
  /** False where the best guess should not be believed. */
  known?: boolean;
  /** A sign that the visitor has taught. */
  own?: string;
}

let shown: Shown | undefined;
let entries: Record<string, Entry> = {};

export function useDictionary(found: Record<string, Entry>): void {
  entries = found;
}

/** What people call a sign: its word in the dictionary, or the gloss. */
export const wordOf = (gloss: string) => entries[gloss]?.word ?? gloss;

/** The image, the video and the link that the dictionary has for a sign. */
function showEntry(gloss: string | undefined): void {
  const place = element("example");
  const entry = gloss === undefined ? undefined : entries[gloss];
  const parts: HTMLElement[] = [];
  const alt = gloss ? t("example", { sign: wordOf(gloss) }) : "";
  if (entry?.video) {
    const video = document.createElement("video");
    Object.assign(video, { src: entry.video, controls: true, muted: true, playsInline: true });
    video.setAttribute("aria-label", alt);
    parts.push(video);
  } else if (entry?.image)
    parts.push(Object.assign(document.createElement("img"), { src: entry.image, alt }));
  if (entry?.link) {
    const link = document.createElement("a");
    Object.assign(link, { href: entry.link, rel: "noopener noreferrer", target: "_blank" });
    link.textContent = t("moreAbout");
    parts.push(link);
  }
  place.replaceChildren(...parts);
  place.hidden = !parts.length;
}

/** Draws the answer anew, such as after a change of language. */
export function redrawAnswer(): void {
  const { guesses, known, own } = shown ?? { guesses: [] };
  const unsure = known === false && own === undefined;
  const first = own ?? (guesses.length ? wordOf(guesses[0].gloss) : undefined);
  element("best").textContent = unsure ? t("notSure") : (first ?? "–");
  element("best-p").textContent =
    shown && !unsure && own === undefined ? percent(guesses[0].p) : "";
  const doubt = element("doubt");
  doubt.textContent = unsure ? t("notSureWhy") : own !== undefined ? t("ownSign") : "";
  doubt.hidden = !doubt.textContent;
  element("guesses").replaceChildren(...guesses.map(({ gloss, p }) => guessRow(wordOf(gloss), p)));
  element("result").classList.toggle("waiting", !shown);
  element("result").classList.toggle("unsure", unsure);
  element("seen").hidden = Boolean(shown);
  showEntry(shown && !unsure && own === undefined ? guesses[0].gloss : undefined);
}

export function showAnswer(answer: Shown): void {
  shown = answer;
  redrawAnswer();
}

/** Takes the answer away: it does not belong to what happens now. */
export function clearAnswer(): void {
  shown = undefined;
  redrawAnswer();
}
