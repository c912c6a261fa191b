/**
 * What a dictionary adds to a gloss: a word, an image or a video, and a link, from a JSON file
 * beside the model: `{"HELLO": {"word": "hello", "video": "hello.mp4", "link": "https://…"}}`.
 */
import { findBytes, sameOrigin } from "../runtime/fetching";

export interface Entry {
  word?: string;
  image?: string;
  video?: string;
  link?: string;
}

const text = (value: unknown) => (typeof value === "string" && value.trim() ? value : undefined);

/** An address beside the dictionary; undefined for one of elsewhere, which the page never fetches. */
function beside(folder: URL, value: unknown): string | undefined {
  const address = text(value);
  if (!address) return undefined;
  try {
    return sameOrigin(new URL(address, folder).href).href;
  } catch {
    return undefined;
  }
}

/** A link that a visitor may follow: a page of the web, and no script. */
function link(value: unknown): string | undefined {
  try {
    const url = new URL(text(value) ?? "", document.baseURI);
    return text(value) && /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** The entries that can be read; what is written otherwise is left out. */
export function readDictionary(file: Uint8Array, address: URL): Record<string, Entry> {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(file));
  } catch {
    return {};
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
  const entries: Record<string, Entry> = {};
  for (const [gloss, entry] of Object.entries(found)) {
    if (typeof entry !== "object" || entry === null) continue;
    const { word, image, video, link: more } = entry as Record<string, unknown>;
    entries[gloss] = {
      word: text(word),
      image: beside(address, image),
      video: beside(address, video),
      link: link(more),
    };
  }
  return entries;
}

/** The dictionary beside a model; empty where there is none. */
export async function fetchDictionary(model: string): Promise<Record<string, Entry>> {
  const address = new URL("dictionary.json", sameOrigin(model));
  const file = await findBytes(address.href).catch(() => undefined);
  return file ? readDictionary(file, address) : {};
}
