type Decoder = { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64: decode } = Uint8Array as Decoder;
  if (decode !== undefined) return decode.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Far more than a block has: what is larger is not what was written. */
const blockBytesMax = 4 * 1024 * 1024;

/** Throws where the browser is too old, the bytes are not what they were, or become more than so many. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>, most = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  // What is wrong with the bytes is told by the reader.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length <= most) continue;
    await reader.cancel();
    throw new RangeError('more than a block has');
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

export function canInflate(): boolean {
  try {
    new DecompressionStream('deflate-raw');
    return true;
  } catch {
    return false; // there is none, or only for other formats
  }
}

/** The lines of a block; undefined where it cannot be read. */
export async function linesOfBlock(base64: string, count: number): Promise<string[] | undefined> {
  try {
    const texts = new TextDecoder().decode(await inflate(fromBase64(base64), blockBytesMax)).split('\n');
    return texts.length === count ? texts : undefined;
  } catch {
    return undefined; // damaged on its way: the others can still be read
  }
}
