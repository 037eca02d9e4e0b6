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
/** A command that prints more than this is taken for endless. */
const maxPassedBytes = 64 * 1024 * 1024;

/** Printed before the output of a command, to separate it from what a login script prints. */
export const beginning = 'icepack-begins';

/**
 * Runs one command in the shell of the host OS, without standard input, so that a command that asks does not wait. Only
 * an exit status counts as an end: a connection cut in mid-output closes the channel just as a success does.
 * @throws UserError `command-cut` without an exit status, `command-killed` on a signal, `command-endless` past 64 MiB, or
 * the signal's reason
 */
export async function exec(sessions: SessionSource, command: string, signal: AbortSignal): Promise<ExecResult> {
  const result = await execPlain(sessions, shellCommand(command), signal, command);
  const begins = new RegExp(`${beginning}\\r?\\n`).exec(result.stdout);
  return begins === null ? result : { ...result, stdout: result.stdout.slice(begins.index + begins[0].length) };
}

/**
 * The command as it is sent: without standard input, and after a line that separates its output from what a login script
 * prints.
 */
export function shellCommand(command: string): string {
  return `exec </dev/null; echo ${beginning}; ${command}`;
}

/** If a login script prints more than this, the beginning is no longer looked for. */
const maxNoiseBytes = 64 * 1024;

/** Hands on what follows the beginning; where there was none, hands on everything at the end. */
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
 * Runs one command without relying on a shell.
 * @param heard receives what it prints while it runs, even beyond what the answer holds
 * @throws the errors of `exec`
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
