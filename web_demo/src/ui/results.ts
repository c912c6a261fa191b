/** The answers to several videos: a table, and the same as a file (CSV). */
import type { Failure } from "../i18n/failure";
import { decimal, percent, t } from "../i18n/i18n";
import { type Guess, wordOf } from "./answer";
import { element } from "./page";

export interface Row {
  file: string;
  guesses: Guess[];
  known?: boolean;
  own?: string;
  frames: number;
  /** Spent on each stage; `total` is what a visitor waits. */
  seconds: { decoding: number; landmarks: number; model: number; total: number };
  /** Why there is no answer. */
  failure?: Failure;
}

const rows: Row[] = [];

const signOf = (row: Row) =>
  row.own ?? (row.known === false ? t("notSure") : wordOf(row.guesses[0].gloss));

export function redrawRows(): void {
  element("results").hidden = !rows.length;
  element("rows").replaceChildren(
    ...rows.map((row) => {
      const made = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row" });
      head.textContent = row.file;
      made.append(head);
      if (row.failure) {
        const cell = made.insertCell();
        cell.colSpan = 3;
        cell.textContent = t(row.failure.key, row.failure.values);
      } else {
        const cells = [signOf(row), percent(row.guesses[0].p), decimal(row.seconds.total)];
        for (const text of cells) made.insertCell().textContent = text;
      }
      made.classList.toggle("error", Boolean(row.failure));
      return made;
    }),
  );
}

export function addRow(row: Row): void {
  rows.push(row);
  redrawRows();
}

export function clearRows(): void {
  rows.length = 0;
  redrawRows();
}

const GUESSES = 5;
const STAGES = ["decoding", "landmarks", "model", "total"] as const;

/** A cell: quoted, and never a formula of a spreadsheet. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** The table as text: a row for each video, five signs with their probabilities, seconds. */
export function rowsAsText(list: Row[] = rows): string {
  const numbers = Array.from({ length: GUESSES }, (_, k) => k + 1);
  const head = [
    "file",
    "sign",
    "sure",
    ...numbers.flatMap((n) => [`top${n}`, `p${n}`]),
    "frames",
    ...STAGES.map((stage) => `seconds_${stage}`),
    "error",
  ];
  const lines = list.map((row) => [
    row.file,
    row.failure ? "" : (row.own ?? row.guesses[0].gloss),
    row.failure ? "" : row.own !== undefined || row.known !== false ? "yes" : "no",
    ...numbers.flatMap((n) => {
      const guess = row.guesses[n - 1];
      return guess ? [guess.gloss, Number(guess.p.toFixed(6))] : ["", ""];
    }),
    row.frames,
    ...STAGES.map((stage) => Number(row.seconds[stage].toFixed(4))),
    row.failure?.message ?? "",
  ]);
  return [head, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}
