/**
 * Opens a model that takes frames, for a benchmark: what a person may choose, and what a worker tries
 * before.
 */
import type { Build } from "../runtime/builds";
import { OnnxStream } from "../runtime/onnx_stream";
import { isSlr, isStream } from "../runtime/slr";
import { SlrStream } from "../runtime/slr_stream";
import { type Contender, isOnnxStream, OnnxContender } from "./model";
import { SlrContender } from "./ours";
import { StreamContender } from "./stream";

export interface Options {
  /** Whether the runtime takes notes of its operators. */
  profiling?: boolean;
  /** A build of our own runtime; the best that this browser can run, if none is named. */
  build?: Build;
}

export async function openFile(
  name: string,
  file: Uint8Array,
  { profiling, build }: Options = {},
): Promise<Contender> {
  if (isStream(file)) return StreamContender.open(SlrStream.open(name, file, build));
  if (isSlr(file) || name.endsWith(".slr")) return SlrContender.open(name, file, build);
  if (isOnnxStream(file)) return StreamContender.open(OnnxStream.open(name, file));
  return OnnxContender.open(name, file, profiling);
}
