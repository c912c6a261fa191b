/** Opens a model for a benchmark, of whichever kind it is. */
import { NoModel } from "../runtime/answer";
import type { Build } from "../runtime/builds";
import { sameOrigin } from "../runtime/fetching";
import { isSlr } from "../runtime/slr";
import { isModule, LettersContender } from "./letters";
import { type Contender, OnnxContender } from "./model";
import { SlrContender } from "./ours";

export interface Options {
  /** Whether the runtime takes notes of its operators. */
  profiling?: boolean;
  /** A build of our own runtime; the best that this browser can run, if none is named. */
  build?: Build;
}

/** A safetensors file: the length of a JSON text, in 64 bits, and the text. */
function isWeights(file: Uint8Array): boolean {
  return file[8] === 0x7b && file.subarray(4, 8).every((byte) => byte === 0);
}

export async function openContender(
  name: string,
  file: Uint8Array,
  { profiling, build }: Options = {},
): Promise<Contender> {
  if (isSlr(file) || name.endsWith(".slr")) return SlrContender.open(name, file, build);
  if (isModule(file)) return LettersContender.open(name, file);
  if (isWeights(file)) {
    const { TfjsContender } = await import("./tfjs"); // half a megabyte that few need
    return TfjsContender.open(name, file);
  }
  return OnnxContender.open(name, file, profiling);
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
