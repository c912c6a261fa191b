/** A line of the list of guesses: a name, a bar, and a share. */
import { percent, t } from "../i18n/i18n";

export function guessRow(word: string, p: number): HTMLLIElement {
  const row = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { textContent: word });
  const bar = Object.assign(document.createElement("meter"), { min: 0, max: 1, value: p });
  const share = percent(p, 1);
  bar.setAttribute("aria-label", t("shareOf", { sign: word, share }));
  const number = Object.assign(document.createElement("span"), {
    className: "share",
    textContent: share,
  });
  row.append(name, bar, number);
  return row;
}
