import ssh2, { type Attributes } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError, UserError } from '../errors.js';
import { abortable } from './abort.js';

const status = ssh2.utils.sftp.STATUS_CODE;
const idleMs = 30_000;

export type Done<T> = (error: Error | undefined, value: T) => void;
export type Call = <T>(path: string, start: (done: Done<T>) => void) => Promise<T>;
export type Listed = { filename: string; attrs: Attributes };

/** One request and its answer; a server that stays silent is given up after 30 s. */
export async function request<T>(
  signal: AbortSignal,
  title: string,
  path: string,
  start: (done: Done<T>) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await abortable<T>(signal, (resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(
            itemError(
              'transfer-stalled',
              `${title} has not answered for ${idleMs / 1000} s about "${printableLine(path, 120)}"`,
            ),
          ),
        idleMs,
      );
      start((error, value) => (error ? reject(error) : resolve(value)));
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : explain(error, title, path);
  } finally {
    clearTimeout(timer);
  }
}

/** The server says that there is no more; how reads and listings end. */
export class EndOfFile extends Error {}

function explain(error: unknown, title: string, path: string): unknown {
  if (error instanceof UserError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === status.EOF) return new EndOfFile();
  const shown = printableLine(path, 120);
  if (code === status.NO_SUCH_FILE) return itemError('no-such-file', `"${shown}" is not on ${title}`, error);
  if (code === status.PERMISSION_DENIED)
    return itemError('transfer-failed', `${title} does not permit reading "${shown}"`, error);
  return itemError(
    'transfer-failed',
    `${title} failed on "${shown}": ${printableLine(error instanceof Error ? error.message : String(error))}`,
    error,
  );
}
