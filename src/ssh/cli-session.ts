import type { ClientChannel } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import { endsWithPrompts, outputOf, pagerKey, promptPattern, screenText } from './cli-text.js';
import type { Connection } from './connect.js';

export type CliOutput = {
  /** The prompt the command was typed at. */
  prompt: string;
  command: string;
  /** What a person would have seen after pressing Enter. */
  text: string;
  started: Date;
  ended: Date;
};

/** A dialogue with the InCenter CLI: an interactive shell with a prompt, on which commands run one after the other. */
export interface CliSession {
  /**
   * Runs one command to its end.
   * @throws UserError `cli-cut` when the session ended first, `cli-endless` past 16 MiB; `printed` tells what came
   */
  run(command: string, signal: AbortSignal): Promise<CliOutput>;
  /** What the last command printed so far, also when it failed. */
  printed(): string;
  close(): void;
}

const maxOutputCharacters = 16 * 1024 * 1024;
/** Silence after which a line without an end may be a prompt. */
const quietMs = 80;
const firstPromptQuietMs = 250;
/** Silence after which one prompt after our empty line is believed, though text came in between. */
const settledMs = 1500;
const firstPromptTimeoutMs = 30_000;

/** Opens a shell and learns its prompt. @throws UserError `no-prompt` */
export async function openCliSession(connection: Connection, signal: AbortSignal): Promise<CliSession> {
  const { channel, screen } = await connection.openShell(signal, (opened) => ({
    channel: opened,
    screen: watch(opened, connection.lost),
  }));
  try {
    const prompt = await learnPrompt(screen, connection.title, signal);
    return sessionOn(channel, screen, prompt, connection.title);
  } catch (error) {
    channel.close();
    throw error;
  }
}

function sessionOn(channel: ClientChannel, screen: Screen, prompt: string, title: string): CliSession {
  const pattern = promptPattern(prompt);
  let last = { command: '', from: 0 };
  return {
    run(command, signal) {
      last = { command, from: screen.mark() };
      return runCommand(screen, { command, prompt, pattern, title }, signal);
    },
    printed: () => outputOf(screen.text(last.from), last.command, pattern, false),
    close: () => channel.close(),
  };
}

async function learnPrompt(screen: Screen, title: string, signal: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(firstPromptTimeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  let candidate: string | undefined;
  try {
    for (;;) {
      const happened = await screen.next(candidate === undefined ? firstPromptQuietMs : quietMs, either);
      if (happened === 'closed')
        throw itemError('no-prompt', `${title} closed the shell: ${printableLine(screen.tail())}`);
      if (happened === 'data') continue;
      const line = lastLine(screen.tail());
      const key = pagerKey(line);
      if (key !== undefined) {
        screen.send(key);
        candidate = undefined;
      } else if (candidate !== undefined && endsWithPrompts(screen.tail(), promptPattern(candidate), 2)) {
        return candidate;
      } else if (line.trim() !== '' && line !== candidate) {
        candidate = line;
        screen.send('\r');
      } else if (candidate === undefined && screen.silentMs() > 2000) {
        candidate = '';
        screen.send('\r'); // some servers wait for the first key
      }
    }
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw itemError(
      'no-prompt',
      `${title} shows no prompt within ${firstPromptTimeoutMs / 1000} s: "${printableLine(screen.tail())}"`,
    );
  }
}

type Dialogue = { command: string; prompt: string; pattern: string; title: string };

/**
 * A prompt at the end of the output may be output, too. So an empty line is sent when one is seen: it is answered by a
 * second prompt only when the command has ended.
 */
async function runCommand(screen: Screen, dialogue: Dialogue, signal: AbortSignal): Promise<CliOutput> {
  const { command, prompt, pattern, title } = dialogue;
  const started = new Date();
  const from = screen.mark();
  let nudgedAt: number | undefined;
  let paged = false;
  screen.send(`${command}\r`);
  try {
    for (;;) {
      const happened = await screen.next(nudgedAt === undefined ? quietMs : settledMs, signal);
      if (happened === 'closed') throw itemError('cli-cut', `${title} ended the session during "${command}"`);
      const tail = screen.tail(from);
      const key = pagerKey(tail);
      if (key !== undefined && happened === 'quiet') {
        paged = true;
        screen.send(key);
      } else if (nudgedAt === undefined) {
        if (happened === 'quiet' && endsWithPrompts(tail, pattern, 1)) {
          nudgedAt = screen.mark();
          screen.send('\r');
        }
      } else if (
        endsWithPrompts(tail, pattern, 2) ||
        (happened === 'quiet' && endsWithPrompts(screen.tail(nudgedAt), pattern, 1))
      ) {
        return {
          prompt,
          command,
          text: outputOf(screen.text(from), command, pattern, paged),
          started,
          ended: new Date(),
        };
      }
      if (screen.mark() - from > maxOutputCharacters)
        throw itemError('cli-endless', `"${command}" on ${title} printed more than 16 MiB`);
    }
  } catch (error) {
    screen.send('\x03'); // leave nothing running
    throw error;
  }
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** Everything a channel has sent, and a way to wait for more or for silence. */
interface Screen {
  send(text: string): void;
  mark(): number;
  text(from: number): string;
  /** The last 4 KiB, as seen on the screen. */
  tail(from?: number): string;
  silentMs(): number;
  next(quietForMs: number, signal: AbortSignal): Promise<'data' | 'quiet' | 'closed'>;
}

function watch(channel: ClientChannel, lost: AbortSignal): Screen {
  let raw = '';
  let closed = false;
  let unseen = false;
  let lastDataAt = performance.now();
  let wake: (() => void) | undefined;
  const decoder = new TextDecoder();
  const receive = (chunk: Buffer) => {
    raw += decoder.decode(chunk, { stream: true });
    unseen = true;
    lastDataAt = performance.now();
    wake?.();
  };
  const close = () => {
    closed = true;
    wake?.();
  };
  channel.on('data', receive);
  channel.stderr.on('data', receive);
  channel.on('close', close);
  channel.on('error', close);
  lost.addEventListener('abort', close, { once: true });

  const text = (from: number) => screenText(raw.slice(from));
  return {
    send: (keys) => {
      if (!closed) channel.write(keys);
    },
    mark: () => raw.length,
    text,
    tail: (from = 0) => text(Math.max(from, raw.length - 4096)),
    silentMs: () => performance.now() - lastDataAt,
    async next(quietForMs, signal) {
      signal.throwIfAborted();
      if (!unseen && !closed) await pause(quietForMs, signal, (waker) => (wake = waker));
      signal.throwIfAborted();
      if (unseen) {
        unseen = false;
        return 'data';
      }
      return closed ? 'closed' : 'quiet';
    },
  };
}

function pause(ms: number, signal: AbortSignal, register: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    register(done);
  });
}
