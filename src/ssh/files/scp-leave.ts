import type { ScpManners } from './scp-manners.js';
import { beginsRecord } from './scp-protocol.js';
import type { ScpSource } from './scp-source.js';

/** How long a source may take to end once it was told to. */
const graceMs = 1000;
/** If the connection is lost this soon after leaving a source, leaving was the cause. */
const dyingMs = 2000;
/** At most this many unwanted bytes are read and dropped to keep the connection. */
const maxPassedBytes = 256 * 1024 * 1024;

type Options = { shell: boolean; manners: ScpManners; signal: AbortSignal };

/** Ends a source in the background; what it still sends is dropped. */
export function leaveSource(source: ScpSource, options: Options): void {
  if (options.shell) endProgram(source);
  else void endServed(source, options).catch(() => source.channel.close());
}

/**
 * Ends a source that runs as a program behind a shell. Closing it while it sends bytes upsets dropbear, so it is ended
 * first.
 */
function endProgram({ channel, bytes }: ScpSource): void {
  channel.signal('TERM');
  channel.end();
  closeLate(channel);
  bytes.stop();
  channel.resume();
}

/**
 * Ends a source that is part of the server itself. Some of these end the whole connection at a signal, at the end of our
 * input, or at a close. Such a source ends by itself when the next file is declined, or when it is read to its end.
 */
async function endServed(source: ScpSource, { manners, signal }: Options): Promise<void> {
  const { channel, bytes, lost } = source;
  const isInside = source.bytesLeft > 0;
  if (isInside && manners.diesOfLeaving && source.bytesLeft <= maxPassedBytes && !signal.aborted) {
    while (source.bytesLeft > 0) {
      const chunk = await bytes.some(source.bytesLeft);
      if (chunk === undefined) break;
      source.bytesLeft -= chunk.length;
    }
    channel.write('\0');
  } else if (isInside) {
    lost.addEventListener(
      'abort',
      () => {
        manners.diesOfLeaving = true;
      },
      { signal: AbortSignal.timeout(dyingMs) },
    );
    channel.close();
    channel.pause();
  } else if (source.isOffered) {
    channel.write('\x01not now\n');
    closeLate(channel);
    if (await sendsOn(bytes)) {
      manners.ignoresNo = true; // such a source takes a close
      channel.close();
    }
  }
  bytes.stop();
  channel.resume();
  closeLate(channel);
}

/** Whether the bytes of a declined file come anyway; else another file is offered, or the source has ended. */
async function sendsOn(bytes: ScpSource['bytes']): Promise<boolean> {
  const next = await bytes.some(1);
  return next !== undefined && !beginsRecord(next[0]);
}

function closeLate(channel: ScpSource['channel']): void {
  const tooLong = setTimeout(() => {
    channel.close();
    channel.pause(); // whatever it goes on to send, no more is asked for
  }, graceMs);
  tooLong.unref(); // nobody has to wait for it
  channel.once('close', () => clearTimeout(tooLong));
}
