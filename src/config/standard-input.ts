import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What a person or a script gives in a file, or on standard input. */
export type Given = { cwd: string; stdin: NodeJS.ReadStream; signal: AbortSignal };

export function standardInput({ stdin, signal }: Omit<Given, 'cwd'>): Promise<string> {
  return text(stdin.pipe(new PassThrough({ signal })));
}
