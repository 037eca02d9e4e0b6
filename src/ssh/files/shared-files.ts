import { abortable } from '../abort.js';
import { isBrokenOff } from './losses.js';
import type { RemoteFiles } from './remote-files.js';

/** The queue for sessions of the same face. */
export type SessionQueue = {
  /** Whether somebody waits for a session. */
  wanted(): boolean;
  onWanted(giveUp: () => void): () => void;
};

/**
 * Files to work with until they are released. `failure` is the error that ended the work; it says whether others may go
 * on with them.
 */
export type Lease = { files: RemoteFiles; release(failure?: unknown): void };

type Open = (signal: AbortSignal) => Promise<RemoteFiles>;

type Opening = {
  files: Promise<RemoteFiles>;
  users: number;
  /** How many wait for the session; when none are left, opening it is stopped. */
  waiting: number;
  stop: AbortController;
};

/** The files of a face in one session that everybody shares: it is opened when needed, and given up when idle. */
export class SharedFiles {
  private readonly open: Open;
  private readonly queue: SessionQueue;
  private current: Opening | undefined;

  constructor(open: Open, queue: SessionQueue) {
    this.open = open;
    this.queue = queue;
    queue.onWanted(() => this.giveUpIdle());
  }

  /** @param alone work that may have broken the shared session gets a session of its own */
  lease(signal: AbortSignal, alone: boolean): Promise<Lease> {
    return alone ? this.leaseOwn(signal) : this.leaseShared(signal);
  }

  giveUpIdle(): void {
    if (this.current?.users === 0) this.giveUp(this.current);
  }

  private async leaseOwn(signal: AbortSignal): Promise<Lease> {
    const files = await this.open(signal);
    return { files, release: () => files.close() };
  }

  private async leaseShared(signal: AbortSignal): Promise<Lease> {
    const opening = this.current ?? this.begin();
    this.current = opening;
    opening.users++;
    const release = (failure?: unknown) => this.release(opening, failure);
    opening.waiting++;
    try {
      return { files: await abortable(signal, (resolve, reject) => void opening.files.then(resolve, reject)), release };
    } catch (error) {
      if (opening.waiting === 1 || !signal.aborted) this.stop(opening, error);
      release();
      throw error;
    } finally {
      opening.waiting--;
    }
  }

  private begin(): Opening {
    const stop = new AbortController();
    return { files: this.open(stop.signal), users: 0, waiting: 0, stop };
  }

  private stop(opening: Opening, reason: unknown): void {
    if (this.current === opening) this.current = undefined;
    opening.stop.abort(reason);
  }

  private release(opening: Opening, failure: unknown): void {
    opening.users--;
    if (this.current !== opening || isBrokenOff(failure)) this.giveUp(opening);
    else if (this.queue.wanted()) this.giveUpIdle();
  }

  /** Closes the session now, or when its last user has released it. */
  private giveUp(opening: Opening): void {
    if (this.current === opening) this.current = undefined;
    if (opening.users === 0) opening.files.then((files) => files.close()).catch(() => undefined); // it never opened
  }
}
