import { printableLine } from '../domain/text.js';
import { trace } from '../domain/trace.js';
import { itemError, reasonOf, type UserError } from '../errors.js';
import { abortable } from './abort.js';

const openTimeoutMs = 30_000;
/** A server that has answered before answers soon, or takes no more sessions without saying so. */
const nextTimeoutMs = 5000;

/** A request for a channel. */
export type ChannelRequest<C, T> = {
  /** How messages name it. */
  what: string;
  start: (done: (error: Error | undefined, opened: C) => void) => void;
  /** Receives the channel at once. */
  onOpen: (opened: C) => T;
  /** Receives a channel that came after nobody waited for it any longer. */
  discard: (opened: C) => void;
};

type Closing = { once(event: 'close', listener: () => void): unknown };

/** Opens the channels of one connection; the time limit depends on how many are open. */
export class ChannelOpener {
  readonly #title: string;
  readonly #lost: AbortSignal;
  readonly #onActivity: () => void;
  #sessions = 0;

  /**
   * @param lost is aborted when the connection is gone
   * @param onActivity is called when something comes in a session
   */
  constructor(title: string, lost: AbortSignal, onActivity: () => void) {
    this.#title = title;
    this.#lost = lost;
    this.#onActivity = onActivity;
  }

  /** Opens a channel that counts as a session until it has closed. */
  openSession<C extends Closing, T>({ onOpen, ...request }: ChannelRequest<C, T>, signal: AbortSignal): Promise<T> {
    const timeoutMs = this.#sessions > 0 ? nextTimeoutMs : openTimeoutMs;
    return this.open({ ...request, onOpen: (channel) => onOpen(this.#begun(channel)) }, signal, timeoutMs);
  }

  /**
   * @throws UserError `session-refused`, `request-refused`, `sftp-broken`, `session-stalled`; the reason why the
   * connection was lost
   */
  async open<C, T>(request: ChannelRequest<C, T>, signal: AbortSignal, timeoutMs = openTimeoutMs): Promise<T> {
    const limit = AbortSignal.timeout(timeoutMs); // held here until the answer has come
    try {
      return await this.#answerTo(request, AbortSignal.any([signal, this.#lost, limit]));
    } catch (error) {
      if (error !== limit.reason) throw error;
      const silence = `has not answered for ${timeoutMs / 1000} s to the request for ${request.what}`;
      throw itemError('session-stalled', `${this.#title} ${silence}`);
    }
  }

  async #answerTo<C, T>({ what, start, onOpen, discard }: ChannelRequest<C, T>, signal: AbortSignal): Promise<T> {
    let wanted = true;
    trace('ssh', () => `${this.#title}: asked for ${what}`);
    try {
      return await abortable<T>(signal, (resolve, reject) => {
        start((error, opened) => {
          trace('ssh', () => `${this.#title}: ${what} ${error ? `refused: ${reasonOf(error)}` : 'begun'}`);
          if (error) {
            setImmediate(() => reject(refused(this.#title, what, error))); // a lost connection is told right after
          } else if (wanted) resolve(onOpen(opened));
          else discard(opened);
        });
      });
    } finally {
      wanted = false;
    }
  }

  #begun<C extends Closing>(channel: C): C {
    this.#sessions++;
    channel.once('close', () => {
      this.#sessions--;
      trace('ssh', () => `${this.#title}: a session has ended, ${this.#sessions} left`);
    });
    this.#onActivity();
    return withActivity(channel, this.#onActivity);
  }
}

/** Reports all that comes in a channel, without reading it. */
function withActivity<C extends object>(channel: C, onActivity: () => void): C {
  const { push } = channel as { push?: (data: unknown) => unknown };
  if (push === undefined) return channel;
  const telling = (...data: [unknown]) => {
    onActivity();
    return push.apply(channel, data);
  };
  Object.defineProperty(channel, 'push', { value: telling });
  return channel;
}

/**
 * The error for a refusal: a refused channel is one session too many; a refused request on a channel is not supported at
 * all.
 */
function refused(title: string, what: string, error: Error): UserError {
  const message = `${title} refused ${what}: ${printableLine(error.message)}`;
  if ('reason' in error) return itemError('session-refused', message, error);
  const begun = what === 'SFTP' && !/unable to start subsystem/i.test(error.message);
  return begun
    ? itemError('sftp-broken', sftpTrouble(title, error), error)
    : itemError('request-refused', message, error);
}

function sftpTrouble(title: string, error: Error): string {
  const why = /packet/i.test(error.message)
    ? 'something else talks first, such as a login script that prints text'
    : printableLine(error.message);
  return `SFTP on ${title} does not begin as it should: ${why}`;
}
