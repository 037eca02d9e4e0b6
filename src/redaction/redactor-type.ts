/** How often each rule masked something, e.g. `{ password: 3, 'pem-block': 1 }`. */
export type RedactionCounts = Readonly<Record<string, number>>;

export type Redactor = {
  /** Feeds more of a text. @returns what is clean by now */
  push(chunk: Buffer): Generator<Buffer>;
  /** The end of the text. @returns the rest of it */
  end(): Generator<Buffer>;
  counts(): RedactionCounts;
};
