import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { inLocalTerms } from '../fs/durable.js';

/** How to start this very program again. */
export type Self = { execPath: string; script: string; configPath: string };

/** What a program of ours said when it ended. */
export type ChildResult = {
  /** Null where it was killed, or another process has seen its end. */
  exit: number | null;
  run?: string | undefined;
  attached: boolean;
  /** Why it did not come to all that was asked for. */
  reason?: string | undefined;
};

/** So long may one take; then it hangs. */
const deadlineMs = 2 * 3_600_000;
const maxBytes = 64 * 1024 * 1024;

/**
 * Starts this program with other words. It goes on when its parent ends: what it says is in a file, where it is read by whoever
 * is there then.
 * @returns once it was started, what it comes to
 */
export async function startChild(
  self: Self,
  words: readonly string[],
  outputPath: string,
): Promise<{ ended: Promise<ChildResult> }> {
  const output = await inLocalTerms(outputPath, () => open(outputPath, writing, 0o600));
  const all = [self.script, '--config', self.configPath, '--json', '--batch', ...words];
  try {
    const child = spawn(self.execPath, all, { stdio: ['ignore', output.fd, 'ignore'], detached: true });
    child.unref();
    const exit = new Promise<number | null>((resolve) => {
      const deadline = setTimeout(() => child.kill('SIGTERM'), deadlineMs);
      deadline.unref();
      child.once('error', () => resolve(null));
      child.once('close', (code) => {
        clearTimeout(deadline);
        resolve(code);
      });
    });
    return { ended: exit.then(async (code) => ({ ...(await readChild(outputPath)), exit: code })) };
  } finally {
    await output.close();
  }
}

const writing = constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_WRONLY;

const said = z.object({
  exitCode: z.number(),
  run: z.string().nullish(),
  bundle: z.object({ attached: z.boolean() }).nullish(),
  error: z.object({ message: z.string() }).nullish(),
});

/** What one said of itself, also where nobody saw its end. */
export async function readChild(outputPath: string): Promise<ChildResult> {
  try {
    if ((await stat(outputPath)).size > maxBytes) return unknownEnd;
    const { exitCode, run, bundle, error } = said.parse(JSON.parse(await readFile(outputPath, 'utf8')));
    return { exit: exitCode, run: run ?? undefined, attached: bundle?.attached ?? false, reason: error?.message };
  } catch {
    return unknownEnd; // it was killed before it said anything
  }
}

const unknownEnd: ChildResult = { exit: null, attached: false };
