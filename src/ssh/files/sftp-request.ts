import ssh2, { type Attributes } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { exitCode, itemError, UserError } from '../../errors.js';
import { abortable } from '../abort.js';

const status = ssh2.utils.sftp.STATUS_CODE;
const idleMs = 30_000;
/**
 * The statuses for no connection, lost connection and invalid handle; the last is of later versions, but some servers use
 * it all the same.
 */
const lostStatuses = [status.NO_CONNECTION, status.CONNECTION_LOST, 9];
const noSuchPath = 10;

export type Done<T> = (error: Error | undefined, value: T) => void;
/** One call of SFTP. `isAnswer` checks the kind of answer, because ssh2 hands on any kind. */
export type Call = <T>(
  path: string,
  start: (done: Done<T>) => void,
  isAnswer: (value: unknown) => boolean,
) => Promise<T>;
export type Listed = { filename: string; attrs: Attributes };

export const isHandle = (value: unknown): boolean => Buffer.isBuffer(value);
export const isCount = (value: unknown): boolean => typeof value === 'number';
export const isNothing = (value: unknown): boolean => value === undefined;
export const isList = (value: unknown): boolean => Array.isArray(value);
export const isStats = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) && !Array.isArray(value);

/** How many answers have come on a session. */
export type Answers = { count: number };

/**
 * Sends one request and waits for its answer. A server that stays silent for 30 s is given up; if it answers other
 * requests meanwhile it is only slow, and the next 30 s begin.
 */
export async function request<T>(
  signal: AbortSignal,
  { title, answers }: { title: string; answers: Answers },
  path: string,
  start: (done: Done<T>) => void,
  isAnswer: (value: unknown) => boolean,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await abortable<T>(signal, (resolve, reject) => {
      const wait = (seen: number) => {
        timer = setTimeout(() => {
          if (answers.count === seen) reject(stalled(title, path));
          else wait(answers.count);
        }, idleMs);
      };
      wait(answers.count);
      start((error, value) => {
        answers.count++;
        if (error) reject(error);
        else if (isAnswer(value)) resolve(value);
        else reject(new Error('it answered something else than was asked'));
      });
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : explain(error, title, path);
  } finally {
    clearTimeout(timer);
  }
}

function stalled(title: string, path: string): UserError {
  return itemError(
    'transfer-stalled',
    `${title} has not answered for ${idleMs / 1000} s about "${printableLine(path, 120)}"`,
  );
}

/** The server says that there is no more, which is how reads and listings end. */
export class EndOfFile extends UserError {}

function explain(error: unknown, title: string, path: string): unknown {
  if (error instanceof UserError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const shown = printableLine(path, 120);
  if (code === status.EOF)
    return new EndOfFile('transfer-failed', `${title} says that "${shown}" has ended before it began`, {
      exit: exitCode.partial,
    });
  if (typeof code === 'number' && lostStatuses.includes(code))
    return itemError('session-lost', `SFTP on ${title} lost its way at "${shown}": status ${code}`, error);
  if (code === status.NO_SUCH_FILE || code === noSuchPath)
    return itemError('no-such-file', `"${shown}" is not on ${title}`, error);
  if (code === status.PERMISSION_DENIED)
    return itemError('transfer-failed', `${title} does not permit reading "${shown}"`, error);
  return itemError(
    'transfer-failed',
    `${title} failed on "${shown}": ${printableLine(error instanceof Error ? error.message : String(error))}`,
    error,
  );
}
