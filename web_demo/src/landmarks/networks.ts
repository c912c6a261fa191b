/**
 * MediaPipe's networks, converted to ONNX by slr_tiny/pose/tflite2onnx.py and made light by
 * slr_tiny/pose/light_networks.py, in onnxruntime-web.
 */
import type * as Ort from "onnxruntime-web/wasm";
import spec from "../../../data/keypoints.json";
import { fetchBytes, imported } from "../runtime/fetching";
import { prepareRuntime } from "../runtime/ort";

export type Name = keyof typeof spec.networks;
type Onward = (done: number, all: number) => void;

/**
 * The graphics card (`webgpu`) only where it is asked for: its runtime weighs twice as much on the
 * line as the one in WebAssembly alone, and a visitor would pay for it before anything is gained.
 */
export type Backend = "wasm" | "webgpu";

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
  private readonly sessions = new Map<string, Promise<Ort.InferenceSession>>();
  private readonly ready = new Map<string, Ort.InferenceSession>();

  private constructor(
    private readonly ort: typeof Ort,
    private readonly backend: Backend,
    private readonly folder: string,
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
    const networks = new Networks(ort, backend, folder);
    for (const name of names) await networks.add(name, onBytes);
    return networks;
  }

  /** Whether a network is there. */
  has(name: Name): boolean {
    return this.ready.has(name);
  }

  /** Fetches one more network; once, whoever asks, and again only after a failure. */
  async add(name: Name, onBytes?: Onward): Promise<void> {
    const session = this.sessions.get(name) ?? this.fetchNetwork(name, onBytes);
    this.sessions.set(name, session);
    try {
      this.ready.set(name, await session);
    } catch (error) {
      this.sessions.delete(name);
      throw error;
    }
  }

  private async fetchNetwork(name: Name, onBytes?: Onward): Promise<Ort.InferenceSession> {
    const file = await fetchBytes(`${this.folder}${name}.onnx`, { onBytes });
    return this.ort.InferenceSession.create(file, { executionProviders: [this.backend] });
  }

  /**
   * The outputs of a network for an image (size x size x 3), in the order of the specification. A
   * network that was not loaded is fetched now.
   */
  async run(name: Name, image: Float32Array): Promise<Float32Array[]> {
    const { size, outputs } = spec.networks[name];
    if (!this.has(name)) await this.add(name);
    const answer = await this.ready.get(name)!.run({
      image: new this.ort.Tensor("float32", image, [1, size, size, 3]),
    });
    return Object.keys(outputs).map((output) => answer[output].data as Float32Array);
  }

  async close(): Promise<void> {
    for (const session of this.ready.values()) await session.release();
  }
}
