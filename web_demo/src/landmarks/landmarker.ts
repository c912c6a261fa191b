/**
 * The landmarker: the landmarks of a clip, frame by frame, by the rules of data/keypoints.json. A
 * mirror of slr_tiny/pose/landmarker.py.
 */
import spec from "../../../data/keypoints.json";
import { HAND_POINTS, NUM_LANDMARKS, POSE_POINTS } from "./landmarks";
import {
  anchors,
  roiAroundHand,
  decodeDetections,
  holdRoi,
  roiToImage,
  refineFromHeatmap,
  cropRoi,
  sigmoid,
  quantizeRoi,
  roiFromPoints,
} from "./geometry";
import type { Roi, Point } from "./geometry";
import { type Body, landmarkerName } from "./names";
import { type Backend, bestBackend, type Name, Networks } from "./networks";
import { OneEuro } from "./smoothing";

export { type Body, landmarkerName } from "./names";

export interface Options {
  body?: Body;
  backend?: Backend;
  /** Where the networks lie; beside the page unless said otherwise. */
  folder?: string;
  threads?: number;
  /** Told while files are fetched. */
  onBytes?(done: number, all: number): void;
}

interface BodyPoint {
  at: Point;
  visibility: number;
}

const PLACES = anchors();
const HAND_FIRST = [POSE_POINTS, POSE_POINTS + HAND_POINTS];

/** Rows of `columns` numbers. */
const rows = (flat: ArrayLike<number>, columns: number) =>
  Array.from({ length: flat.length / columns }, (_, k) =>
    Array.from({ length: columns }, (_, n) => flat[k * columns + n]),
  );

export class HolisticLandmarker {
  /** Where the body will be looked for in the next frame; null asks the detector. */
  private crop: Roi | null = null;
  /** The crops of the last frame, by name. */
  private kept = new Map<string, Roi>();
  /** The hands of the last frame, by part. */
  private hands = new Map<string, Point[]>();
  /** Filters by name: the body's, and those of the hands that are there. */
  private euros = new Map<string, OneEuro>();

  private constructor(
    private readonly networks: Networks,
    private readonly body: Name,
    readonly name: string,
    readonly backend: Backend,
  ) {}

  static async create({
    body = "full",
    backend,
    folder,
    threads,
    onBytes,
  }: Options = {}): Promise<HolisticLandmarker> {
    const chosen = backend ?? (await bestBackend());
    const network: Name = `pose_landmark_${body}`;
    const networks = await Networks.load(
      ["pose_detection", network, "hand_recrop", "hand_landmark_full"],
      chosen,
      folder,
      threads,
      onBytes,
    );
    return new HolisticLandmarker(networks, network, landmarkerName(body), chosen);
  }

  /** Begins a new clip, or a new person. */
  reset(): void {
    this.crop = null;
    this.kept.clear();
    this.hands.clear();
    this.euros.set("body", new OneEuro(spec.body.one_euro));
  }

  /** The crop of this name, kept from frame to frame while it can be. */
  private holdRoi(name: string, wish: Roi): Roi {
    const crop = holdRoi(wish, this.kept.get(name) ?? null);
    this.kept.set(name, crop);
    return crop;
  }

  /**
   * Landmarks of the next frame of the clip: 75 x 2 numbers in normalized coordinates, NaN =
   * missing.
   */
  async find(frame: ImageData): Promise<Float32Array> {
    const found = new Float32Array(NUM_LANDMARKS * 2).fill(NaN);
    const put = (first: number, points: Point[]) =>
      points.forEach(([x, y], k) =>
        found.set([Math.fround(x) / frame.width, Math.fround(y) / frame.height], 2 * (first + k)),
      );
    const body = await this.findBody(frame);
    if (!body) return found;
    put(
      0,
      body.slice(0, POSE_POINTS).map(({ at }) => at),
    );
    for (const [k, hand] of spec.hands.entries()) {
      const [wrist, pinky, index] = [body[hand.wrist], body[hand.pinky], body[hand.index]];
      const points = await this.findHand(frame, hand.part, wrist, pinky, index);
      if (points) put(HAND_FIRST[k], points);
    }
    return found;
  }

  /** Points through the filter of this name; `size` makes movements comparable. */
  private filter(name: string, points: Point[], size: number): Point[] {
    const calm = this.euros.get(name)!.next(points.flat(), 1 / Math.max(size, 1));
    return rows(calm, 2) as Point[];
  }

  private runNetwork(network: Name, frame: ImageData, crop: Roi): Promise<Float32Array[]> {
    const { size, outside, range } = spec.networks[network];
    return this.networks.run(network, cropRoi(frame, crop, size, outside, range));
  }

  private async findBody(frame: ImageData): Promise<BodyPoint[] | null> {
    const rule = spec.body;
    let crop = this.crop;
    this.crop = null;
    if (!crop) {
      this.reset();
      const whole = {
        x: frame.width / 2,
        y: frame.height / 2,
        side: Math.max(frame.width, frame.height),
        rotation: 0,
      };
      const person = decodeDetections(
        ...((await this.runNetwork("pose_detection", frame, whole)) as [
          Float32Array,
          Float32Array,
        ]),
        PLACES,
      );
      if (!person) return null;
      crop = roiFromPoints(roiToImage(person[0], whole), roiToImage(person[1], whole), rule);
    }
    crop = this.holdRoi("body", crop);
    const [numbers, presence, heatmap] = await this.runNetwork(this.body, frame, crop);
    if (presence[0] < rule.presence) return null;
    const answers = rows(numbers, 5);
    const { size } = spec.networks[this.body];
    const points = answers.map(([x, y]): Point => [x / size, y / size]);
    const side = Math.round(Math.sqrt(heatmap.length / points.length));
    const pixels = refineFromHeatmap(points, heatmap, side, rule.window, rule.peak).map((point) =>
      roiToImage(point, crop),
    );
    const [from, to] = [pixels[rule.from], pixels[rule.to]];
    this.crop = roiFromPoints(from, to, rule);
    const length = 2 * Math.hypot(to[0] - from[0], to[1] - from[1]);
    const calm = this.filter("body", pixels.slice(0, POSE_POINTS), length);
    calm.forEach((point, k) => (pixels[k] = point));
    return pixels.map((at, k) => ({ at, visibility: sigmoid(answers[k][3]) }));
  }

  /** The points of a hand in its crop, and how sure the network is that there is one. */
  private async lookAtHand(frame: ImageData, crop: Roi): Promise<[Point[], number]> {
    const [numbers, presence] = await this.runNetwork("hand_landmark_full", frame, crop);
    const { size } = spec.networks.hand_landmark_full;
    return [rows(numbers, 3).map(([x, y]) => roiToImage([x / size, y / size], crop)), presence[0]];
  }

  private async findHand(
    frame: ImageData,
    part: string,
    wrist: BodyPoint,
    pinky: BodyPoint,
    index: BodyPoint,
  ): Promise<Point[] | null> {
    const rule = spec.hand;
    const before = this.hands.get(part);
    this.hands.delete(part);
    const middle = [0, 1].map((i) => (2 * index.at[i] + pinky.at[i]) / 3) as Point;
    const wish = roiFromPoints(middle, wrist.at, rule.first);
    const inside = wish.x >= 0 && wish.x <= frame.width && wish.y >= 0 && wish.y <= frame.height;
    if (wrist.visibility <= rule.visibility || !inside || wish.side < 2) return null;
    const loose = this.holdRoi(`${part} loose`, wish);
    const [ends] = await this.runNetwork("hand_recrop", frame, loose);
    const { size } = spec.networks.hand_recrop;
    const [a, b] = rows(ends, 2).map(([x, y]) => roiToImage([x / size, y / size], loose));
    let crop = this.holdRoi(`${part} tight`, roiFromPoints(a, b, rule.second));
    let [points, presence] = await this.lookAtHand(frame, crop);
    if (presence <= rule.presence && before) {
      crop = quantizeRoi(roiAroundHand(before, rule.again));
      [points, presence] = await this.lookAtHand(frame, crop);
    }
    if (presence <= rule.presence) return null;
    if (!before) this.euros.set(part, new OneEuro(rule.one_euro));
    this.kept.set(`${part} tight`, crop);
    this.hands.set(part, points);
    const { side } = roiAroundHand(points, rule.again);
    // The shape is filtered, and where the hand is, is taken as it is found: a flying hand must not
    // be late.
    const [x, y] = [0, 1].map(
      (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length,
    );
    const shape = points.map(([px, py]) => [px - x, py - y] as Point);
    return this.filter(part, shape, side).map(([px, py]) => [px + x, py + y] as Point);
  }

  async close(): Promise<void> {
    await this.networks.close();
  }
}
