/** All that a worker needs for sentences: one part of the program, fetched when it is wanted. */
import { Failure } from "../i18n/failure";
import { imported } from "./fetching";
import { isSlr } from "./slr";
import { SlrStream } from "./slr_stream";
import type { FileStream } from "./stream";

export { SentenceReader } from "./sentences";

/** Opens a network for sentences; ONNX Runtime is fetched for a file of its own only. */
export async function openStream(
  name: string,
  file: Uint8Array,
  onBytes?: () => void,
): Promise<FileStream> {
  if (!file.length) throw new Failure("emptyModel", { name });
  if (isSlr(file) || name.endsWith(".slr")) return SlrStream.open(name, file);
  const other = await imported(import("./onnx_stream"), "ONNX Runtime").catch(() => {
    throw new Failure("runtimeLost", { name });
  });
  return other.OnnxStream.open(name, file, onBytes);
}
