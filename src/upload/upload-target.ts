import { usageError } from '../errors.js';

/** A folder on someone else's server that bundles are uploaded to. */
export type UploadTarget = {
  scheme: 'ftp' | 'ftps' | 'sftp';
  host: string;
  port: number;
  /** The user; undefined for anonymous. */
  user: string | undefined;
  /** The folder, as the server is given it; empty for the folder after the login. */
  folder: string;
  /** The place without the user, as messages, the journal and the ticket name it. It ends in `/`. */
  text: string;
};

const defaultPorts = { ftp: 21, ftps: 21, sftp: 22 } as const;
/** On this port TLS begins at once; on every other port it is asked for (RFC 4217). */
export const implicitTlsPort = 990;

/**
 * Reads `--to`. A refused value is not repeated in the message: it may hold a password.
 * @throws UserError `bad-upload-place`, `password-in-url`
 */
export function parseUploadPlace(given: string): UploadTarget {
  const bad = (what: string) => usageError('bad-upload-place', `--to ${what}`, usage);
  if (/[\x00-\x20\x7f]/.test(given)) throw bad('holds spaces or control characters; write a space as %20');
  if (!URL.canParse(given)) throw bad('is no address');
  const url = new URL(given);
  const scheme = schemes.find((known) => url.protocol === `${known}:`);
  if (scheme === undefined) throw bad('is none of ftp://, ftps:// and sftp://');
  if (url.password !== '') throw passwordInUrl();
  const login = /^\w+:\/\/[^/@?#]*@/.exec(given)?.[0] ?? '';
  if (/[@?#]/.test(given.slice(login.length)))
    throw bad('has a @, ? or # too many; in a folder they are written %40, %3F and %23');
  if (!/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) throw bad('names no server');
  const user = decoded(url.username) || undefined;
  if (scheme === 'sftp' && user === undefined) throw bad('names no user, which sftp needs: sftp://USER@HOST/FOLDER/');
  const port = url.port === '' ? defaultPorts[scheme] : Number(url.port);
  const shownPort = url.port === '' ? '' : `:${url.port}`;
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const host = url.hostname.toLowerCase();
  return {
    scheme,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    user,
    folder: folderOf(scheme, decoded(path)),
    text: `${scheme}://${host}${shownPort}${path}`,
  };

  function decoded(text: string): string {
    let plain: string;
    try {
      plain = decodeURIComponent(text);
    } catch {
      throw bad('has a % that is followed by no number; write it as %25');
    }
    if (/[\x00-\x1f\x7f]/.test(plain)) throw bad('holds control characters');
    return plain;
  }
}

const schemes = ['ftp', 'ftps', 'sftp'] as const;
const usage = 'Write it like ftps://HOST/FOLDER/ or sftp://USER@HOST/FOLDER/';

function passwordInUrl(): Error {
  return usageError(
    'password-in-url',
    '--to holds a password: others on this machine can see it, and the shell keeps it',
    'Leave it out. Name the variable or the file it is in: --password-env NAME or --password-file PATH',
  );
}

/**
 * The folder in a URL. FTP starts from the folder after the login (RFC 1738, 3.2.2), and `//` from the root; SFTP starts
 * from the root, and `/~/` from the folder after the login.
 */
function folderOf(scheme: UploadTarget['scheme'], path: string): string {
  const folder = path.replace(/\/+$/, '');
  if (scheme !== 'sftp') return folder === '' && path.startsWith('//') ? '/' : folder.slice(1);
  if (folder === '/~' || folder.startsWith('/~/')) return folder.slice(3);
  return folder === '' ? (path === '/' ? '' : '/') : folder;
}
