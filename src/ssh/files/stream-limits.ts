import type { Readable } from 'node:stream';
import { itemError } from '../../errors.js';

const idleMs = 30_000;
/** How many bytes may wait to be taken before the stream is held back. */
const waitingBytes = 512 * 1024;

/**
 * The chunks of a stream, to its end or to where it breaks off; a stream that stays silent for 30 s is given up. Chunks
 * are taken as they come: reading on `readable` would join them first, which costs a copy. What has come is handed out
 * before an error is thrown.
 * @throws UserError `transfer-stalled`, or the signal's reason
 */
export async function* chunksOf(stream: Readable, signal: AbortSignal, title: string): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let over = stream.readableEnded || stream.destroyed;
  let wake = () => {};
  const take = (chunk: Buffer) => {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes >= waitingBytes) stream.pause();
    wake();
  };
  const end = () => {
    over = true;
    wake();
  };
  const happened = () => wake();
  const stop = () => {
    stream.pause();
    wake();
  };
  stream.on('end', end).on('close', end).on('error', happened).on('data', take);
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      if (waiting.length > 0) {
        const taken = waiting;
        waiting = [];
        bytes = 0;
        if (!stream.destroyed && !signal.aborted) stream.resume(); // what has broken off would throw away what it holds
        yield* taken;
      } else if (over || signal.aborted) {
        await new Promise((resolve) => setImmediate(resolve)); // a lost connection is told right after
        stream.off('data', take);
        const heldBack = stream.read() as Buffer | null;
        if (heldBack !== null) yield heldBack;
        signal.throwIfAborted();
        return;
      } else {
        await inTime(title, (resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stream.off('end', end).off('close', end).off('error', happened).off('data', take);
    signal.removeEventListener('abort', stop);
  }
}

/** Waits in a promise of its own: racing against a long-lived promise would keep every chunk in memory. */
function inTime(title: string, start: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(itemError('transfer-stalled', `${title} has sent nothing for ${idleMs / 1000} s`)),
      idleMs,
    );
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
