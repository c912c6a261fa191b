/** Numbers and texts, one after the other, as the bytes of a file; little-endian. */
export class ByteWriter {
  private readonly parts: Uint8Array<ArrayBuffer>[] = [];
  length = 0;

  bytes(part: Uint8Array<ArrayBuffer>): this {
    this.parts.push(part);
    this.length += part.length;
    return this;
  }

  private number(bytes: number, set: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(bytes));
    set(view);
    return this.bytes(new Uint8Array(view.buffer));
  }

  u16(...values: number[]): this {
    for (const value of values) this.number(2, (view) => view.setUint16(0, value, true));
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.number(4, (view) => view.setUint32(0, value, true));
    return this;
  }

  f32(...values: number[]): this {
    for (const value of values) this.number(4, (view) => view.setFloat32(0, value, true));
    return this;
  }

  /** All that was written. */
  joined(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

export const utf8 = (text: string) => new TextEncoder().encode(text);
