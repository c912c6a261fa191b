/**
 * ONNX Runtime's two files, fetched by us: a lost line is seen, and the files are kept on the device
 * for the next time.
 */
import type { Env } from "onnxruntime-web/wasm";
import { Failure } from "../i18n/failure";
import { hasSimd } from "./builds";
import { fetchBytes, imported, siteBase } from "./fetching";

/** Makes the runtime ready; `kind` is empty, or `.asyncify` for the one that knows WebGPU. */
export async function prepareRuntime(
  { env }: { env: Env },
  kind = "",
  onBytes?: (done: number, all: number) => void,
): Promise<void> {
  if (!hasSimd()) throw new Failure("noSimd");
  const name = `./ort/ort-wasm-simd-threaded${kind}`;
  env.wasm.wasmPaths = new URL("./ort/", siteBase()).href;
  if (env.wasm.wasmBinary) return;
  const loader = new URL(`${name}.mjs`, siteBase()).href;
  // the runtime imports the same address, and then finds it here
  const [, program] = await Promise.all([
    imported(import(/* @vite-ignore */ loader), "ONNX Runtime"),
    fetchBytes(`${name}.wasm`, { onBytes }),
  ]);
  env.wasm.wasmBinary = program;
}
