/** The page's languages: sentences by key, in English at once and in Spanish when it is chosen. */
import { en, type Key } from "./en";
import { fill, type Values } from "./failure";

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Sentences = Record<Key, string>;

let sentences: Sentences = en;
let language: Language = "en";
const STORED = "slr-tiny-language";

/** A remembered choice of the visitor; undefined where the browser keeps nothing. */
export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing asks again the next time
  }
}

/** The language that was chosen before, or the first of the browser's that the page speaks. */
export function preferred(): Language {
  const wishes = [remembered(STORED), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LANGUAGES.find((known) => known === wishes.find((w) => LANGUAGES.includes(w as Language)))
    ?? "en";
}

export const spoken = () => language;

/** A sentence in the page's language. */
export const t = (key: Key, values?: Values) => fill(sentences[key], values);

/** Numbers and shares as people of this language write them. */
export const percent = (share: number, digits = 0) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
export const decimal = (value: number, digits = 1) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);

/** Puts the sentences into all elements that name one: as text, as a label, or as a hint. */
export function translatePage(): void {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll<HTMLElement>("[data-t]"))
    place.textContent = t(place.dataset.t as Key);
  for (const place of document.querySelectorAll<HTMLElement>("[data-t-label]"))
    place.setAttribute("aria-label", t(place.dataset.tLabel as Key));
  for (const place of document.querySelectorAll<HTMLInputElement>("[data-t-hint]"))
    place.placeholder = t(place.dataset.tHint as Key);
}

/** Changes the language; the Spanish sentences are fetched when they are wanted. */
export async function speak(wanted: Language): Promise<void> {
  sentences = wanted === "es" ? (await import("./es")).es : en;
  language = wanted;
  translatePage();
}

export function rememberLanguage(): void {
  remember(STORED, language);
}
