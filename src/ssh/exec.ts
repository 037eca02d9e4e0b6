import type { ClientChannel } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import { abortable } from './abort.js';
import type { Connection } from './connect.js';

export type ExecResult = {
  /** The exit status of the remote command. */
  code: number;
  stdout: string;
  stderr: string;
};

const maxOutputBytes = 8 * 1024 * 1024;

/**
 * Runs one command on the host OS. Only an exit status counts as an end: a connection cut in mid-output closes the
 * channel just as politely as success does (finding 3).
 * @throws UserError `command-cut` without an exit status, `command-killed` on a signal, or the signal's reason
 */
export async function exec(connection: Connection, command: string, signal: AbortSignal): Promise<ExecResult> {
  const running = await connection.openExec(command, signal, (channel) => ({
    channel,
    ended: watchEnd(channel, connection.title, command),
  }));
  try {
    return await abortable(AbortSignal.any([signal, connection.lost]), (resolve, reject) => {
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
  const stdout = collectText(channel);
  const stderr = collectText(channel.stderr);
  const what = `"${printableLine(command, 80)}" on ${title}`;
  let exit: { code: number | null; signalName: string | undefined } | undefined;
  const ended = new Promise<ExecResult>((resolve, reject) => {
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

function collectText(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxOutputBytes) chunks.push(chunk);
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
  return /^[A-Za-z0-9_./:=@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
