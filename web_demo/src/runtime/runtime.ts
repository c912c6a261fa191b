/**
 * One way to open a model for two runtimes: ours for `.slr` files, ONNX Runtime for `.onnx`. Ours
 * comes with the page (some kilobytes); the other one is fetched when somebody opens such a file.
 */
import { NoModel, type RuntimeModel } from "./answer";
import { bestBuild, moduleOf } from "./builds";
import { isSlr, SlrModel } from "./slr";

export { type Answer, NoModel, ranking, type RuntimeModel } from "./answer";

/** Opens a model from the bytes of its file; says in one sentence what is wrong with a bad one. */
export async function loadModel(name: string, file: Uint8Array): Promise<RuntimeModel> {
  if (isSlr(file) || name.endsWith(".slr")) return SlrModel.open(name, file);
  const other = await import("./model").catch(() => {
    throw new Error(
      `The runtime for ${name} could not be fetched: check the connection, or choose a model ` +
        "that ends in .slr, whose runtime is here.",
    );
  });
  return other.OnnxModel.open(name, file);
}

async function download(url: string): Promise<Uint8Array | undefined> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}

/** The first of some addresses where a model lies; NoModel where none does. */
export async function fetchModel(urls: string[]): Promise<RuntimeModel> {
  // our runtime comes at the same time as the model
  if (urls.some((url) => url.endsWith(".slr"))) moduleOf(bestBuild()).catch(() => {});
  for (const url of urls) {
    const file = await download(url);
    if (file) return loadModel(url.split("/").pop()!, file);
  }
  throw new NoModel(`${urls.join(" and ")} were not found: choose a model file.`);
}
