import { setMaxListeners } from 'node:events';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { OpenedSftp } from '../connection.js';
import { type Call, request } from './sftp-request.js';

/** How calls are made on one SFTP session. An error that breaks the session ends all its calls, and closes it. */
export function callsOn({ sftp, lost, close }: OpenedSftp, title: string): (outer: AbortSignal) => Call {
  const answers = { count: 0 };
  const broken = new AbortController();
  setMaxListeners(0, broken.signal);
  const breakOff = (why: string) => broken.abort(itemError('session-lost', `SFTP on ${title} broke off: ${why}`));
  // ssh2 forgets the call whose answer cannot be read, and answers none on a session that is over.
  sftp.on('error', (error: Error) => {
    breakOff(printableLine(error.message));
    close();
  });
  sftp.on('end', () => breakOff('the server ended it'));

  return (outer) => {
    const either = AbortSignal.any([outer, lost, broken.signal]);
    setMaxListeners(0, either); // one per read in flight
    return async (path, start, isAnswer) => {
      try {
        return await request(either, { title, answers }, path, start, isAnswer);
      } catch (error) {
        if (error instanceof UserError && error.code === 'transfer-stalled') {
          breakOff('an answer did not come'); // half of it may have come: what follows would be taken for the rest
          close();
        }
        throw error;
      }
    };
  };
}
