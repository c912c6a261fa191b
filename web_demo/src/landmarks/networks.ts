/**
 * MediaPipe's networks, converted to ONNX by slr_tiny/pose/tflite2onnx.py, in onnxruntime-web: on
 * the graphics card where there is one, else in WebAssembly.
 */
import type * as Ort from "onnxruntime-web/wasm";
import spec from "../../../data/keypoints.json";
import { fetchBytes, imported } from "../runtime/fetching";
import { prepareRuntime } from "../runtime/ort";

export type Name = keyof typeof spec.networks;
export type Backend = "wasm" | "webgpu";
type Onward = (done: number, all: number) => void;

/**
 * The graphics card is used where the browser offers one; a fallback adapter is the processor in
 * disguise.
 */
export async function bestBackend(): Promise<Backend> {
  const gpu = (
    navigator as {
      gpu?: { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null> };
    }
  ).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter && !adapter.info?.isFallbackAdapter ? "webgpu" : "wasm";
}

/**
 * Threads need a page that is isolated from other origins. More than four do not help networks of
 * this size.
 */
const threads = () => (crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1);

async function runtimeOf(backend: Backend, onBytes?: Onward): Promise<typeof Ort> {
  const ort = (await imported<unknown>(
    backend === "webgpu" ? import("onnxruntime-web/webgpu") : import("onnxruntime-web/wasm"),
    "ONNX Runtime",
  )) as typeof Ort;
  await prepareRuntime(ort, backend === "webgpu" ? ".asyncify" : "", onBytes);
  return ort;
}

export class Networks {
  private constructor(
    private readonly ort: typeof Ort,
    private readonly sessions: Map<string, Ort.InferenceSession>,
  ) {}

  /** Fetches networks from a folder beside the page. */
  static async load(
    names: Name[],
    backend: Backend,
    folder = "./engine/",
    numThreads = threads(),
    onBytes?: Onward,
  ): Promise<Networks> {
    const ort = await runtimeOf(backend, onBytes);
    ort.env.wasm.numThreads = numThreads;
    const sessions = new Map<string, Ort.InferenceSession>();
    for (const name of names) {
      const file = await fetchBytes(`${folder}${name}.onnx`, { onBytes });
      const session = await ort.InferenceSession.create(file, { executionProviders: [backend] });
      sessions.set(name, session);
    }
    return new Networks(ort, sessions);
  }

  /** The outputs of a network for an image (size x size x 3), in the order of the specification. */
  async run(name: Name, image: Float32Array): Promise<Float32Array[]> {
    const { size, outputs } = spec.networks[name];
    const answer = await this.sessions
      .get(name)!
      .run({ image: new this.ort.Tensor("float32", image, [1, size, size, 3]) });
    return Object.keys(outputs).map((output) => answer[output].data as Float32Array);
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) await session.release();
  }
}
