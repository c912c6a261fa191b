/** Clips, from files or the camera: looked at, recognised, and their answers shown and told. */
import type { Key } from "../../i18n/en";
import { explain, Failure, isCancelled, type Values } from "../../i18n/failure";
import { decimal, percent, t } from "../../i18n/i18n";
import { foundShares, sequence } from "../../landmarks/landmarks";
import { mirrored } from "../../landmarks/mirror";
import { ranking } from "../../runtime/answer";
import { clearAnswer, type Shown, showAnswer, wordOf } from "../../ui/answer";
import { askToStay } from "../../ui/offline";
import { element, megabytes } from "../../ui/page";
import { addRow, type Row } from "../../ui/results";
import { showFrame } from "../../ui/stage";
import { tellProgress, tellStatus } from "../../ui/status";
import { lookAtFile, type Seen } from "../../work/looking";
import { choice, leftHanded, own, recogniser, video } from "./state";
import { isWorking } from "./tasks";
import { showWeight } from "./weight";

let numbers: Values | undefined;

export function describeClip(): void {
  element("numbers-place").hidden = !numbers;
  if (numbers) element("numbers").textContent = t("numbers", numbers);
}

function countClip(seen: Seen, milliseconds: number): void {
  const [body, left, right] = foundShares(seen.frames).map((share) => percent(share));
  numbers = {
    frames: seen.frames.length,
    rate: decimal(seen.rate),
    body,
    left,
    right,
    decoding: decimal(seen.seconds.decoding, 2),
    landmarks: decimal(seen.seconds.landmarks, 2),
    each: decimal((1000 * seen.seconds.landmarks) / Math.max(1, seen.frames.length), 0),
    model: decimal(milliseconds, 1),
  };
  describeClip();
}

let fetched = { bytes: 0, before: 0, last: 0 };

/** Says how much has come of what the first clip needs. */
export function tellBytes(done: number): void {
  if (done < fetched.last) fetched.before += fetched.last;
  fetched.last = done;
  fetched.bytes = fetched.before + done;
  if (isWorking()) tellProgress("loadingPointsShare", { share: megabytes(fetched.bytes) });
}

interface Recognised extends Shown {
  milliseconds: number;
  embedding?: Float32Array;
}

/** What the model says of some frames; a Failure where nobody, or no hand, was seen. */
export async function recognise(frames: Float32Array[], signal: AbortSignal): Promise<Recognised> {
  const [body, left, right] = foundShares(frames);
  if (!body) throw new Failure("noPerson");
  if (!left && !right) throw new Failure("noHands");
  const given = leftHanded.checked ? frames.map(mirrored) : frames;
  const answer = await recogniser.answer(sequence(given), signal);
  const { probabilities, known, milliseconds, embedding } = answer;
  const guesses = ranking(probabilities, recogniser.about!.glosses);
  const mine = embedding?.length ? own.answer(embedding) : undefined;
  return { guesses, known, own: mine, milliseconds, embedding };
}

/** Shows an answer and says it, with what else there is to say. */
export function tellAnswer(answer: Recognised, notes: { key: Key; values?: Values }[] = []): void {
  showAnswer(answer);
  const [best] = answer.guesses;
  const sign = wordOf(best.gloss);
  const said: { key: Key; values: Values } =
    answer.own !== undefined
      ? { key: "recognisedOwn", values: { sign: answer.own } }
      : answer.known === false
        ? { key: "notSureStatus", values: { sign } }
        : { key: "recognised", values: { sign, share: percent(best.p) } };
  tellStatus(said, ...notes);
  void showWeight();
  askToStay();
}

/** Looks at one of some files. */
export async function look(files: File[], k: number, signal: AbortSignal): Promise<Seen> {
  tellProgress(choice() === "holistic" ? "loadingMediapipe" : "loadingPoints", {});
  const seen = await lookAtFile(files[k], choice(), video, {
    signal,
    onBytes: tellBytes,
    onNews({ frame, frames, landmarks, image }) {
      if (signal.aborted) return image?.close();
      showFrame(landmarks, image);
      const values = { frame: frame + 1, frames, file: k + 1, files: files.length };
      tellProgress(files.length > 1 ? "fileOf" : "frameOf", values, (frame + 1) / frames);
    },
  });
  showFrame(seen.frames[seen.shown], seen.image);
  return seen;
}

async function recogniseFile(file: File, signal: AbortSignal): Promise<void> {
  tellStatus({ key: "lookingAt", values: { name: file.name } });
  const seen = await look([file], 0, signal);
  const answer = await recognise(seen.frames, signal);
  countClip(seen, answer.milliseconds);
  tellAnswer(answer, seen.notes);
}

/** A row of the table for one of several files; what goes wrong is told in the row. */
async function rowOf(files: File[], k: number, signal: AbortSignal): Promise<Row> {
  const start = performance.now();
  const row: Row = {
    file: files[k].name,
    guesses: [],
    frames: 0,
    seconds: { decoding: 0, landmarks: 0, model: 0, total: 0 },
  };
  try {
    const seen = await look(files, k, signal);
    row.frames = seen.frames.length;
    Object.assign(row.seconds, seen.seconds);
    const answer = await recognise(seen.frames, signal);
    countClip(seen, answer.milliseconds);
    const { guesses, known, own, milliseconds } = answer;
    Object.assign(row, { guesses, known, own });
    row.seconds.model = milliseconds / 1000;
    showAnswer(answer);
  } catch (error) {
    const failure = explain(error);
    if (isCancelled(failure)) throw failure;
    row.failure = failure;
    clearAnswer();
  }
  row.seconds.total = (performance.now() - start) / 1000;
  return row;
}

export async function recogniseFiles(files: File[], signal: AbortSignal): Promise<void> {
  if (files.length === 1) return recogniseFile(files[0], signal);
  let done = 0;
  for (let k = 0; k < files.length; k++) {
    tellStatus({ key: "lookingAt", values: { name: files[k].name } });
    const row = await rowOf(files, k, signal);
    addRow(row);
    if (!row.failure) done++;
  }
  tellStatus({ key: "allDone", values: { done, files: files.length } });
  void showWeight();
  askToStay();
}
