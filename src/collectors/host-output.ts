import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { printable } from '../domain/text.js';
import type { OutputEnd } from '../ssh/exec-output.js';
import { handOver } from './beside.js';
import type { HostOsTools } from './collector.js';

/** The output of a command on the host OS, as it comes, within the time of one command. @returns how the command ended */
export async function* outputOf(hostOs: HostOsTools, command: string): AsyncGenerator<Buffer, OutputEnd> {
  const output = new PassThrough();
  output.on('error', () => undefined); // whoever reads gets it
  const running = hostOs.output(command, (chunk) => handOver(output, chunk));
  running.then(
    () => output.end(),
    () => output.end(),
  ); // how it ended is told below
  for await (const chunk of output as AsyncIterable<Buffer>) yield chunk;
  return running;
}

/** A longer line is shown in pieces. */
const maxLineBytes = 64 * 1024;

/**
 * The text line by line, without anything that a terminal would act on. @returns what the source returns; its failure
 * comes last
 */
export async function* printableOf<T>(source: AsyncGenerator<Buffer, T>): AsyncGenerator<Buffer, T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) return next.value;
      const text = rest + decoder.write(next.value);
      const end = text.length > maxLineBytes ? text.length : text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      if (end > 0) yield Buffer.from(printable(text.slice(0, end)));
    }
  } finally {
    rest += decoder.end();
    if (rest !== '') yield Buffer.from(`${printable(rest)}\n`);
  }
}
