import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
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

const PAGES = ["index", "bench", "divergence", "weight", "runtime", "letters", "receipt"];

/**
 * The rules of every page: nothing from elsewhere, no script in the text of a page. A server of ours
 * sends the same as a header (section 11a); a test compares the two.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function rules(): Plugin {
  return {
    name: "rules",
    apply: "build", // a server for development puts scripts and styles into the page
    transformIndexHtml: {
      order: "post",
      handler: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
          injectTo: "head-prepend",
        },
        {
          tag: "meta",
          attrs: { name: "referrer", content: "no-referrer" },
          injectTo: "head-prepend",
        },
      ],
    },
  };
}

const NOT_KEPT = /^assets\/(tfjs|ort\.webgpu|plain|simd|relaxed|__vite)/;

/** Tells offline.js which files belong to the pages, and how this build is called. */
function offlineList(): Plugin {
  return {
    name: "offline-list",
    apply: "build",
    enforce: "post",
    closeBundle: {
      sequential: true,
      order: "post",
      handler() {
        const dist = join(here, "dist");
        if (!existsSync(join(dist, "offline.js"))) return;
        const top = readdirSync(dist).filter((name) => /\.(html|svg|png|webmanifest)$/.test(name));
        const all = readdirSync(join(dist, "assets")).map((name) => `assets/${name}`);
        const kept = [
          ...top,
          "opened.js",
          "ort/ort-wasm-simd-threaded.mjs",
          ...all.filter((name) => !NOT_KEPT.test(name)),
        ].sort();
        const sum = createHash("sha256");
        for (const name of kept) sum.update(name).update(readFileSync(join(dist, name)));
        const place = join(dist, "offline.js");
        const text = readFileSync(place, "utf8")
          .replace("const KEEP = [];", `const KEEP = ${JSON.stringify(kept)};`)
          .replace("const ALL = [];", `const ALL = ${JSON.stringify(all.sort())};`)
          .replace('"development"', `"${sum.digest("hex").slice(0, 12)}"`);
        writeFileSync(place, text);
      },
    },
  };
}

// Threads and fine timers need a page that is isolated from other origins.
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  appType: "mpa",
  plugins: [runtimeFiles(), rules(), offlineList()],
  worker: { format: "es" },
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
