/**
 * Files from beside the page. A line that falls silent is given up after some seconds; what was
 * fetched is kept on the device, so that it is fetched once (see public/offline.js).
 */
import { Failure, cancelled } from "../i18n/failure";

/** Seconds without a single byte after which a line counts as lost. */
export const SILENCE = 7;
/** The shelf of what is not part of the pages themselves: models, networks, runtimes. */
export const SHELF = "slr-tiny-data";

/** The folder of the pages; a worker is told it as its name. */
export const siteBase = (): string =>
  typeof document === "undefined" ? self.name : document.baseURI;

/** An address beside the page; a Failure for one of another origin. */
export function sameOrigin(address: string): URL {
  let url: URL;
  try {
    url = new URL(address, siteBase());
  } catch {
    throw new Failure("badAddress", { address: address.slice(0, 80) });
  }
  if (url.origin !== new URL(siteBase()).origin)
    throw new Failure("otherOrigin", { address: url.origin });
  return url;
}

export interface Fetching {
  signal?: AbortSignal;
  /** How many bytes have come, and how many there are (0: unknown). */
  onBytes?(done: number, all: number): void;
}

/** Rejects after some seconds unless it is told to wait on. */
function watch(what: string) {
  const controller = new AbortController();
  let timer = 0 as unknown as ReturnType<typeof setTimeout>;
  let silent = false;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silent = true;
      controller.abort();
    }, 1000 * SILENCE);
  };
  heard();
  const failure = (signal?: AbortSignal) =>
    signal?.aborted && !silent ? cancelled() : new Failure("fileLost", { what });
  return { controller, heard, failure, stop: () => clearTimeout(timer) };
}

async function read(response: Response, heard: () => void, onBytes?: Fetching["onBytes"]) {
  const all = Number(response.headers.get("content-length") ?? 0);
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const reader = response.body.getReader(); ;) {
    const { value, done: over } = await reader.read();
    if (over) break;
    heard();
    parts.push(value);
    done += value.length;
    onBytes?.(done, all);
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Puts a file on the shelf, unless the same one lies there. */
async function keep(url: string, bytes: Uint8Array, headers: Headers): Promise<void> {
  try {
    const shelf = await caches.open(SHELF);
    const there = await shelf.match(url);
    const same = (name: string) => there?.headers.get(name) === headers.get(name);
    if (there && (headers.get("etag") ? same("etag") : same("last-modified"))) return;
    const kept = new Headers(headers);
    for (const name of ["content-encoding", "content-length"]) kept.delete(name);
    kept.set("x-kept", String(Date.now()));
    await shelf.put(url, new Response(bytes as BlobPart, { headers: kept }));
  } catch {
    // a full disk, or a browser that keeps nothing: the page works, but not without a network
  }
}

const SESSION = 600_000; // milliseconds in which two workers share a file without asking again

/** What another worker has just fetched: runtimes and networks do not change while a page is open. */
async function justKept(url: string): Promise<Uint8Array | undefined> {
  if (!/\/(ort|engine)\//.test(url)) return undefined;
  try {
    const there = await (await caches.open(SHELF)).match(url);
    const age = Date.now() - Number(there?.headers.get("x-kept") ?? 0);
    return there && age < SESSION ? new Uint8Array(await there.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of a file beside the page; undefined where there is no such file. */
export async function findBytes(
  address: string,
  { signal, onBytes }: Fetching = {},
): Promise<Uint8Array | undefined> {
  const url = sameOrigin(address).href;
  const what = new URL(url).pathname.split("/").pop() || url;
  const { controller, heard, failure, stop } = watch(what);
  const end = () => controller.abort();
  signal?.addEventListener("abort", end, { once: true });
  try {
    if (signal?.aborted) throw cancelled();
    const there = await justKept(url);
    if (there) return there;
    const response = await fetch(url, { signal: controller.signal });
    heard();
    if (response.status === 404 || response.status === 410) return undefined;
    if (!response.ok) throw new Failure("fileRefused", { what, status: response.status });
    // some hosts answer every address with their own page
    const kind = response.headers.get("content-type") ?? "";
    if (kind.startsWith("text/html") && !/\.html?$/.test(what)) return undefined;
    const bytes = await read(response, heard, onBytes);
    void keep(url, bytes, response.headers);
    return bytes;
  } catch (error) {
    throw error instanceof Failure ? error : failure(signal);
  } finally {
    stop();
    signal?.removeEventListener("abort", end);
  }
}

/** The same; a Failure where there is no such file. */
export async function fetchBytes(address: string, fetching?: Fetching): Promise<Uint8Array> {
  const bytes = await findBytes(address, fetching);
  if (!bytes) throw new Failure("fileMissing", { what: address.split("/").pop()! });
  return bytes;
}

/** Waits for a part of the page's own program, but not for ever. */
export async function imported<T>(part: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Failure("fileLost", { what })), 1000 * SILENCE);
  });
  try {
    return await Promise.race([part, late]);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("fileLost", { what });
  } finally {
    clearTimeout(timer!);
  }
}
