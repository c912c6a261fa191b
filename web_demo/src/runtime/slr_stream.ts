/**
 * A network for sentences on our own runtime (section 14l of the book): what it remembers stays in
 * the memory of its module from one call to the next.
 */
import { Failure } from "../i18n/failure";
import { bestBuild, type Build } from "./builds";
import { type Header, openProgram, type Program, readNotes } from "./slr";
import { FileStream } from "./stream";
import { checkedNotes, type StreamNotes } from "./stream_notes";

export class SlrStream extends FileStream {
  private constructor(
    name: string,
    bytes: number,
    notes: StreamNotes,
    readonly runtime: Build,
    private readonly header: Header,
    private program: Program | undefined,
  ) {
    super(name, bytes, notes);
  }

  static async open(name: string, file: Uint8Array, build = bestBuild()): Promise<SlrStream> {
    const { header, program } = await openProgram(name, file, build);
    const notes = checkedNotes(name, readNotes(name, file, header));
    const { frames, stride } = notes;
    if (header.maxFrames !== frames || header.answers * stride !== frames)
      throw new Failure("streamNotes", { name, what: "frames" });
    const opened = new SlrStream(name, file.length, notes, build, header, program);
    opened.restart();
    return opened;
  }

  private get memory(): Program {
    if (!this.program) throw new Failure("closed", { name: this.name });
    return this.program;
  }

  protected forget(): void {
    const { memory, input } = this.memory;
    new Float32Array(memory.buffer, input(), this.header.arenaFloats).fill(0);
  }

  protected answer(landmarks: Float32Array): Float32Array {
    const { memory, input, output, predict } = this.memory;
    new Float32Array(memory.buffer, input(), landmarks.length).set(landmarks);
    predict(this.notes.frames);
    const { answers, classes } = this.header;
    const apart = 8 * Math.ceil(classes / 8); // floats from one row to the next
    const found = new Float32Array(answers * classes);
    for (let row = 0; row < answers; row++)
      found.set(
        new Float32Array(memory.buffer, output() + 4 * row * apart, classes),
        row * classes,
      );
    return found;
  }

  async dispose(): Promise<void> {
    this.program = undefined;
  }
}
