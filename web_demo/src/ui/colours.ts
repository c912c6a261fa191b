/**
 * From the planes of a decoded frame to red, green and blue, in the integer arithmetic of FFmpeg's
 * swscale as OpenCV calls it on the PCs on which landmarks for training are made: ITU-R BT.601
 * whatever the file says, both of a square's chroma values for its four pixels, products cut off
 * instead of rounded. A browser's own conversion is a grey level or two brighter, and a model sees
 * that (section 10a of the book).
 */

// shares of 2^16, ITU-R BT.601 for colours that span 224 steps
const BT601 = { vr: 104597, ub: 132201, ug: -25675, vg: -53279 };
const short = (value: number) => (value + (1 << 15)) >> 16;

/** What each luma or chroma value adds to a colour. */
function tables(full: boolean) {
  const luma = full ? 1 << 16 : Math.floor(((1 << 16) * 255) / 219);
  const table = (share: number, zero: number) =>
    Int16Array.from(
      { length: 256 },
      (_, value) => ((8 * value - 8 * zero) * short(share * (1 << 13))) >> 16,
    );
  const chroma = (share: number) =>
    table(full ? Math.sign(share) * Math.floor((Math.abs(share) * 224) / 255) : share, 128);
  return {
    y: table(luma, full ? 0 : 16),
    vr: chroma(BT601.vr),
    ub: chroma(BT601.ub),
    ug: chroma(BT601.ug),
    vg: chroma(BT601.vg),
  };
}

const TABLES = { full: tables(true), limited: tables(false) };

export interface Planes {
  data: Uint8Array;
  /**
   * Where each plane begins and how long its rows are, from `VideoFrame.copyTo`; two planes where U
   * and V take turns (NV12), else three.
   */
  layout: { offset: number; stride: number }[];
  width: number;
  height: number;
  /** Whether black and white are 0 and 255, or 16 and 235. */
  full: boolean;
  /** Degrees, clockwise, by which the recording asks to be turned. */
  rotation?: number;
}

/** The image of 8-bit planes with one chroma value for 2 x 2 pixels, turned upright. */
export function image({ data, layout, width, height, full, rotation = 0 }: Planes): ImageData {
  const { y, vr, ub, ug, vg } = TABLES[full ? "full" : "limited"];
  const [luma, chroma, second] = layout;
  const step = second ? 1 : 2;
  const [v0, vStride] = second
    ? [second.offset, second.stride]
    : [chroma.offset + 1, chroma.stride];
  const made = rotation % 180 ? new ImageData(height, width) : new ImageData(width, height);
  // Where the first pixel goes, and how far the next column's and the next row's are from it.
  const [first, right, down] = {
    0: [0, 1, width],
    90: [height - 1, height, -1],
    180: [width * height - 1, -1, -width],
    270: [(width - 1) * height, -height, 1],
  }[rotation]!;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bright = y[data[luma.offset + row * luma.stride + column]];
      const u = data[chroma.offset + (row >> 1) * chroma.stride + (column >> 1) * step];
      const v = data[v0 + (row >> 1) * vStride + (column >> 1) * step];
      const at = 4 * (first + column * right + row * down);
      made.data[at] = bright + vr[v];
      made.data[at + 1] = bright + ug[u] + vg[v];
      made.data[at + 2] = bright + ub[u];
      made.data[at + 3] = 255;
    }
  }
  return made;
}
