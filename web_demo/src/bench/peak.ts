/**
 * The fastest that this device can multiply and add in WebAssembly, on one thread: a program of a
 * few dozen bytes that does nothing else. It keeps twelve vectors in registers and replaces each
 * again and again: four floats by x * 0.999 + 0.001, or sums of products of bytes by themselves and
 * more such products. Twelve, because a processor starts the next multiplication before the last
 * one is done, as long as neither waits for the other.
 */
import { bestBuild } from "../runtime/builds";

const CHAINS = 12;

// f32.const
const f32 = (value: number) => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)];
const get = (k: number) => [0x20, k]; // local.get
const set = (k: number) => [0x21, k]; // local.set
const SPLAT = [0xfd, 0x13]; // one float into all four places of a vector
const MULTIPLY = [0xfd, 0xe6, 0x01];
const ADD = [0xfd, 0xe4, 0x01];

/**
 * A section of a WebAssembly file: its number, its length, its content (lengths below 16384 take
 * two bytes at most).
 */
function section(number: number, content: number[]): number[] {
  return [number, (content.length & 127) | 128, content.length >> 7, ...content];
}

/** What replaces a vector (local `k`), and how many multiplications and additions that are. */
interface Step {
  code: (k: number) => number[];
  operations: number;
}

// locals: 0 counts down, then the chains, then two constants
const [FIRST, A, B] = [1, CHAINS + 1, CHAINS + 2];
const FLOATS: Step = {
  code: (k) => [...get(k), ...get(A), ...MULTIPLY, ...get(B), ...ADD, ...set(k)],
  operations: 8,
};

const DOT_BYTES = [0xfd, 0x92, 0x02]; // i16x8.relaxed_dot_i8x16_i7x16_s
const DOT_BYTES_ADD = [0xfd, 0x93, 0x02]; // i32x4.relaxed_dot_i8x16_i7x16_add_s
const DOT_PAIRS = [0xfd, 0xba, 0x01]; // i32x4.dot_i16x8_s
const ADD_WHOLE = [0xfd, 0xae, 0x01]; // i32x4.add
/** The ways of our runtime: the instruction, its parts, and what there is without relaxed SIMD. */
const BYTES: Record<string, Step[]> = {
  relaxed: [
    { code: (k) => [...get(k), ...get(A), ...get(k), ...DOT_BYTES_ADD, ...set(k)], operations: 32 },
    {
      code: (k) => [
        ...get(k),
        ...get(A),
        ...DOT_BYTES,
        ...get(B),
        ...DOT_PAIRS,
        ...get(A),
        ...ADD_WHOLE,
        ...set(k),
      ],
      operations: 32,
    },
  ],
  simd: [
    {
      code: (k) => [...get(k), ...get(B), ...DOT_PAIRS, ...get(A), ...ADD_WHOLE, ...set(k)],
      operations: 16,
    },
  ],
};

function program(step: Step): Uint8Array<ArrayBuffer> {
  const chains = Array.from({ length: CHAINS }, (_, k) => FIRST + k);
  const start = [...f32(0.999), ...SPLAT, ...set(A), ...f32(0.001), ...SPLAT, ...set(B)];
  // count = count - 1; branch to the loop if it is not 0
  const again = [...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0];
  const others = chains.slice(1).flatMap((k) => [...get(k), ...ADD]);
  const sum = [...get(FIRST), ...others, 0xfd, 0x1f, 0]; // of the first place of each vector
  const work = chains.flatMap(step.code);
  const code = [1, CHAINS + 2, 0x7b, ...start, 0x03, 0x40, ...work, ...again, 0x0b, ...sum, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), // one type: a whole number to a float
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]), // the function is called "f"
    ...section(10, [1, (code.length & 127) | 128, code.length >> 7, ...code]),
  ]);
}

/**
 * Operations in a second, in thousand millions: the best of several attempts, because nothing can
 * make it look too fast.
 */
async function fastest(step: Step, attempts: number): Promise<number> {
  const { instance } = await WebAssembly.instantiate(program(step));
  const f = instance.exports.f as (count: number) => number;
  const count = 200_000;
  let best = Infinity;
  for (let k = 0; k < attempts; k++) {
    const start = performance.now();
    f(count);
    best = Math.min(best, performance.now() - start);
  }
  return (step.operations * CHAINS * count) / best / 1e6;
}

/** Of floats. */
export function peak(attempts = 20): Promise<number> {
  return fastest(FLOATS, attempts);
}

/** Of bytes, in the fastest way of the build that this browser can run; 0 without SIMD. */
export async function peakOfBytes(attempts = 20): Promise<number> {
  let best = 0;
  for (const step of BYTES[bestBuild()] ?? []) best = Math.max(best, await fastest(step, attempts));
  return best;
}
