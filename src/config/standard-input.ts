import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What a person or a script gives in a file, or on standard input. */
export type Given = { cwd: string; stdin: NodeJS.ReadStream; signal: AbortSignal };

export function standardInput({ stdin, signal }: Omit<Given, 'cwd'>): Promise<string> {
  return text(stdin.pipe(new PassThrough({ signal })));
}

/** So much of its beginning; the rest is read and forgotten, so that whoever writes it is not cut off. */
export async function beginningOfInput({ stdin, signal }: Omit<Given, 'cwd'>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin.pipe(new PassThrough({ signal }))) {
    const part: Buffer = chunk;
    if (bytes < maxBytes) chunks.push(part.subarray(0, maxBytes - bytes));
    bytes += part.length;
  }
  return Buffer.concat(chunks);
}
