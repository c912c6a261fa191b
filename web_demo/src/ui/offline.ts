/** Keeps the pages on the device (public/offline.js), so that they open without a network. */
import { SHELF } from "../runtime/fetching";

/** Puts all that a page has fetched on the shelf; for pages that take their files from elsewhere. */
export async function keepFetched(): Promise<void> {
  const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
  const ours = [location.href, ...fetched].filter(
    (url) => new URL(url).origin === location.origin && url.startsWith("http"),
  );
  const shelf = await caches.open(SHELF);
  for (const url of new Set(ours)) {
    const response = await fetch(url, { cache: "force-cache" });
    // what is not there, such as a default model, is not missed later
    if (response.ok) await shelf.put(url, response);
  }
}

const SECONDS = 60; // in which the pages must have been kept

/** Starts the script that keeps the pages; whether it has kept them. */
export async function keepPages(): Promise<boolean> {
  if (!navigator.serviceWorker || !("caches" in window)) return false;
  try {
    const { installing, waiting, active } = await navigator.serviceWorker.register("./offline.js");
    const script = installing ?? waiting ?? active!;
    return await new Promise<boolean>((done) => {
      const look = () => {
        if (script.state === "activated") done(true);
        if (script.state === "redundant") done(false);
      };
      script.addEventListener("statechange", look);
      setTimeout(() => done(false), 1000 * SECONDS);
      look();
    });
  } catch {
    return false;
  }
}

/** Asks the browser not to throw the kept files away when the device is full. */
export function askToStay(): void {
  void navigator.storage?.persist?.().catch(() => {});
}
