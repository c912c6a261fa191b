/**
 * The fastest that this device can multiply and add in WebAssembly, on one thread: a program of a
 * few dozen bytes that does nothing else. It keeps twelve vectors of four floats in registers and
 * replaces each by x * 0.999 + 0.001, again and again. Twelve, because a processor starts the next
 * multiplication before the last one is done, as long as neither waits for the other.
 */
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

function program(): Uint8Array<ArrayBuffer> {
  // local 0 counts down, then the chains, then the two constants
  const [x, a, b] = [1, CHAINS + 1, CHAINS + 2];
  const chains = Array.from({ length: CHAINS }, (_, k) => x + k);
  const step = chains.flatMap((k) => [
    ...get(k),
    ...get(a),
    ...MULTIPLY,
    ...get(b),
    ...ADD,
    ...set(k),
  ]);
  const start = [...f32(0.999), ...SPLAT, ...set(a), ...f32(0.001), ...SPLAT, ...set(b)];
  // count = count - 1; branch to the loop if it is not 0
  const again = [...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0];
  const sum = [...get(x), ...chains.slice(1).flatMap((k) => [...get(k), ...ADD]), 0xfd, 0x1f, 0];
  const code = [1, CHAINS + 2, 0x7b, ...start, 0x03, 0x40, ...step, ...again, 0x0b, ...sum, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), // one type: a whole number to a float
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]), // the function is called "f"
    ...section(10, [1, (code.length & 127) | 128, code.length >> 7, ...code]),
  ]);
}

/**
 * Floating point operations in a second, in thousand millions: the best of several attempts,
 * because nothing can make it look too fast.
 */
export async function peak(attempts = 20): Promise<number> {
  const { instance } = await WebAssembly.instantiate(program());
  const f = instance.exports.f as (count: number) => number;
  const count = 200_000;
  let best = Infinity;
  for (let k = 0; k < attempts; k++) {
    const start = performance.now();
    f(count);
    best = Math.min(best, performance.now() - start);
  }
  return (2 * 4 * CHAINS * count) / best / 1e6;
}
