import { crc32 } from 'node:zlib';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import { abortable } from '../abort.js';
import type { Download, ReadOptions, RemoteFiles, TransferVerdict } from './remote-files.js';
import { shareListings } from './shared-listings.js';

/** A file is begun again so often, when the connection is lost. */
const maxResumptions = 4;
/** Everything else is done again so often. */
const maxLosses = 2;

type Session = {
  /** Whether somebody waits for a session. */
  wanted(): boolean;
  onWanted(giveUp: () => void): () => void;
};

type Opening = {
  files: Promise<RemoteFiles>;
  users: number;
  /** It is stopped when nobody waits for it any longer. */
  waiting: number;
  stop: AbortController;
};

/**
 * Files that outlive the session they are read in: it is opened when something is wanted, given up while another one is
 * waited for, and opened again when the connection was lost.
 */
export function steadyFiles(
  title: string,
  open: (signal: AbortSignal) => Promise<RemoteFiles>,
  session: Session,
): RemoteFiles {
  let current: Opening | undefined;

  const giveUp = (opening: Opening) => {
    if (current === opening) current = undefined;
    if (opening.users === 0) opening.files.then((files) => files.close()).catch(() => undefined); // it never opened
  };
  const giveUpIdle = () => {
    if (current?.users === 0) giveUp(current);
  };
  session.onWanted(giveUpIdle);

  type Acquired = { files: RemoteFiles; release: (failure?: unknown) => void };

  /** Whoever may have broken the shared session gets the next one for itself. */
  async function acquire(signal: AbortSignal, alone: boolean): Promise<Acquired> {
    if (alone) {
      const files = await open(signal);
      return { files, release: () => files.close() };
    }
    const opening = current ?? begin();
    current = opening;
    opening.users++;
    const release = (failure?: unknown) => {
      opening.users--;
      if (current !== opening || isBrokenOff(failure)) giveUp(opening);
      else if (session.wanted()) giveUpIdle();
    };
    opening.waiting++;
    try {
      return { files: await abortable(signal, (resolve, reject) => void opening.files.then(resolve, reject)), release };
    } catch (error) {
      if (opening.waiting === 1 || !signal.aborted) {
        if (current === opening) current = undefined;
        opening.stop.abort(error);
      }
      release();
      throw error;
    } finally {
      opening.waiting--;
    }
  }

  function begin(): Opening {
    const stop = new AbortController();
    return { files: open(stop.signal), users: 0, waiting: 0, stop };
  }

  async function attempt<T>(signal: AbortSignal, work: (files: RemoteFiles) => Promise<T>, alone: boolean): Promise<T> {
    const { files, release } = await acquire(signal, alone);
    let failure: unknown;
    try {
      return await work(files);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(failure);
    }
  }

  /** For what may be done again without harm. @param work is told whether it is done again */
  async function repeated<T>(
    signal: AbortSignal,
    work: (files: RemoteFiles, isAgain: boolean) => Promise<T>,
  ): Promise<T> {
    let alone = false;
    for (let losses = 0; ; losses++) {
      try {
        return await attempt(signal, (files) => work(files, losses > 0), alone);
      } catch (error) {
        if (!isBrokenOff(error) || signal.aborted || losses >= maxLosses) throw error;
        if (isSessionLost(error) && alone) throw error;
        alone = isSessionLost(error);
      }
    }
  }

  /**
   * Goes on where the last attempt ended, once the bytes up to there were found to be the same; only then is it the same
   * file. A file that came short is asked for once more, too.
   */
  async function* resumed(path: string, options: ReadOptions, judge: (verdict: TransferVerdict) => void) {
    let done = 0;
    let sum = 0;
    let short = false;
    let alone = false;
    for (let resumption = 0; ; resumption++) {
      let release: (failure?: unknown) => void = () => undefined;
      let failure: unknown;
      try {
        const acquired = await acquire(options.signal, alone);
        release = acquired.release;
        const download = acquired.files.read(path, options);
        let prefixSum = 0;
        let at = 0;
        for await (const chunk of download.chunks) {
          const known = chunk.subarray(0, Math.max(0, done - at));
          prefixSum = known.length > 0 ? crc32(known, prefixSum) : prefixSum;
          at += chunk.length;
          if (known.length > 0 && at >= done && prefixSum !== sum) throw changed(path, title);
          const fresh = chunk.subarray(known.length);
          if (fresh.length === 0) continue;
          sum = crc32(fresh, sum);
          done = at;
          yield fresh;
        }
        if (at < done) throw changed(path, title);
        const verdict = download.verdict();
        judge(verdict);
        if (verdict.kind !== 'short' || short) return;
        short = true;
      } catch (error) {
        failure = error;
        if (!isBrokenOff(error) || resumption >= maxResumptions || options.signal.aborted) throw error;
        if (isSessionLost(error) && alone) throw error;
        alone = isSessionLost(error);
      } finally {
        release(failure);
      }
    }
  }

  return {
    title,
    abilities: (signal) => repeated(signal, (files) => files.abilities(signal)),
    list: shareListings((folder, signal) => repeated(signal, (files) => files.list(folder, signal))),
    find: (path, signal) => repeated(signal, (files) => files.find(path, signal)),
    remove: (path, signal) =>
      repeated(signal, (files, isAgain) =>
        isAgain ? unlessGone(files.remove(path, signal)) : files.remove(path, signal),
      ),
    read(path, options): Download {
      let verdict: TransferVerdict | undefined;
      return {
        chunks: resumed(path, options, (found) => {
          verdict = found;
        }),
        verdict: () => {
          if (verdict === undefined) throw new Error(`the verdict on "${path}" is known after its last chunk`);
          return verdict;
        },
      };
    },
    close: giveUpIdle,
  };
}

/** The answer to the first attempt may have been lost, not the attempt. */
async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'no-such-file') throw error;
  }
}

function isBrokenOff(error: unknown): boolean {
  return (error instanceof UserError && error.code === 'connection-lost') || isSessionLost(error);
}

function isSessionLost(error: unknown): boolean {
  return error instanceof UserError && error.code === 'session-lost';
}

function changed(path: string, title: string): Error {
  return itemError(
    'file-changed',
    `"${printableLine(path, 120)}" on ${title} is another file than the one that was begun`,
  );
}
