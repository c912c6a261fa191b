import { copyFileSync, createReadStream, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

const here = dirname(fileURLToPath(import.meta.url));

// Files that the pages fetch at run time. They come from node_modules as they are: bundling would
// only rename them.
const RUNTIME: Record<string, string[]> = {
  // The second pair can use a graphics card (WebGPU); a browser fetches it only where there is one.
  "onnxruntime-web/dist:ort": [
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
  ],
  // for a comparison on the page of the benchmark
  "@tensorflow/tfjs-backend-wasm/dist:tfjs": [
    "tfjs-backend-wasm-simd.wasm",
    "tfjs-backend-wasm.wasm",
  ],
  "@mediapipe/holistic:holistic": [
    "holistic.js",
    "holistic.binarypb",
    "holistic_solution_packed_assets.data",
    "holistic_solution_packed_assets_loader.js",
    "holistic_solution_simd_wasm_bin.data",
    "holistic_solution_simd_wasm_bin.js",
    "holistic_solution_simd_wasm_bin.wasm",
    "pose_landmark_lite.tflite",
    "pose_landmark_full.tflite",
  ],
};

const files = Object.entries(RUNTIME).flatMap(([place, names]) => {
  const [source, folder] = place.split(":");
  return names.map((name) => ({
    from: join(here, "node_modules", source, name),
    to: `${folder}/${name}`,
  }));
});

const TYPES: Record<string, string> = {
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/** Serves the runtime files in development, and copies them beside the pages in a build. */
function runtimeFiles(): Plugin {
  return {
    name: "runtime-files",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").split("?")[0].replace(/^\//, "");
        const file = files.find(({ to }) => to === path);
        if (!file) return next();
        response.setHeader(
          "Content-Type",
          TYPES[path.split(".").pop() ?? ""] ?? "application/octet-stream",
        );
        createReadStream(file.from).pipe(response);
      });
    },
    writeBundle({ dir }) {
      for (const { from, to } of files) {
        if (!existsSync(from)) this.error(`${from} is missing: run "npm ci" first.`);
        mkdirSync(dirname(join(dir!, to)), { recursive: true });
        copyFileSync(from, join(dir!, to));
      }
    },
  };
}

const PAGES = ["index", "bench", "divergence", "weight", "runtime", "letters"];

// Threads and fine timers need a page that is isolated from other origins.
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  appType: "mpa",
  plugins: [runtimeFiles()],
  // The runtime's WebAssembly is one of the files above, so the entry that does not bundle it.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  server: { host: "127.0.0.1", headers: isolation, fs: { allow: [resolve(here, "..")] } },
  preview: { host: "127.0.0.1", headers: isolation },
  build: {
    target: "es2022",
    reportCompressedSize: false,
    rolldownOptions: {
      input: PAGES.map((name) => join(here, `${name}.html`)),
    },
  },
});
