/** What was signed: glosses with times, as subtitles on the image, as a table, and as files. */
import { percent, spoken, t } from "../i18n/i18n";
import type { Segment } from "../runtime/sentences";
import { wordOf } from "./answer";
import { download } from "./download";
import { element } from "./page";
import { toElanCsv, toWebVtt } from "./subtitles";

const ON_IMAGE = 4; // glosses, the last ones
const SAY_EVERY = 3000; // milliseconds between two sentences of a screen reader

let segments: Segment[] = [];
let source = "";
let unsaid: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Minutes and seconds of a recording, as people of this language write them. */
export function moment(seconds: number): string {
  const tenths = Math.round(10 * seconds);
  const rest = new Intl.NumberFormat(spoken(), {
    minimumIntegerDigits: 2,
    minimumFractionDigits: 1,
  }).format((tenths % 600) / 10);
  return `${Math.floor(tenths / 600)}:${rest}`;
}

export const countSegments = () => segments.length;

function appendRow({ gloss, start, end, confidence }: Segment): void {
  const row = element<HTMLTableSectionElement>("segments").insertRow();
  const head = Object.assign(document.createElement("th"), { scope: "row" });
  head.textContent = wordOf(gloss);
  row.append(head);
  for (const text of [moment(start), moment(end), percent(confidence)])
    row.insertCell().textContent = text;
}

/** Shows the end of a list that grows, unless somebody has scrolled to something earlier. */
function growing(grow: () => void): void {
  const place = element("segments-scroll");
  const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 4;
  grow();
  if (atEnd) place.scrollTop = place.scrollHeight;
}

function showCaption(): void {
  const caption = element("caption");
  caption.textContent = segments
    .slice(-ON_IMAGE)
    .map(({ gloss }) => wordOf(gloss))
    .join(" ");
  caption.hidden = !caption.textContent;
  element("sentence-tools").hidden = !segments.length;
  element("sentences").classList.toggle("waiting", !segments.length);
}

/** Tells a screen reader what is new: at once, and then in pauses, so that it can finish. */
function sayNews(): void {
  if (timer || !unsaid.length) return;
  element("sentence-news").textContent = unsaid.join(", ");
  unsaid = [];
  timer = setTimeout(() => {
    timer = undefined;
    sayNews();
  }, SAY_EVERY);
}

export function addSegments(told: Segment[]): void {
  if (!told.length) return;
  segments.push(...told);
  unsaid.push(...told.map(({ gloss }) => wordOf(gloss)));
  growing(() => told.forEach(appendRow));
  showCaption();
  sayNews();
}

/** Draws all anew, such as after a change of language. */
export function redrawSegments(): void {
  element("segments").replaceChildren();
  growing(() => segments.forEach(appendRow));
  showCaption();
}

/** Begins with a new recording, whose name its files will have. */
export function clearSegments(name: string): void {
  segments = [];
  unsaid = [];
  source = name.replace(/\.\w+$/, "") || "glosses";
  element("sentence-news").textContent = "";
  redrawSegments();
}

/** Takes the subtitles from the image, which shows something else now. */
export function hideCaption(): void {
  element("caption").hidden = true;
}

export const saveWebVtt = () => download(`${source}.vtt`, toWebVtt(segments), "text/vtt");
export const saveElanCsv = () =>
  download(`${source}.csv`, toElanCsv(segments), "text/csv;charset=utf-8");

/** The words of the page that differ between its two modes. */
const WORDS: Record<string, [sign: Parameters<typeof t>[0], sentences: Parameters<typeof t>[0]]> = {
  title: ["title", "titleSentences"],
  tagline: ["tagline", "taglineSentences"],
  "video-words": ["chooseVideos", "chooseVideo"],
  "drop-hint": ["dropHere", "dropOneHere"],
  "close-camera": ["cameraOff", "stopCamera"],
};

/** Shows the parts of the page that belong to one of its modes. */
export function showMode(sentences: boolean): void {
  for (const [id, keys] of Object.entries(WORDS)) {
    const place = element(id);
    place.dataset.t = keys[Number(sentences)];
    place.textContent = t(keys[Number(sentences)]);
  }
  for (const part of document.querySelectorAll<HTMLElement>("[data-mode]"))
    part.hidden = (part.dataset.mode === "sentences") !== sentences;
  const chosen = document.querySelector<HTMLInputElement>(
    `input[name="mode"][value="${sentences ? "sentences" : "sign"}"]`,
  );
  chosen!.checked = true;
  hideCaption();
}
