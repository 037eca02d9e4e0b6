import type { ClientChannel } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import { abortable } from './abort.js';
import type { SessionSource } from './connection.js';
import { afterBeginning, shellCommand } from './exec.js';

export type OutputOptions = {
  signal: AbortSignal;
  /** The command is ended after this many bytes. */
  maxBytes: number;
  /** Receives what the command prints, on both streams as it comes; the command waits for it. */
  take(chunk: Buffer): Promise<void>;
};

/** `code` is the exit status; undefined where the command was ended because it printed too much. */
export type OutputEnd = { code: number | undefined };

/** This many bytes may wait to be taken before the server is held back. */
const maxWaitingBytes = 1024 * 1024;

/** Runs one command like `exec`, and hands on its output piece by piece. @throws the errors of `exec` */
export async function execOutput(sessions: SessionSource, command: string, options: OutputOptions): Promise<OutputEnd> {
  const { signal } = options;
  const running = await sessions.openExec(shellCommand(command), signal, (channel, lost) => ({
    channel,
    lost,
    ended: handOver(channel, `"${printableLine(command, 80)}" on ${sessions.title}`, options),
  }));
  let isOver = false;
  try {
    const end = await abortable<OutputEnd>(AbortSignal.any([signal, running.lost]), (resolve, reject) => {
      running.ended.then(resolve, reject);
    });
    isOver = end.code !== undefined;
    return end;
  } finally {
    if (!isOver) running.channel.signal('TERM');
    running.channel.close();
    running.channel.resume(); // what still comes passes by
  }
}

/** Hands over one chunk after the other, in their order. */
function handOver(channel: ClientChannel, what: string, { maxBytes, take }: OutputOptions): Promise<OutputEnd> {
  const streams = [channel, channel.stderr];
  let left = maxBytes;
  let waitingBytes = 0;
  let exit: { code: number | null } | undefined;
  let taken: Promise<void> = Promise.resolve();
  const ended = new Promise<OutputEnd>((resolve, reject) => {
    const receive = (received: Buffer) => {
      const chunk = received.subarray(0, left);
      const isMore = received.length > left;
      left -= chunk.length;
      waitingBytes += chunk.length;
      if (waitingBytes > maxWaitingBytes) for (const stream of streams) stream.pause();
      taken = taken.then(async () => {
        if (chunk.length > 0) await take(chunk);
        waitingBytes -= chunk.length;
        if (waitingBytes <= maxWaitingBytes) for (const stream of streams) stream.resume();
        if (isMore) resolve({ code: undefined });
      });
      taken.catch(reject);
    };
    const output = afterBeginning(receive);
    channel.on('data', output.push);
    channel.stderr.on('data', receive);
    channel.on('exit', (code: number | null) => {
      exit = { code };
    });
    channel.on('error', reject);
    channel.on('close', () => {
      output.end();
      taken
        .then(() => {
          if (exit === undefined) throw itemError('command-cut', `${what} ended without an exit status`);
          if (exit.code === null) throw itemError('command-killed', `${what} was ended by a signal`);
          resolve({ code: exit.code });
        })
        .catch(reject);
    });
  });
  ended.catch(() => undefined); // whoever waits gets it; after an abort nobody does
  return ended;
}
