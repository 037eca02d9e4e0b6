import type { ScpManners } from './scp-manners.js';
import { beginsRecord } from './scp-protocol.js';
import type { ScpSource } from './scp-source.js';

/** How long a source may take to end once it was told to. */
const graceMs = 1000;
/** A connection that is lost so soon after a source was left was lost by that. */
const dyingMs = 2000;
/** What is let pass rather than lose the connection. */
const maxPassedBytes = 256 * 1024 * 1024;

type Options = { shell: boolean; manners: ScpManners; signal: AbortSignal };

/** Ends a source; what it still sends passes by. Nobody has to wait for that. */
export function leaveSource(source: ScpSource, options: Options): void {
  if (options.shell) endProgram(source);
  else void endServed(source, options).catch(() => source.channel.close());
}

/** A program behind a shell: one that is closed in the middle of its bytes upsets dropbear, so it is ended first. */
function endProgram({ channel, bytes }: ScpSource): void {
  channel.signal('TERM');
  channel.end();
  closeLate(channel);
  bytes.stop();
  channel.resume();
}

/**
 * A part of the server itself: some end the whole connection at a signal, at the end of what we say, and at a close. Told
 * that the next file is not wanted, or read to its end, it ends of itself.
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

/** Whether bytes come of what was declined; another file may be offered, or it is over. */
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
