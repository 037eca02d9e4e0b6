import { UserError } from '../../errors.js';
import { Retries } from './losses.js';
import {
  type Download,
  downloadOf,
  type FileAbilities,
  type ReadOptions,
  type RemoteEntry,
  type RemoteFiles,
} from './remote-files.js';
import { ResumedDownload } from './resumed-download.js';
import { type SessionQueue, SharedFiles } from './shared-files.js';
import { shareListings } from './shared-listings.js';

/** How often work is repeated when the connection is lost; reading a file has a limit of its own. */
const maxRepetitions = 2;

/**
 * Files that outlive their session: it is opened when needed, given up while others wait for one, and opened again after
 * a lost connection.
 */
export function steadyFiles(
  title: string,
  open: (signal: AbortSignal) => Promise<RemoteFiles>,
  queue: SessionQueue,
): RemoteFiles {
  return new SteadyFiles(title, new SharedFiles(open, queue));
}

class SteadyFiles implements RemoteFiles {
  readonly title: string;
  readonly list: RemoteFiles['list'];
  private readonly shared: SharedFiles;

  constructor(title: string, shared: SharedFiles) {
    this.title = title;
    this.shared = shared;
    this.list = shareListings((folder, signal) => this.repeated(signal, (files) => files.list(folder, signal)));
  }

  abilities(signal: AbortSignal): Promise<FileAbilities> {
    return this.repeated(signal, (files) => files.abilities(signal));
  }

  find(path: string, signal: AbortSignal): Promise<RemoteEntry | undefined> {
    return this.repeated(signal, (files) => files.find(path, signal));
  }

  remove(path: string, signal: AbortSignal): Promise<void> {
    return this.repeated(signal, (files, isAgain) =>
      isAgain ? unlessGone(files.remove(path, signal)) : files.remove(path, signal),
    );
  }

  read(path: string, options: ReadOptions): Download {
    const resumed = new ResumedDownload(this.shared, this.title, path, options);
    return downloadOf(path, (judge) => resumed.chunks(judge));
  }

  close(): void {
    this.shared.giveUpIdle();
  }

  /** Does work that may be repeated without harm. @param work is told whether it is repeated */
  private async repeated<T>(
    signal: AbortSignal,
    work: (files: RemoteFiles, isAgain: boolean) => Promise<T>,
  ): Promise<T> {
    const retries = new Retries(maxRepetitions, signal);
    for (;;) {
      try {
        return await this.attempt(signal, (files) => work(files, retries.count > 0), retries.alone);
      } catch (error) {
        retries.after(error);
      }
    }
  }

  private async attempt<T>(signal: AbortSignal, work: (files: RemoteFiles) => Promise<T>, alone: boolean): Promise<T> {
    const { files, release } = await this.shared.lease(signal, alone);
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
}

/** Removes a file, where "no such file" is fine: an earlier attempt may have worked and only its answer was lost. */
async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'no-such-file') throw error;
  }
}
