// Keeps the pages on the device and answers from there when the line is gone or silent. The lists are filled in when the
// pages are built: KEEP is what every page needs, ALL are the names with a fingerprint of their content.
const KEEP = [];
const ALL = [];
const VERSION = "development";

const PAGES = `slr-tiny-pages-${VERSION}`;
const SHELF = "slr-tiny-data"; // models, networks, runtimes; filled by the page too
const PATIENCE = 2500; // milliseconds for an answer of the line, where an older one is here
const SILENT = 20_000; // milliseconds in which a line that was silent is not asked again
const KINDS = /^(assets|engine|models|ort|holistic|tfjs)\//;

let silentUntil = 0;
const base = new URL("./", self.location.href);

/** The file that an address means, as a path beside this script: no query, and a folder is its page. */
function nameOf(url) {
  const path = new URL(url).pathname;
  if (!path.startsWith(base.pathname)) return undefined;
  const name = path.slice(base.pathname.length);
  return name === "" || name.endsWith("/") ? `${name}index.html` : name;
}
const keyOf = (name) => new URL(name, base).href;
const hasFingerprint = (name) => name.startsWith("assets/");

async function keepPages() {
  const cache = await caches.open(PAGES);
  await Promise.all(
    KEEP.map(async (name) => {
      if (await cache.match(keyOf(name))) return;
      const old = hasFingerprint(name) ? await caches.match(keyOf(name)) : undefined;
      const response = old ?? (await fetch(keyOf(name), { cache: hasFingerprint(name) ? "force-cache" : "no-cache" }));
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      await cache.put(keyOf(name), await plain(response));
    }),
  );
}

/** A response that may answer a navigation: one that was redirected may not. */
async function plain(response) {
  if (!response.redirected) return response;
  return new Response(await response.blob(), { status: response.status, headers: response.headers });
}

/** Older versions of the pages, and files with a fingerprint that no page names any more. */
async function forget() {
  for (const name of await caches.keys())
    if (name.startsWith("slr-tiny") && name !== PAGES && name !== SHELF) await caches.delete(name);
  const shelf = await caches.open(SHELF);
  for (const { url } of await shelf.keys()) {
    const name = nameOf(url);
    if (name && hasFingerprint(name) && !ALL.includes(name)) await shelf.delete(url);
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepPages().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));

async function kept(name) {
  for (const place of [PAGES, SHELF]) {
    const found = await (await caches.open(place)).match(keyOf(name));
    if (found) return found;
  }
  return undefined;
}

async function store(name, response) {
  if (!response.ok || response.status === 206) return;
  if (!KINDS.test(name) && !KEEP.includes(name)) return;
  const cache = await caches.open(KEEP.includes(name) ? PAGES : SHELF);
  await cache.put(keyOf(name), response);
}

/** Asks the line, but only for what has changed since. */
async function ask(event, name, old) {
  const headers = {};
  const tag = old?.headers.get("etag");
  const date = old?.headers.get("last-modified");
  if (tag) headers["If-None-Match"] = tag;
  else if (date) headers["If-Modified-Since"] = date;
  const request = event.request.mode === "navigate" || old ? new Request(event.request.url, { headers }) : event.request;
  const response = await plain(await fetch(request));
  silentUntil = 0;
  if (old && (response.status === 304 || response.status >= 500)) return old;
  if (response.status === 404 || response.status === 410) await (await caches.open(SHELF)).delete(keyOf(name));
  else event.waitUntil(store(name, response.clone()).catch(() => {}));
  return response;
}

async function answer(event, name) {
  const old = await kept(name);
  if (old && hasFingerprint(name)) return old;
  if (!old) return ask(event, name);
  if (Date.now() < silentUntil) return old;
  const asked = ask(event, name, old).catch(() => old);
  const late = new Promise((done) => setTimeout(() => done(undefined), PATIENCE));
  event.waitUntil(asked.then(() => {}));
  const first = await Promise.race([asked, late]);
  if (first) return first;
  silentUntil = Date.now() + SILENT;
  return old;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.headers.has("range")) return;
  if (new URL(request.url).origin !== base.origin) return;
  const name = nameOf(request.url);
  if (!name || name === "offline.js") return;
  if (request.mode !== "navigate" && !KINDS.test(name) && !KEEP.includes(name)) return;
  event.respondWith(answer(event, name));
});
