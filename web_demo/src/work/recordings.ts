/** Recordings of signs as one file: a ZIP with a folder for each sign, as `read_pose` reads it. */
import { utf8 } from "./bytes";
import { poseFile, type Recorded } from "./pose_file";
import { zip } from "./zip";

/** What no folder may hold on some system: separators, marks of Windows, control characters. */
const UNSAFE = /[<>:"/\\|?*\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Names that are devices on Windows, whatever follows after a dot. */
const DEVICE = /^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)/i;
const MOST_BYTES = 100; // of a name in UTF-8; systems allow 255, and some 260 of a whole path

/** Dots and spaces at an end are lost on Windows, and a dot at the beginning hides a folder. */
const trimmed = (name: string) => name.replace(/^[.\s]+|[.\s]+$/gu, "");

/** The first characters of a name, none of them cut. */
function cut(name: string): string {
  let bytes = 0;
  return Array.from(name)
    .filter((character) => (bytes += utf8(character).length) <= MOST_BYTES)
    .join("");
}

/** A folder's name that every system takes, as near to the sign's name as possible. */
export function folderName(sign: string): string {
  const name = trimmed(cut(trimmed(sign.replace(UNSAFE, "_")))) || "sign";
  return DEVICE.test(name) ? `_${name}` : name;
}

/** Two names that are one folder where upper and lower case are not told apart. */
const sameOnDisk = (name: string) => name.normalize("NFC").toUpperCase().toLowerCase();

/** A folder for each sign, none twice; signs whose names are safe keep them. */
export function folderNames(signs: string[]): Map<string, string> {
  const taken = new Set<string>();
  const chosen = new Map<string, string>();
  const isSafe = (sign: string) => folderName(sign) === sign;
  for (const sign of [...signs.filter(isSafe), ...signs.filter((sign) => !isSafe(sign))]) {
    const name = folderName(sign);
    let free = name;
    for (let n = 2; taken.has(sameOnDisk(free)); n++) free = `${name}_${n}`;
    taken.add(sameOnDisk(free));
    chosen.set(sign, free);
  }
  return chosen;
}

/** The recordings of all signs as a ZIP: `<sign>/<number>.pose`. */
export function zipRecordings(signs: [string, Recorded[]][]): Uint8Array<ArrayBuffer> {
  const folders = folderNames(signs.map(([sign]) => sign));
  return zip(
    signs.flatMap(([sign, recordings]) =>
      recordings.map((recorded, k) => ({
        path: `${folders.get(sign)}/${k + 1}.pose`,
        bytes: poseFile(recorded),
      })),
    ),
  );
}
