import type { ClientChannel } from 'ssh2';
import { screenText, unwrapEcho } from './cli-text.js';

const tailCharacters = 4096;
/** Silence after which a line without an end may be a prompt or a question. */
export const quietMs = 80;

/** Everything a channel has sent, and a way to wait for more or for silence. */
export interface Screen {
  send(text: string): void;
  mark(): number;
  /** @param command if given, its echo comes first */
  text(from: number, command?: string): string;
  /** The last 4 KiB, as seen on the screen. */
  tail(from?: number): string;
  silentMs(): number;
  next(quietForMs: number, signal: AbortSignal): Promise<'data' | 'quiet' | 'closed'>;
}

export function watch(channel: ClientChannel, lost: AbortSignal): Screen {
  let raw = '';
  let recent = ''; // the end of it: putting it together for every piece would cost its square
  let closed = false;
  let unseen = false;
  let lastDataAt = performance.now();
  let wake: (() => void) | undefined;
  const decoder = new TextDecoder();
  const receive = (chunk: Buffer) => {
    const said = decoder.decode(chunk, { stream: true });
    raw += said;
    recent = (recent + said).slice(-tailCharacters);
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

  const text = (from: number, command = '') => screenText(unwrapEcho(raw.slice(from), command));
  return {
    send: (keys) => {
      if (!closed) channel.write(keys);
    },
    mark: () => raw.length,
    text,
    tail: (from = 0) => screenText(recent.slice(Math.max(0, from - (raw.length - recent.length)))),
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

/** What stands after the last line feed. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}
