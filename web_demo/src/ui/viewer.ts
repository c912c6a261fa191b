/**
 * Two sets of landmarks of one clip, to look at: both skeletons on the frame, a slider over the
 * frames, and how far apart they are.
 */
import { drawSkeleton, POSE_POINTS, HAND_POINTS } from "../landmarks/landmarks";
import { element } from "./page";
import type { Clip } from "../video/video";

const COLOURS = ["#56B4E9", "#D55E00"]; // as in the key below the image

/**
 * Mean distance of the points that both have found, in pixels of an image that is 720 high; NaN
 * where there are none.
 */
export function distance(a: Float32Array, b: Float32Array, width: number, height: number): number {
  const unit = 720 / height;
  let sum = 0;
  let count = 0;
  for (let k = 0; k < a.length; k += 2) {
    const apart = Math.hypot((a[k] - b[k]) * width, (a[k + 1] - b[k + 1]) * height) * unit;
    if (Number.isNaN(apart)) continue;
    sum += apart;
    count++;
  }
  return sum / count;
}

const hands = (frame: Float32Array) =>
  [POSE_POINTS, POSE_POINTS + HAND_POINTS].map((first) => !Number.isNaN(frame[2 * first]));

/** What there is to say about a frame, in words. */
function words(a: Float32Array, b: Float32Array, apart: number): string {
  const differs = hands(a).flatMap((there, k) =>
    there !== hands(b)[k] ? [["left", "right"][k]] : [],
  );
  const missing = differs.length
    ? `; only one of them has found the ${differs.join(" and the ")} hand`
    : "";
  return (
    (Number.isNaN(apart)
      ? "they have no point in common"
      : `${apart.toFixed(1)} px apart at 720p`) + missing
  );
}

/** A line over the frames, and a mark at one of them. */
function drawChart(chart: HTMLCanvasElement, distances: number[], at: number): void {
  [chart.width, chart.height] = [2 * chart.clientWidth, 2 * chart.clientHeight];
  const pen = chart.getContext("2d")!;
  const most = Math.max(...distances.filter((apart) => !Number.isNaN(apart)), 0.1);
  const x = (k: number) => ((k + 0.5) / distances.length) * chart.width;
  const y = (apart: number) => chart.height - 6 - (apart / most) * (chart.height - 36);
  pen.fillStyle = pen.strokeStyle = getComputedStyle(chart).color;
  pen.font = "22px system-ui, sans-serif";
  pen.fillText(`${most.toFixed(1)} px`, 6, 22);
  pen.globalAlpha = 0.3;
  pen.fillRect(x(at) - 2, 0, 4, chart.height);
  pen.globalAlpha = 1;
  pen.lineWidth = 3;
  pen.beginPath();
  // A frame without a common point leaves a gap in the line.
  distances.forEach(
    (apart, k) =>
      !Number.isNaN(apart) &&
      pen[k && !Number.isNaN(distances[k - 1]) ? "lineTo" : "moveTo"](x(k), y(apart)),
  );
  pen.stroke();
}

/** Lets a person walk through a clip; says in a sentence how far apart the two are on the whole. */
export async function view(
  pen: CanvasRenderingContext2D,
  clip: Clip,
  [a, b]: [Float32Array[], Float32Array[]],
): Promise<string> {
  const { canvas } = pen;
  const slider = element<HTMLInputElement>("frame");
  const chart = element<HTMLCanvasElement>("chart");
  const distances = a.map((frame, k) => distance(frame, b[k], canvas.width, canvas.height));
  let wanted = 0;
  let drawing = false;
  const draw = async () => {
    wanted = Number(slider.value);
    if (drawing) return; // whoever draws sees that another frame is wanted
    drawing = true;
    for (let k = -1; k !== wanted;) {
      k = wanted;
      await clip.draw(pen, k);
      drawSkeleton(canvas, a[k], COLOURS[0], 2); // wider, so that it is seen below the other
      drawSkeleton(canvas, b[k], COLOURS[1]);
      drawChart(chart, distances, k);
      const text = `Frame ${k + 1} of ${a.length}: ${words(a[k], b[k], distances[k])}.`;
      element("distance").textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }
    drawing = false;
  };
  const known = distances.filter((apart) => !Number.isNaN(apart));
  const worst = distances.indexOf(Math.max(...known));
  slider.max = String(a.length - 1);
  slider.value = String(Math.max(worst, 0));
  slider.oninput = () => void draw();
  element("viewer").hidden = false;
  await draw();
  if (!known.length)
    return (
      "The two have found no point in common: choose a clip that shows one signer from the " +
      "hips up."
    );
  const mean = known.reduce((sum, apart) => sum + apart, 0) / known.length;
  return (
    `${a.length} frames. The two are ${mean.toFixed(1)} px apart on average (at 720p), and ` +
    `most in frame ${worst + 1}: move the slider.`
  );
}
