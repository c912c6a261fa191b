/** What the page weighs, and whether it needs the network. */
import type { Key } from "../../i18n/en";
import { t } from "../../i18n/i18n";
import { keepPages } from "../../ui/offline";
import { element, megabytes, weight } from "../../ui/page";
import { warm, weighLooking } from "../../work/looking";
import { choice, recogniser, state } from "./state";

export async function showWeight(): Promise<void> {
  const kinds = weight();
  const asked = [recogniser.weigh(), weighLooking(), state.network?.weigh() ?? Promise.resolve({})];
  const others = asked.map((asked) =>
    asked.catch((): Record<string, number> => ({})),
  );
  for (const other of await Promise.all(others))
    for (const [kind, bytes] of Object.entries(other)) kinds[kind] += bytes;
  const total = Object.values(kinds).reduce((a, b) => a + b, 0);
  const names: Record<string, Key> = {
    page: "weightPage",
    runtime: "weightRuntime",
    mediapipe: "weightMediapipe",
    models: "weightModels",
  };
  const rows = Object.entries(kinds)
    .filter(([, bytes]) => bytes)
    .map(([kind, bytes]) => `${t(names[kind])} ${megabytes(bytes)}`);
  element("weight").textContent = t("weight", { all: megabytes(total), kinds: rows.join(", ") });
}

let offline: Key = "offlineNot";
export const tellOffline = (key: Key = offline) => {
  offline = key;
  element("offline").textContent = t(key);
};

/** Whether a visitor asked the browser to save data: then nothing comes before it is needed. */
const savesData = () =>
  Boolean((navigator as { connection?: { saveData?: boolean } }).connection?.saveData);

/** Gets ready for the first clip, and keeps the pages; all that while nobody waits for it. */
export async function getReady(onBytes: (done: number) => void): Promise<void> {
  const pages = import.meta.env.PROD ? keepPages() : Promise.resolve(false);
  tellOffline("offlineKeeping");
  const points = savesData()
    ? Promise.resolve(false)
    : warm(choice(), onBytes).then(
        () => true,
        () => false, // it is said with the first clip
      );
  const kept = await pages;
  if (!kept) return tellOffline("offlineCannot");
  tellOffline((await points) ? "offlineKept" : "offlineNot");
  void showWeight();
}
