import type { Attributes, SFTPWrapper, Stats } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import type { RemoteEntry, RemoteFiles } from './remote-files.js';
import { callsOn } from './sftp-calls.js';
import { download, sizeOf, timeOf } from './sftp-download.js';
import { type Done, EndOfFile, isHandle, isList, isNothing, isStats, type Listed } from './sftp-request.js';

const maxEntries = 20_000;

/** @throws UserError `request-refused` where the server has no SFTP */
export async function openSftpFiles(sessions: SessionSource, signal: AbortSignal): Promise<RemoteFiles> {
  const opened = await sessions.openSftp(signal);
  const { sftp, close } = opened;
  const { title } = sessions;
  const caller = callsOn(opened, title);
  const readers = { count: 0 };

  return {
    title,

    async list(folder, outer) {
      const call = caller(outer);
      const handle = await call<Buffer>(folder, (done) => sftp.opendir(folder, done), isHandle);
      const entries: RemoteEntry[] = [];
      let listed = 0;
      try {
        for (;;) {
          const batch = await endIsEmpty(call<Listed[]>(folder, (done) => readdirWhole(sftp, handle, done), isList));
          if (batch.length === 0) return entries;
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
        const stats = await caller(outer)<Stats>(path, (done) => sftp.lstat(path, done), isStats);
        return { name: path.slice(path.lastIndexOf('/') + 1), ...entryFacts(stats) };
      } catch (error) {
        if (error instanceof UserError && error.code === 'no-such-file') return undefined;
        throw error;
      }
    },

    read: (path, { signal: outer, maxBytes, expect }) =>
      download({ sftp, path, maxBytes, expect, call: caller(outer), readers }),

    remove: (path, outer) =>
      caller(outer)<void>(path, (done) => sftp.unlink(path, (error) => done(error ?? undefined, undefined)), isNothing),

    close,
  };
}

/** With `.` and `..`: without them an answer that holds nothing else looks like the end. `@types/ssh2` lacks the option. */
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
  return { name: filename, ...entryFacts(attrs) };
}

const typeMask = 0o170000;

function entryFacts(attrs: Attributes): Omit<RemoteEntry, 'name'> {
  const type = (attrs.mode ?? 0) & typeMask;
  // A server that tells no mode may well have a file there.
  const kind = type === 0o100000 || type === 0 ? 'file' : type === 0o040000 ? 'folder' : 'other';
  const sizeBytes = sizeOf(attrs);
  const modifiedAt = timeOf(attrs);
  return {
    kind,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  };
}
