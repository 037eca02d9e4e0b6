import type { SFTPWrapper, Stats } from 'ssh2';
import type { OpenedSftp, SpareSessions } from '../connection.js';
import { type Call, isCount, isHandle, isStats } from './sftp-request.js';

/** One SFTP session on which the file is open. */
export type Lane = { sftp: SFTPWrapper; handle: Buffer; call: Call; readsInFlight: number };

/** The sessions that read one file, at least the first. */
export type Lanes = {
  readonly first: Lane;
  count(): number;
  /** The one with the least to do. */
  pick(): Lane;
  /** It does not work. */
  drop(lane: Lane): void;
  /** Ends all but the first. */
  close(): void;
};

/** A further session, and how calls on it are made; undefined where none is free. */
export type Widen = { spare: SpareSessions; open(): Promise<OpenedSftp & { call: Call }> };

const maxLanes = 4;
const comparedBytes = 4096;

/**
 * ssh2 lets a session send 2 MiB and tops that up by 1 MiB at a time, so one session carries 1 MiB per round trip, half of
 * what OpenSSH does. Where that is the limit, sessions that nobody else needs help, until somebody does.
 */
export function openLanes(first: Lane, path: string, widen: Widen | undefined): Lanes {
  const extras = new Map<Lane, () => void>();
  let opening = false;
  let over = widen === undefined;
  let timesWanted = 0;
  const leave = widen?.spare.onWanted(() => {
    timesWanted++;
    for (const lane of extras.keys()) drop(lane);
  });

  function drop(lane: Lane): void {
    const close = extras.get(lane);
    extras.delete(lane);
    close?.(); // what is under way there fails, and is read on the first
  }

  async function add({ open }: Widen): Promise<void> {
    const before = timesWanted;
    const { sftp, call, close } = await open();
    try {
      const handle = await call<Buffer>(path, (done) => sftp.open(path, 'r', done), isHandle);
      const lane = { sftp, handle, call, readsInFlight: 0 };
      const [known, found] = await Promise.all([glance(first, path), glance(lane, path)]);
      if (known !== found) throw new Error('another file lies under its name by now');
      if (over || timesWanted > before) close();
      else extras.set(lane, close);
    } catch (error) {
      close();
      throw error;
    }
  }

  function grow(): void {
    if (over || opening || widen === undefined || extras.size + 1 >= maxLanes || !widen.spare.free()) return;
    opening = true;
    add(widen)
      .catch(() => {
        over = true; // it goes without
      })
      .finally(() => {
        opening = false;
      });
  }

  return {
    first,
    count: () => extras.size + 1,
    pick() {
      grow();
      let least = first;
      for (const lane of extras.keys()) if (lane.readsInFlight < least.readsInFlight) least = lane;
      return least;
    },
    drop,
    close() {
      over = true;
      leave?.();
      for (const lane of extras.keys()) drop(lane);
    },
  };
}

/** What tells two files of one name apart. */
async function glance({ sftp, handle, call }: Lane, path: string): Promise<string> {
  const head = Buffer.alloc(comparedBytes);
  const [stats, bytes] = await Promise.all([
    call<Stats>(path, (done) => sftp.fstat(handle, done), isStats),
    call<number>(
      path,
      (done) => sftp.read(handle, head, 0, comparedBytes, 0, (error, count) => done(error, count)),
      isCount,
    ),
  ]);
  return `${stats.size} ${stats.mtime} ${head.toString('latin1', 0, bytes)}`;
}
