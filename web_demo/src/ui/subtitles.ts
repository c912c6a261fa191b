/**
 * Glosses with times as files: WebVTT for players, and a list that ELAN imports. The same bytes as
 * `write_webvtt` and `write_elan_csv` in slr_tiny/training/decoding.py.
 */
import type { Segment } from "../runtime/sentences";

const milliseconds = (seconds: number) => Math.floor(seconds * 1000 + 0.5);
const digits = (value: number, count: number) => String(value).padStart(count, "0");

/** Hours, minutes, seconds and milliseconds, as WebVTT wants them. */
export function clock(seconds: number): string {
  const all = milliseconds(seconds);
  const minutes = Math.floor(all / 60_000);
  const rest = all % 60_000;
  const day = `${digits(Math.floor(minutes / 60), 2)}:${digits(minutes % 60, 2)}`;
  return `${day}:${digits(Math.floor(rest / 1000), 2)}.${digits(rest % 1000, 3)}`;
}

/** A gloss on one line, without what would be read as a mark. */
function cueText(gloss: string): string {
  const escaped = gloss.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped.replace(/[\r\n]+/g, " ");
}

export function toWebVtt(segments: Segment[]): string {
  const cues = segments.map(
    ({ gloss, start, end }) => `${clock(start)} --> ${clock(end)}\n${cueText(gloss)}`,
  );
  return ["WEBVTT", ...cues].join("\n\n") + "\n";
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

export function toElanCsv(segments: Segment[], tier = "gloss"): string {
  const head = ["tier", "begin ms", "end ms", "annotation"].map(quoted);
  const rows = segments.map(({ gloss, start, end }) => [
    quoted(tier),
    milliseconds(start),
    milliseconds(end),
    quoted(gloss),
  ]);
  return [head, ...rows].map((row) => row.join(",") + "\r\n").join("");
}
