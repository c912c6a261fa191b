// What a page says when its program cannot begin: it was opened as a file, or a part of it does not come. Without this it
// would wait for ever.
(() => {
  const PATIENCE = 8000; // milliseconds
  let language = navigator.language;
  try {
    language = localStorage.getItem("slr-tiny-language") || language;
  } catch {}
  const spanish = language.startsWith("es") && Boolean(document.querySelector("link[rel=manifest]"));
  const FILE =
    "This page was opened as a file, and a browser does not let a file load its parts. " +
    "Type “slr-tiny demo”, or “python3 -m http.server” in the folder of this page, and open the address that appears.";
  const LOST = spanish
    ? "Una parte de esta página no llegó: revisa la red y carga la página de nuevo."
    : "A part of this page did not come: check the network, then load the page again.";

  // A style sheet that does not come keeps the page empty, also one that has started: it is asked for again, as one that
  // nothing waits for.
  const showPlain = () => {
    for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
      if (link.sheet) continue;
      const late = Object.assign(link.cloneNode(), { media: "print" });
      late.addEventListener("load", () => (late.media = "all"), { once: true });
      link.replaceWith(late);
    }
  };
  const say = (text) => {
    showPlain();
    const status = document.getElementById("status");
    if (!status) return document.addEventListener("DOMContentLoaded", () => say(text), { once: true });
    status.textContent = text;
    status.classList.add("error");
  };
  if (location.protocol === "file:") return say(FILE);

  const hasStarted = () => "started" in document.documentElement.dataset;
  const lost = () => hasStarted() || say(LOST);
  setTimeout(showPlain, PATIENCE);
  setTimeout(lost, PATIENCE);
  window.addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && lost(), true);

  // a model that the address names is asked for at once, not after the modules of the page
  try {
    const named = new URLSearchParams(location.search).get("model");
    if (named && new URL(named, location.href).origin === location.origin) {
      const early = { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: named };
      document.head.append(Object.assign(document.createElement("link"), early));
    }
  } catch {} // the page says what is wrong with it
})();
