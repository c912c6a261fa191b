/**
 * The three builds of our runtime, and the one that this browser can run. A browser is asked to
 * validate a module with a single instruction of the kind; nothing is run for that.
 */
import plain from "../../../slr_tiny/csrc/dist/plain.wasm?url";
import relaxed from "../../../slr_tiny/csrc/dist/relaxed.wasm?url";
import simd from "../../../slr_tiny/csrc/dist/simd.wasm?url";
import { fetchBytes } from "./fetching";

export const BUILDS = { relaxed, simd, plain };
export type Build = keyof typeof BUILDS;

/** A module of one function without arguments that returns a vector; `body` are its instructions. */
function validates(body: number[]): boolean {
  const code = [0, ...body, 11]; // no locals ... end
  return WebAssembly.validate(
    // prettier-ignore
    new Uint8Array([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic and version
      1, 5, 1, 0x60, 0, 1, 0x7b, // a type: () -> v128
      3, 2, 1, 0, // a function of this type
      10, code.length + 2, 1, code.length, ...code,
    ]),
  );
}

const ONE = [0x41, 1, 0xfd, 15]; // i32.const 1, i8x16.splat
const RELAXED_SWIZZLE = [0xfd, 0x80, 2];

/** The build with the most features that this browser knows. */
export function bestBuild(): Build {
  if (validates([...ONE, ...ONE, ...RELAXED_SWIZZLE])) return "relaxed";
  return validates(ONE) ? "simd" : "plain";
}

/** Whether this browser computes with vectors, which ONNX Runtime needs and ours does not. */
export const hasSimd = () => validates(ONE);

const compiled: Partial<Record<Build, Promise<WebAssembly.Module>>> = {};

async function fetchModule(build: Build): Promise<WebAssembly.Module> {
  return WebAssembly.compile((await fetchBytes(BUILDS[build])) as BufferSource);
}

/** A build, fetched and compiled once. */
export function moduleOf(build: Build): Promise<WebAssembly.Module> {
  return (compiled[build] ??= fetchModule(build).catch((error) => {
    delete compiled[build]; // the next model may have more luck
    throw error;
  }));
}
