/** Takes bytes out of a stream piece by piece, as a protocol needs them. */
export interface ByteReader {
  /** The next bytes, at least one and at most `atMost`; undefined at the end. */
  some(atMost: number): Promise<Buffer | undefined>;
  /** The bytes up to an LF, without it; undefined when the stream ends first, or `atMost` bytes hold none. */
  line(atMost: number): Promise<Buffer | undefined>;
  /** Stops reading: nothing more is wanted from the stream. */
  stop(): void;
}

export function readBytes(source: AsyncGenerator<Buffer>): ByteReader {
  let rest: Buffer | undefined;
  const more = async (): Promise<Buffer | undefined> => {
    while (rest === undefined || rest.length === 0) {
      const next = await source.next();
      if (next.done) return undefined;
      rest = next.value;
    }
    return rest;
  };
  const reader: ByteReader = {
    async some(atMost) {
      const bytes = await more();
      if (bytes === undefined) return undefined;
      rest = bytes.subarray(atMost);
      return bytes.subarray(0, atMost);
    },
    async line(atMost) {
      const parts: Buffer[] = [];
      let length = 0;
      while (length < atMost) {
        const bytes = await more();
        if (bytes === undefined) return undefined;
        const end = bytes.subarray(0, atMost - length).indexOf(0x0a);
        const taken = await reader.some(end < 0 ? atMost - length : end + 1);
        if (taken === undefined) return undefined;
        if (end >= 0) return Buffer.concat([...parts, taken.subarray(0, -1)]);
        parts.push(taken);
        length += taken.length;
      }
      return undefined;
    },
    stop: () => void source.return(undefined),
  };
  return reader;
}
