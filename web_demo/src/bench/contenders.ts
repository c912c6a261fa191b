/** Opens a model for a benchmark, of whichever kind it is. */
import { NoModel } from "../runtime/answer";
import { sameOrigin } from "../runtime/fetching";
import { isModule, LettersContender } from "./letters";
import type { Contender } from "./model";
import { openFile, type Options } from "./opening";

export type { Options } from "./opening";

/** A safetensors file: the length of a JSON text, in 64 bits, and the text. */
function isWeights(file: Uint8Array): boolean {
  return file[8] === 0x7b && file.subarray(4, 8).every((byte) => byte === 0);
}

export async function openContender(
  name: string,
  file: Uint8Array,
  options?: Options,
): Promise<Contender> {
  if (isModule(file)) return LettersContender.open(name, file);
  if (!isWeights(file)) return openFile(name, file, options);
  const { TfjsContender } = await import("./tfjs"); // half a megabyte that few need
  return TfjsContender.open(name, file);
}

export async function fetchContender(
  name: string,
  url: string,
  options?: Options,
): Promise<Contender> {
  const response = await fetch(sameOrigin(url)).catch(() => undefined);
  if (!response?.ok)
    throw new NoModel(
      `${url} was not found (${response?.status ?? "no answer"}): choose a model file.`,
    );
  return openContender(name, new Uint8Array(await response.arrayBuffer()), options);
}

/** The name of a contender: that of its file, without the ending. */
export function stem(path: string): string {
  return path
    .split("/")
    .pop()!
    .replace(/\.(onnx|slr|safetensors|wasm)$/, "");
}
