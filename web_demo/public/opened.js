// A page that was opened by a double click (file:) may not load its modules, and would wait for ever. Say what to do instead.
if (location.protocol === "file:") {
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("status").textContent =
      "This page was opened as a file, and a browser does not let a file load its parts. " +
      "Type “slr-tiny demo”, or “python3 -m http.server” in the folder of this page, and open the address that appears.";
  });
}
