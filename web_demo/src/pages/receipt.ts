/** The accuracy of a model, recomputed by the reader's own browser, with a receipt. */
import "../ui/style.css";
import { explain, Failure } from "../i18n/failure";
import { LANGUAGES, percent, preferred, rememberLanguage, speak, spoken, t } from "../i18n/i18n";
import { download } from "../ui/download";
import { element } from "../ui/page";
import { hideProgress, retellStatus, tellFailure, tellProgress, tellStatus } from "../ui/status";
import { agrees, type Note, type Outcome, recompute, type Tally } from "../work/receipt";

const button = element<HTMLButtonElement>("recompute");
const cancel = element<HTMLButtonElement>("cancel");

/** For tests: what came out last. */
const handle: { outcome?: Outcome } = {};
let working: AbortController | undefined;

function cell(kind: "td" | "th", text: string | number): HTMLElement {
  return Object.assign(document.createElement(kind), { textContent: String(text) });
}

function row(model: Tally): HTMLElement {
  const made = document.createElement("tr");
  const name = cell("th", model.file);
  name.setAttribute("scope", "row");
  const { clips, right, expected, differing } = model;
  made.append(
    name,
    cell("td", `${right} / ${clips} (${percent(right / clips, 1)})`),
    cell("td", expected),
    cell("td", differing),
  );
  made.classList.toggle("error", !agrees(model));
  return made;
}

function aboutData({ set, left_out, synthetic, licence, clips, of_clips }: Note): string {
  const values = { set, group: left_out, clips, all: of_clips };
  const kind = t(synthetic ? "receiptSynthetic" : "receiptRecorded");
  const terms = licence ? ` ${t("receiptLicence", { licence })}` : "";
  return `${t("receiptData", values)} ${kind}${terms}`;
}

/** The table and the text; nothing, where nothing was computed. */
function show(): void {
  const { outcome } = handle;
  element("outcome").hidden = !outcome;
  if (!outcome) return;
  element("rows").replaceChildren(...outcome.models.map(row));
  element("data-about").textContent = aboutData(outcome.note);
  element("text").textContent = outcome.text;
}

function tellOutcome({ models }: Outcome): void {
  const other = models.find((model) => !agrees(model));
  if (other) {
    const { file: name, clips, right, expected, differing } = other;
    tellFailure(new Failure("receiptOther", { name, clips, right, expected, differing }));
  } else {
    const [{ right, clips }] = models;
    const share = percent(right / clips, 1);
    tellStatus({ key: "receiptSame", values: { right, clips, share } });
  }
}

async function work(): Promise<void> {
  const mine = (working = new AbortController());
  handle.outcome = undefined;
  show();
  button.disabled = true;
  cancel.hidden = false;
  tellStatus({ key: "oneMoment" });
  const address = new URLSearchParams(location.search).get("receipt") ?? "./models/receipt.json";
  try {
    const outcome = await recompute(address, {
      signal: mine.signal,
      onFile: (name) => tellProgress("receiptFetching", { name }),
      onClip: (name, clip, clips) =>
        tellProgress("receiptClip", { name, clip, clips }, clip / clips),
    });
    handle.outcome = outcome;
    show();
    tellOutcome(outcome);
  } catch (error) {
    tellFailure(explain(error));
  } finally {
    working = undefined;
    hideProgress();
    cancel.hidden = true;
    button.disabled = false;
  }
}

async function changeLanguage(language: (typeof LANGUAGES)[number]): Promise<void> {
  await speak(language);
  for (const known of LANGUAGES)
    element(`speak-${known}`).setAttribute("aria-pressed", String(known === spoken()));
  show();
  retellStatus();
}

button.addEventListener("click", () => void work());
cancel.addEventListener("click", () => working?.abort());
element("save").addEventListener("click", () =>
  download("receipt.txt", handle.outcome!.text, "text/plain"),
);

for (const language of LANGUAGES)
  element(`speak-${language}`).addEventListener("click", () =>
    changeLanguage(language).then(rememberLanguage, (error) => tellFailure(explain(error))),
  );

const ready = changeLanguage(preferred())
  .catch(() => {})
  .then(() => tellStatus({ key: "readyOffline" }))
  .finally(() => (button.disabled = false));

Object.assign(window, { receipt: Object.assign(handle, { ready }) });
