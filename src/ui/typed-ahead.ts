import { setTimeout as delay } from 'node:timers/promises';

/** More than enough time for the terminal to hand over what it holds. */
const handOverMs = 30;

/**
 * Drops what was typed before a question: an Enter pressed to see whether icepack is still alive must not answer a
 * question that comes minutes later. Ctrl-C still counts.
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
