/**
 * Landmarks as a `.pose` file, version 0.2, which the Python library pose-format and `read_pose` of
 * slr_tiny/datasets/formats.py read. All numbers are little-endian, a text is u16 bytes and UTF-8:
 *
 *     header       f32 version, u16 width, u16 height, u16 depth of the image (0), u16 components
 *     component    text name, text format, u16 points, u16 limbs, u16 colours; for each point a
 *                  text, for each limb u16 from, u16 to, for each colour u16 red, green, blue
 *     body         f32 frames a second, u32 frames, u16 people (1)
 *     points       f32 for each frame, person, point, coordinate: pixels from the top left corner
 *     confidence   f32 for each frame, person, point: 1, or 0 where the point was not found
 *
 * Components and points have the names that MediaPipe Holistic has there. The format of a component
 * names its coordinates, and a C for the confidence: here XYC, for the page keeps no depth.
 */
import { EDGES, NUM_LANDMARKS } from "../landmarks/landmarks";
import { landmarks as names, parts } from "../../../data/landmarks.json";
import { ByteWriter, utf8 } from "./bytes";

/** A recording of a sign, as the page saw it: never mirrored, also of who is left-handed. */
export interface Recorded {
  /** Frames x 75 x 2, flat: shares of width and height, y downwards; NaN = not found. */
  landmarks: Float32Array;
  /** Frames a second. */
  rate: number;
  /** Of the image, in pixels. */
  width: number;
  height: number;
}

const VERSION = 0.2;
const FORMAT = "XYC";
const COMPONENTS = [
  { name: "POSE_LANDMARKS", part: parts.pose, colour: [86, 86, 86] },
  { name: "LEFT_HAND_LANDMARKS", part: parts.left, colour: [86, 180, 233] },
  { name: "RIGHT_HAND_LANDMARKS", part: parts.right, colour: [213, 94, 0] },
];

/** What MediaPipe calls a point: LEFT_ELBOW, or of a hand WRIST and INDEX_FINGER_TIP. */
function pointName(name: string): string {
  const ofHand = name.replace(/^(left|right)_hand_/, "");
  const finger = ofHand === name ? name : ofHand.replace(/^(index|middle|ring)_/, "$1_finger_");
  return finger.toUpperCase();
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = utf8(text);
  writer.u16(bytes.length).bytes(bytes);
}

function writeComponent(
  writer: ByteWriter,
  { name, part: [first, end], colour }: (typeof COMPONENTS)[number],
): void {
  const limbs = EDGES.filter((edge) => edge.every((point) => point >= first && point < end));
  writeText(writer, name);
  writeText(writer, FORMAT);
  writer.u16(end - first, limbs.length, 1);
  for (const point of names.slice(first, end)) writeText(writer, pointName(point));
  for (const [a, b] of limbs) writer.u16(a - first, b - first);
  writer.u16(...colour);
}

const bytesOf = (numbers: Float32Array<ArrayBuffer>) => {
  const view = new DataView(new ArrayBuffer(numbers.byteLength));
  numbers.forEach((value, k) => view.setFloat32(4 * k, value, true));
  return new Uint8Array(view.buffer);
};

/** The bytes of a recording's file. */
export function poseFile(recorded: Recorded): Uint8Array<ArrayBuffer> {
  const { landmarks, rate, width, height } = recorded;
  const writer = new ByteWriter().f32(VERSION).u16(width, height, 0, COMPONENTS.length);
  for (const component of COMPONENTS) writeComponent(writer, component);
  const points = landmarks.length / 2;
  const isFound = (point: number) => !Number.isNaN(landmarks[2 * point] + landmarks[2 * point + 1]);
  const pixels = Float32Array.from(landmarks, (share, k) =>
    isFound(k >> 1) ? share * (k % 2 ? height : width) : 0,
  );
  const confidence = Float32Array.from({ length: points }, (_, k) => Number(isFound(k)));
  writer.f32(rate).u32(points / NUM_LANDMARKS).u16(1);
  return writer.bytes(bytesOf(pixels)).bytes(bytesOf(confidence)).joined();
}
