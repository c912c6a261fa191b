/**
 * Puts all that the page has fetched on a shelf from which public/offline.js answers when there is
 * no network.
 */
export async function keepFetched(): Promise<void> {
  const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
  const ours = [location.href, ...fetched].filter(
    (url) => new URL(url).origin === location.origin && url.startsWith("http"),
  );
  const shelf = await caches.open("slr-tiny");
  for (const url of new Set(ours)) {
    const response = await fetch(url, { cache: "force-cache" });
    // what is not there, such as a default model, is not missed later
    if (response.ok) await shelf.put(url, response);
  }
}
