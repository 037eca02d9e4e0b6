import { setTimeout as delay } from 'node:timers/promises';

/** The terminal hands over what it holds at once; this is more than enough. */
const handOverMs = 30;

/**
 * Throws away what was typed before there was a question: an Enter to see whether icepack is still alive must not answer the
 * one that comes minutes later. Ctrl-C counts all the same.
 */
export async function forgetTypedAhead(input: NodeJS.ReadStream): Promise<void> {
  if (!input.isTTY) return;
  const heed = (typed: Buffer) => {
    if (typed.includes(0x03)) process.kill(process.pid, 'SIGINT');
  };
  input.setRawMode(true); // also what has no Enter yet
  input.on('data', heed);
  input.resume();
  await delay(handOverMs);
  input.pause();
  input.off('data', heed);
  input.setRawMode(false);
}
