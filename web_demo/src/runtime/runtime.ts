/**
 * One interface for two runtimes: ours for `.slr` files, ONNX Runtime for `.onnx`. Ours comes with
 * the page (some kilobytes); the other one is fetched when somebody opens such a file.
 */
import { isSlr, SlrModel } from "./slr";

/** A model that is ready: landmarks in, probabilities out. */
export interface RuntimeModel {
  readonly name: string;
  readonly bytes: number;
  /** What the file says of itself: preprocessing, engine, licence, training ... */
  readonly metadata: Record<string, unknown>;
  readonly glosses: string[];
  /** Which runtime computes: `relaxed`, `simd`, `plain` (ours), or `onnxruntime-web`. */
  readonly runtime: string;
  /** Landmarks (frames x 75 x 2, flat, NaN = missing) to one probability per gloss. */
  predict(landmarks: Float32Array): Promise<Float32Array>;
  /** Gives the memory back; afterwards the model answers no more. */
  dispose(): Promise<void>;
}

/** Opens a model from the bytes of its file; says in one sentence what is wrong with a bad one. */
export async function loadModel(name: string, file: Uint8Array): Promise<RuntimeModel> {
  if (isSlr(file) || name.endsWith(".slr")) return SlrModel.open(name, file);
  const { Model } = await import("./model");
  const model = await Model.open(name, file);
  return {
    name,
    bytes: model.bytes,
    metadata: model.metadata,
    glosses: model.glosses,
    runtime: "onnxruntime-web",
    predict: (landmarks) => model.predict(landmarks),
    dispose: () => model.close(),
  };
}
