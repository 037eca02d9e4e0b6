import type { SFTPWrapper, Stats } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import type { RemoteEntry, RemoteFiles } from './remote-files.js';
import { factsOf } from './sftp-attributes.js';
import { callsOn } from './sftp-calls.js';
import { download } from './sftp-download.js';
import { followLinks } from './sftp-links.js';
import { letNamesBeBytes } from './sftp-names.js';
import { type Call, type Done, EndOfFile, isHandle, isList, isNothing, isStats, type Listed } from './sftp-request.js';

const maxEntries = 20_000;

/** @throws UserError `request-refused` where the server has no SFTP */
export async function openSftpFiles(sessions: SessionSource, signal: AbortSignal): Promise<RemoteFiles> {
  const opened = await sessions.openSftp(signal);
  const { close } = opened;
  const sftp = letNamesBeBytes(opened.sftp);
  const { title } = sessions;
  const caller = callsOn(opened, title);
  const readers = { count: 0 };

  const leadsTo = async (call: Call, path: string) =>
    factsOf(await call<Stats>(path, (done) => sftp.stat(path, done), isStats));

  return {
    title,
    abilities: async () => ({ peeks: true, skips: true }),

    async list(folder, outer) {
      const call = caller(outer);
      const handle = await call<Buffer>(folder, (done) => sftp.opendir(folder, done), isHandle);
      const entries: RemoteEntry[] = [];
      let listed = 0;
      try {
        for (;;) {
          const batch = await endIsEmpty(call<Listed[]>(folder, (done) => readdirWhole(sftp, handle, done), isList));
          if (batch.length === 0) return await followLinks(entries, (name) => leadsTo(call, `${folder}/${name}`));
          listed += batch.length;
          entries.push(...batch.filter((entry) => isPlainName(entry.filename)).map(entryOf));
          if (listed > maxEntries) {
            throw itemError(
              'listing-endless',
              `"${printableLine(folder, 120)}" on ${title} lists more than ${maxEntries} files`,
            );
          }
        }
      } finally {
        sftp.close(handle, () => undefined);
      }
    },

    async find(path, outer) {
      try {
        const call = caller(outer);
        const stats = await call<Stats>(path, (done) => sftp.lstat(path, done), isStats);
        const name = path.slice(path.lastIndexOf('/') + 1);
        const [entry] = await followLinks([{ name, ...factsOf(stats) }], () => leadsTo(call, path));
        return entry;
      } catch (error) {
        if (error instanceof UserError && error.code === 'no-such-file') return undefined;
        throw error;
      }
    },

    read: (path, { signal: outer, maxBytes, expect, from = 0 }) =>
      download({ sftp, path, maxBytes, expect, from, call: caller(outer), readers }),

    remove: (path, outer) =>
      caller(outer)<void>(path, (done) => sftp.unlink(path, (error) => done(error ?? undefined, undefined)), isNothing),

    close,
  };
}

/**
 * Lists a folder with `.` and `..`: without them an answer that holds nothing else looks like the end. `@types/ssh2`
 * lacks the option.
 */
function readdirWhole(sftp: SFTPWrapper, handle: Buffer, done: Done<Listed[]>): void {
  const readdir = sftp.readdir as unknown as (handle: Buffer, options: { full: true }, done: Done<Listed[]>) => void;
  readdir.call(sftp, handle, { full: true }, done);
}

async function endIsEmpty(batch: Promise<Listed[]>): Promise<Listed[]> {
  try {
    return await batch;
  } catch (error) {
    if (error instanceof EndOfFile) return [];
    throw error;
  }
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

function entryOf({ filename, attrs }: Listed): RemoteEntry {
  return { name: filename, ...factsOf(attrs) };
}
