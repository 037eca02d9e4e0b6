import type { Readable } from 'node:stream';
import { itemError } from '../../errors.js';

const idleMs = 30_000;

/**
 * The chunks of a stream, to its end or to where it breaks off; one that stays silent is given up after 30 s.
 * @throws UserError `transfer-stalled`, or the signal's reason
 */
export async function* chunksOf(stream: Readable, signal: AbortSignal, title: string): AsyncGenerator<Buffer> {
  let over = stream.readableEnded || stream.destroyed;
  const end = () => {
    over = true;
  };
  stream.on('end', end);
  stream.on('close', end);
  try {
    for (;;) {
      signal.throwIfAborted();
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
      } else if (over) {
        await new Promise((resolve) => setImmediate(resolve)); // a lost connection is told right after
        signal.throwIfAborted();
        return;
      } else {
        await somethingHappens(stream, signal, title);
      }
    }
  } finally {
    stream.off('end', end);
    stream.off('close', end);
  }
}

/** A promise of its own for each wait: racing against one that lives long would keep every chunk in memory. */
function somethingHappens(stream: Readable, signal: AbortSignal, title: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(() => reject(itemError('transfer-stalled', `${title} has sent nothing for ${idleMs / 1000} s`))),
      idleMs,
    );
    const settle = (how: () => void) => {
      clearTimeout(timer);
      for (const event of ['readable', 'end', 'close', 'error']) stream.off(event, happened);
      signal.removeEventListener('abort', happened);
      how();
    };
    const happened = () => settle(resolve);
    for (const event of ['readable', 'end', 'close', 'error']) stream.on(event, happened);
    signal.addEventListener('abort', happened, { once: true });
  });
}
