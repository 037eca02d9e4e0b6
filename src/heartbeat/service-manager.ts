import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const limitMs = 10_000;

/**
 * Tells systemd how the service is, e.g. `READY=1`; nothing where it does not listen. Node has no datagram sockets with a path:
 * that is what the program is for.
 */
export async function tellServiceManager(
  words: readonly string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  if (!env['NOTIFY_SOCKET']) return;
  await promisify(execFile)('systemd-notify', [...words], { env, timeout: limitMs });
}
