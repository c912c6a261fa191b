/** The panel of the signs that a visitor teaches: their list, and recordings that are added. */
import { Failure } from "../../i18n/failure";
import { t } from "../../i18n/i18n";
import { sequence } from "../../landmarks/landmarks";
import { clearAnswer } from "../../ui/answer";
import { element } from "../../ui/page";
import { tellFailure, tellStatus } from "../../ui/status";
import type { Seen } from "../../work/looking";
import { NEEDED } from "../../work/own_signs";
import { own } from "./state";

/** The list of the signs that were taught, each with a button. */
export function describeOwn(): void {
  const rows = own.list.map(([sign, count]) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "quiet-button", textContent: "×" });
    button.setAttribute("aria-label", t("ownDelete", { sign }));
    button.addEventListener("click", () => void forgetSign(sign));
    row.append(t("ownCount", { sign, count }), button);
    return row;
  });
  element("own-list").replaceChildren(...rows);
  element("own-none").hidden = element("own-tools").hidden = false;
  element(rows.length ? "own-none" : "own-tools").hidden = true;
  const { some, none } = own.countLandmarks();
  element<HTMLButtonElement>("own-save-poses").disabled = !some;
  const old = element("own-without");
  old.hidden = !none;
  old.textContent = t("ownWithout", { count: none });
}

async function forgetSign(sign: string): Promise<void> {
  await own.remove(sign);
  clearAnswer();
  describeOwn();
  tellStatus({ key: "deletedSign", values: { sign } });
  element("own-name").focus();
}

/** Keeps a recording of the sign that is being taught, and says how many are still needed. */
export async function teach(
  sign: string,
  embedding: Float32Array | undefined,
  { frames, rate, width, height }: Pick<Seen, "frames" | "rate" | "width" | "height">,
): Promise<void> {
  if (!embedding?.length) throw new Failure("ownNoEmbedding");
  const recorded = { landmarks: sequence(frames), rate, width, height };
  const count = await own.add(sign, embedding, recorded);
  describeOwn();
  const values = { sign, count, needed: NEEDED };
  const said = { key: count < NEEDED ? "taughtOne" : "taughtEnough", values } as const;
  if (own.isKept) tellStatus(said);
  else tellStatus(said, { key: "noStore" });
}

/** The name in the field; undefined, and a sentence, where there is none. */
export function namedSign(): string | undefined {
  const name = element<HTMLInputElement>("own-name").value.trim();
  if (name) return name;
  tellFailure(new Failure("nameFirst"));
  element("own-name").focus();
  return undefined;
}
