/**
 * One way to open a model for two runtimes: ours for `.slr` files, ONNX Runtime for `.onnx`. Ours
 * comes with the page (some kilobytes); the other one is fetched when somebody opens such a file.
 */
import { Failure } from "../i18n/failure";
import type { RuntimeModel } from "./answer";
import { imported } from "./fetching";
import { isSlr, SlrModel } from "./slr";

export { type Answer, ranking, type RuntimeModel } from "./answer";

/** Opens a model from the bytes of its file; says in one sentence what is wrong with a bad one. */
export async function loadModel(
  name: string,
  file: Uint8Array,
  onBytes?: () => void,
): Promise<RuntimeModel> {
  if (!file.length) throw new Failure("emptyModel", { name });
  if (isSlr(file) || name.endsWith(".slr")) return SlrModel.open(name, file);
  const other = await imported(import("./model"), "ONNX Runtime").catch(() => {
    throw new Failure("runtimeLost", { name });
  });
  return other.OnnxModel.open(name, file, onBytes);
}
