/** Small things that every page needs: elements, numbers for people, and the page's own weight. */

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found as T;
}

export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The browser keeps 250 entries by default; MediaPipe and a long session need more.
performance.setResourceTimingBufferSize(2000);

/** Bytes that this page, or this worker, has fetched so far, by kind, uncompressed. */
export function weight(): Record<string, number> {
  const kinds: Record<string, number> = { page: 0, runtime: 0, mediapipe: 0, models: 0 };
  const entries = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ];
  for (const entry of entries as PerformanceResourceTiming[]) {
    const path = new URL(entry.name).pathname;
    if (entry.name.startsWith("blob:") || path.includes("/frames/")) continue;
    const kind = path.includes("/ort/") || /\/assets\/(ort|relaxed|simd|plain)[.-]/.test(path)
      ? "runtime"
      : path.includes("/holistic/")
        ? "mediapipe"
        : /\.(onnx|slr)$/.test(path)
          ? "models"
          : "page";
    kinds[kind] += entry.decodedBodySize;
  }
  return kinds;
}

/** Shows a message in a live region, so that a screen reader says it too. */
export function say(text: string, isError = false): void {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Shows how far the work is: in the label of the bar, because a live region would read out every
 * single frame.
 */
export function count(done: number, all: number, note = `Frame ${done} of ${all}`): void {
  element("working").hidden = false;
  element("count").textContent = note;
  element<HTMLProgressElement>("progress").value = done / all;
}

/** Lets the browser paint before the next piece of work. */
export const paint = () => new Promise<void>((done) => setTimeout(done, 0));
