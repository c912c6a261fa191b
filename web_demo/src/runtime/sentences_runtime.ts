/** All that a worker needs for sentences: one part of the program, fetched when it is wanted. */
export { SentenceReader } from "./sentences";
export { OnnxStream } from "./stream";
