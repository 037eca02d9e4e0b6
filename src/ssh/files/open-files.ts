import { reasonOf, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import type { RemoteFiles } from './remote-files.js';
import { openScpFiles } from './scp-files.js';
import type { ScpManners } from './scp-manners.js';
import { openSftpFiles } from './sftp-files.js';

/** What was found out about file access on a face; kept for the whole run. */
export type FileManners = ScpManners & { hasNoSftp?: true };

/**
 * Opens the files of a face over SFTP, or over SCP where there is no SFTP.
 * @param shell whether a POSIX shell runs commands there
 * @param tell is told when SCP had to be used, and why
 */
export async function openFiles(
  sessions: SessionSource,
  shell: boolean,
  signal: AbortSignal,
  tell: (why: string) => void,
  manners: FileManners = {},
): Promise<RemoteFiles> {
  if (manners.hasNoSftp) return openScpFiles(sessions, shell, manners);
  try {
    return await openSftpFiles(sessions, signal);
  } catch (error) {
    // Only where there is no SFTP, or none that works: a server that is in trouble is not asked in another way.
    if (!(error instanceof UserError) || (error.code !== 'request-refused' && error.code !== 'sftp-broken'))
      throw error;
    tell(reasonOf(error));
    if (error.code === 'request-refused') manners.hasNoSftp = true; // what breaks may work the next time
    return openScpFiles(sessions, shell, manners);
  }
}
