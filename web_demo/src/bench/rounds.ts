/** Turns and rounds: who is timed when, on which clip. */
import { type Contender, frameNumbers } from "./model";
import { paint } from "../ui/page";

export interface Plan {
  models: string[];
  lengths: number[];
  rounds: number;
  runs: number;
  warmUps: number;
  seed: number;
}

/** What one turn of one model gave: the time of each of its predictions. */
export interface Turn {
  round: number;
  model: string;
  frames: number;
  milliseconds: number[];
}

/**
 * mulberry32: a small generator, so that a seed gives the same order and the same input in every
 * browser.
 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(items: T[], random: () => number): T[] {
  for (let k = items.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [items[k], items[other]] = [items[other], items[k]];
  }
  return items;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Predicts the same clip several times and notes how long each took. */
export async function turn(
  model: Contender,
  values: Float32Array,
  runs: number,
  points?: number,
): Promise<number[]> {
  const predict = model.ready(values, points);
  const times: number[] = [];
  for (let k = 0; k < runs; k++) {
    const start = performance.now();
    await predict();
    times.push(performance.now() - start);
  }
  return times;
}

/**
 * Times every model at every length. In each round all pairs have one turn, in a new random order,
 * so that a busy moment of the machine hits no model more than another.
 */
export async function benchmark(
  plan: Plan,
  find: (name: string) => Contender,
  progress: (share: number) => void,
): Promise<Turn[]> {
  const random = generator(plan.seed);
  const widest = Math.max(...plan.models.map((name) => frameNumbers(find(name))));
  const values = Float32Array.from({ length: Math.max(...plan.lengths) * widest }, random);
  const pairs = plan.models.flatMap((model) => plan.lengths.map((frames) => ({ model, frames })));
  const take = ({ model, frames }: { model: string; frames: number }, runs: number) =>
    turn(find(model), values.subarray(0, frames * frameNumbers(find(model))), runs);
  for (const pair of pairs) await take(pair, plan.warmUps);
  const turns: Turn[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const pair of shuffle([...pairs], random)) {
      turns.push({ round, ...pair, milliseconds: await take(pair, plan.runs) });
      progress(turns.length / pairs.length / plan.rounds);
      await paint();
    }
  }
  return turns;
}
