/**
 * SPOTER in TensorFlow.js, on its WebAssembly backend, from the weights of a checkpoint: keypoints
 * in, logits out. There is no program that turns our files into one of TensorFlow.js without
 * TensorFlow, so the network stands here once more, in its operations. The page fetches this
 * script, and the runtime, when somebody opens a file that ends in `.safetensors`.
 */
import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { type Contender, frameNumbers, framesOf } from "./model";

const [WIDTH, HEADS] = [108, 9];
const SIZE = WIDTH / HEADS;

type Weights = Record<string, tf.Tensor>;

/** The arrays of a safetensors file: the length of a JSON text, the text, the numbers. */
function readWeights(name: string, file: Uint8Array): Weights {
  try {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const end = 8 + Number(view.getBigUint64(0, true));
    const text = new TextDecoder().decode(file.subarray(8, end));
    const told = JSON.parse(text) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    const weights: Weights = {};
    for (const [key, { dtype, shape, data_offsets }] of Object.entries(told)) {
      if (key === "__metadata__" || dtype !== "F32") continue;
      const bytes = file.slice(end + data_offsets[0], end + data_offsets[1]);
      const array = tf.tensor(new Float32Array(bytes.buffer), shape);
      // its fast product takes matrices that lie the other way round
      const matrix = shape.length === 2 && key.endsWith("weight");
      weights[key] = matrix ? tf.transpose(array) : array;
    }
    return weights;
  } catch {
    throw new Error(`${name} is not a file of weights: choose one that a run of the book wrote.`);
  }
}

/** Queries, keys and values lie in one matrix, and are three layers here. */
function splitProjections(weights: Weights): void {
  for (const key of Object.keys(weights)) {
    const [layer, kind] = key.split("in_proj_");
    for (let k = 0; kind && k < 3; k++)
      weights[`${layer}in_proj_${k}_${kind}`] =
        kind === "bias"
          ? tf.slice(weights[key], [k * WIDTH], [WIDTH])
          : tf.slice(weights[key], [0, k * WIDTH], [WIDTH, WIDTH]);
  }
}

/** A linear layer: in @ weight + bias. */
function dense(w: Weights, layer: string, a: tf.Tensor, activation?: "relu"): tf.Tensor {
  const [b, bias] = [w[`${layer}weight`] as tf.Tensor2D, w[`${layer}bias`]];
  return tf.fused.matMul({ a: a as tf.Tensor2D, b, bias, activation });
}

function norm(w: Weights, layer: string, x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, 1, true);
  const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(scaled, w[`${layer}.weight`]), w[`${layer}.bias`]);
}

const split = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [-1, HEADS, SIZE]), [1, 0, 2]);

/** What queries (N, 108) see of the frames (T, 108). */
function attend(w: Weights, layer: string, query: tf.Tensor, frames: tf.Tensor): tf.Tensor {
  const parts = [query, frames, frames].map((x, k) => split(dense(w, `${layer}in_proj_${k}_`, x)));
  const scores = tf.mul(tf.matMul(parts[0], parts[1], false, true), SIZE ** -0.5);
  const seen = tf.transpose(tf.matMul(tf.softmax(scores), parts[2]), [1, 0, 2]);
  return dense(w, `${layer}out_proj.`, tf.reshape(seen, [-1, WIDTH]));
}

function forward(w: Weights, clip: tf.Tensor): tf.Tensor {
  const feed = (layer: string, x: tf.Tensor) =>
    dense(w, `${layer}linear2.`, dense(w, `${layer}linear1.`, x, "relu"));
  let x = tf.add(clip, w.pos);
  for (let k = 0; `encoder.layers.${k}.linear1.weight` in w; k++) {
    const layer = `encoder.layers.${k}.`;
    x = norm(w, `${layer}norm1`, tf.add(x, attend(w, `${layer}self_attn.`, x, x)));
    x = norm(w, `${layer}norm2`, tf.add(x, feed(layer, x)));
  }
  x = norm(w, "encoder.norm", x);
  let query = tf.reshape(w.class_query, [1, WIDTH]);
  for (let k = 0; `decoder.${k}.linear1.weight` in w; k++) {
    const layer = `decoder.${k}.`;
    query = norm(w, `${layer}norm1`, tf.add(query, query));
    query = norm(w, `${layer}norm2`, tf.add(query, attend(w, `${layer}attention.`, query, x)));
    query = norm(w, `${layer}norm3`, tf.add(query, feed(layer, query)));
  }
  return dense(w, "classifier.", norm(w, "decoder_norm", query));
}

async function start(): Promise<void> {
  setWasmPaths(new URL("./tfjs/", document.baseURI).href);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread, as the others
  if (!(await tf.setBackend("wasm")))
    throw new Error("TensorFlow.js could not be started: load the page again.");
}

let started: Promise<void> | undefined;

export class TfjsContender implements Contender {
  readonly frame = [54, 2];
  readonly glosses: string[] = [];
  readonly metadata = {};
  readonly runtime = `tfjs-backend-wasm ${version_wasm}`;

  private constructor(
    readonly name: string,
    readonly bytes: number,
    private readonly weights: Weights,
    readonly sessionMilliseconds: number,
  ) {}

  static async open(name: string, file: Uint8Array): Promise<TfjsContender> {
    const begin = performance.now();
    await (started ??= start());
    const weights = readWeights(name, file);
    splitProjections(weights);
    return new TfjsContender(name, file.byteLength, weights, performance.now() - begin);
  }

  ready(values: Float32Array): () => Promise<Float32Array> {
    const frames = framesOf(this, values, frameNumbers(this));
    return async () => {
      const logits = tf.tidy(() => forward(this.weights, tf.tensor(values, [frames, WIDTH])));
      const answer = logits.dataSync() as Float32Array;
      logits.dispose();
      return Float32Array.from(answer);
    };
  }

  endProfiling(): void {} // it takes no notes that we read

  async close(): Promise<void> {
    tf.dispose(Object.values(this.weights));
  }
}
