/** How often each rule masked something, e.g. `{ password: 3, 'pem-block': 1 }`. */
export type RedactionCounts = Readonly<Record<string, number>>;

export type Redactor = {
  /** Takes the next chunk of a text. @returns what is ready by now */
  push(chunk: Buffer): Generator<Buffer>;
  /** Ends the text. @returns the rest of it */
  end(): Generator<Buffer>;
  counts(): RedactionCounts;
};
