/** What a page that predicts once says of the visit: times, files, bytes. */
import { keepFetched } from "./offline";
import { element, megabytes, say } from "./page";

export interface Visit {
  /**
   * Milliseconds: until the model was here, for the session, for the first and the second
   * prediction; `total` counts from the navigation to the first answer.
   */
  milliseconds: { model: number; session: number; first: number; second: number; total: number };
  /** Every file that was fetched, with its bytes on the line (0: from the cache) and unpacked. */
  files: { name: string; wire: number; bytes: number }[];
  runtime: string;
}

export async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

export function files(): Visit["files"] {
  const entries = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ] as PerformanceResourceTiming[];
  return entries.map((entry) => ({
    name: new URL(entry.name).pathname,
    wire: entry.transferSize,
    bytes: entry.decodedBodySize,
  }));
}

export function show({ milliseconds, files }: Visit): void {
  const wire = files.reduce((sum, file) => sum + file.wire, 0);
  const unpacked = files.reduce((sum, file) => sum + file.bytes, 0);
  say(
    `The first answer came ${(milliseconds.total / 1000).toFixed(2)} s after the address was ` +
      "entered.",
  );
  element("weight").textContent =
    `This page fetched ${wire ? megabytes(wire) : "nothing"} over the line, ` +
    `${megabytes(unpacked)} unpacked.`;
  const rows: [string, number][] = [
    ["until the model was here", milliseconds.model],
    ["runtime and session", milliseconds.session],
    ["first prediction", milliseconds.first],
    ["second prediction", milliseconds.second],
  ];
  element("times").replaceChildren(
    ...rows.map(([label, value]) =>
      Object.assign(document.createElement("li"), {
        textContent: `${label}: ${value.toFixed(1)} ms`,
      }),
    ),
  );
}

/** So that the page opens the next time without a network. */
export async function keep(): Promise<boolean> {
  await navigator.serviceWorker.register("./offline.js");
  await navigator.serviceWorker.ready;
  await keepFetched();
  return true;
}
