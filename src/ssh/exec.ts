import type { ClientChannel } from 'ssh2';
import { shellWord } from '../domain/quoting.js';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import { abortable } from './abort.js';
import type { SessionSource } from './connection.js';

export type ExecResult = {
  /** The exit status of the remote command. */
  code: number;
  stdout: string;
  stderr: string;
};

const maxOutputBytes = 8 * 1024 * 1024;
/** What prints more than this will not end. */
const maxPassedBytes = 64 * 1024 * 1024;

/** Printed before the output of a command: what a login script printed before it is no part of the answer. */
export const beginning = 'icepack-begins';

/**
 * Runs one command in the shell of the host OS, without standard input: what asks gets no answer instead of our time.
 * Only an exit status counts as an end: a connection cut in mid-output closes the channel just as politely as success
 * does.
 * @throws UserError `command-cut` without an exit status, `command-killed` on a signal, `command-endless` past
 * 64 MiB, or the signal's reason
 */
export async function exec(sessions: SessionSource, command: string, signal: AbortSignal): Promise<ExecResult> {
  const result = await execPlain(sessions, shellCommand(command), signal, command);
  const begins = new RegExp(`${beginning}\\r?\\n`).exec(result.stdout);
  return begins === null ? result : { ...result, stdout: result.stdout.slice(begins.index + begins[0].length) };
}

/** As it is sent: without standard input, and behind a line that tells it from what a login script prints. */
export function shellCommand(command: string): string {
  return `exec </dev/null; echo ${beginning}; ${command}`;
}

/** A login script that prints more than this before the beginning has none. */
const maxNoiseBytes = 64 * 1024;

/** Hands on what comes behind the beginning; all of it in the end, where there was none. */
export function afterBeginning(take: (chunk: Buffer) => void): { push(chunk: Buffer): void; end(): void } {
  let noise: Buffer | undefined = Buffer.alloc(0);
  const passOn = (rest: Buffer) => {
    noise = undefined;
    if (rest.length > 0) take(rest);
  };
  return {
    push(chunk) {
      if (noise === undefined) return take(chunk);
      noise = Buffer.concat([noise, chunk]);
      const begins = new RegExp(`${beginning}\\r?\\n`).exec(noise.toString('latin1'));
      if (begins !== null) passOn(noise.subarray(begins.index + begins[0].length));
      else if (noise.length >= maxNoiseBytes) passOn(noise);
    },
    end() {
      if (noise !== undefined) passOn(noise);
    },
  };
}

/**
 * Runs one command where no shell need be.
 * @param heard gets what it prints while it runs, also more than the answer holds
 * @throws as `exec` does
 */
export async function execPlain(
  sessions: SessionSource,
  command: string,
  signal: AbortSignal,
  shown = command,
  heard?: (text: Buffer) => void,
): Promise<ExecResult> {
  const running = await sessions.openExec(command, signal, (channel, lost) => {
    if (heard !== undefined) for (const stream of [channel, channel.stderr]) stream.on('data', heard);
    return { channel, lost, ended: watchEnd(channel, sessions.title, shown) };
  });
  try {
    return await abortable(AbortSignal.any([signal, running.lost]), (resolve, reject) => {
      running.ended.then(resolve, reject);
    });
  } catch (error) {
    running.channel.signal('TERM');
    throw error;
  } finally {
    running.channel.close();
  }
}

function watchEnd(channel: ClientChannel, title: string, command: string): Promise<ExecResult> {
  let flooded: () => void = () => undefined;
  const stdout = collectText(channel, () => flooded());
  const stderr = collectText(channel.stderr, () => flooded());
  const what = `"${printableLine(command, 80)}" on ${title}`;
  let exit: { code: number | null; signalName: string | undefined } | undefined;
  const ended = new Promise<ExecResult>((resolve, reject) => {
    flooded = () => reject(itemError('command-endless', `${what} printed more than 64 MiB`));
    channel.on('exit', (code: number | null, signalName?: string) => {
      exit = { code, signalName };
    });
    channel.on('error', reject);
    channel.on('close', () => {
      if (exit === undefined) reject(itemError('command-cut', `${what} ended without an exit status`));
      else if (exit.code === null)
        reject(itemError('command-killed', `${what} was ended by signal ${exit.signalName ?? '?'}`));
      else resolve({ code: exit.code, stdout: stdout(), stderr: stderr() });
    });
  });
  ended.catch(() => undefined); // whoever waits gets it; after an abort nobody does
  return ended;
}

function collectText(stream: NodeJS.ReadableStream, onFlood: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxOutputBytes) chunks.push(chunk);
    if (bytes > maxPassedBytes) onFlood();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Quotes one argument for a POSIX shell. @throws UserError `unsafe-name` for control characters */
export function shellQuote(argument: string): string {
  if (/[\x00-\x1f\x7f]/.test(argument)) {
    throw itemError(
      'unsafe-name',
      `a name with control characters is not used in a command: ${JSON.stringify(argument)}`,
    );
  }
  return shellWord(argument);
}
