import { createReadStream } from 'node:fs';
import { isIP } from 'node:net';
import { Transform, Writable } from 'node:stream';
import { FTPError, Client as FtpClient } from 'basic-ftp';
import { printableLine } from '../domain/text.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { type Drop, interrupted, refused, unreadable } from './drop.js';

export type FtpTarget = {
  /** How messages name it, e.g. `the upload server ftp.example.com:21`. */
  title: string;
  host: string;
  port: number;
  tls: 'none' | 'explicit' | 'implicit';
  /** Certificates (PEM) to trust instead of the usual ones. */
  ca: string | undefined;
  /** undefined: anonymous */
  login: { user: string; password: string } | undefined;
  folder: string;
};

/** Of silence, on either connection. */
const idleMs = 30_000;

/**
 * Logs in to an FTP server and goes to the folder. With TLS nothing secret is sent before its certificate was verified.
 * @throws UserError `unreachable`, `certificate-refused`, `login-refused`, `upload-refused`
 */
export async function openFtpDrop(target: FtpTarget, signal: AbortSignal): Promise<Drop> {
  const client = new FtpClient(idleMs);
  const { title } = target;
  /** One at a time; what is going on when the signal is aborted ends at once, with the connection. */
  const during = async <T>(wanted: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const stop = () => client.close();
    wanted.throwIfAborted();
    wanted.addEventListener('abort', stop, { once: true });
    try {
      return await work();
    } catch (error) {
      throw wanted.aborted ? wanted.reason : error;
    } finally {
      wanted.removeEventListener('abort', stop);
    }
  };
  /** undefined where the server says no. */
  const attempt = <T>(wanted: AbortSignal, work: () => Promise<T>): Promise<T | undefined> =>
    during(wanted, () =>
      work().catch((error: unknown) => {
        if (isRefusal(error)) return undefined;
        throw interrupted(title, error);
      }),
    );

  try {
    await during(signal, () => logIn(client, target));
  } catch (error) {
    client.close();
    throw error;
  }

  return {
    async sizeOf(name, wanted) {
      const told = await attempt(wanted, () => client.size(name));
      if (told !== undefined) return told;
      const listed = await attempt(wanted, () => client.list());
      return listed?.find((entry) => entry.name === name)?.size;
    },

    readFrom: (name, start, wanted) =>
      attempt(wanted, async () => {
        const chunks: Buffer[] = [];
        const kept = new Writable({
          write(chunk: Buffer, _encoding, done) {
            chunks.push(chunk);
            done();
          },
        });
        await client.downloadTo(kept, name, start);
        return Buffer.concat(chunks);
      }),

    send: (path, name, start, { signal: wanted, onProgress }) =>
      during(wanted, async () => {
        let local: unknown;
        let sent = start;
        const file = createReadStream(path, { start, highWaterMark: 256 * 1024 });
        const counted = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            sent += chunk.length;
            onProgress(sent);
            done(null, chunk);
          },
        });
        file.on('error', (error) => {
          local = error;
          counted.destroy(error);
        });
        try {
          if (start === 0) await client.uploadFrom(file.pipe(counted), name);
          else await client.appendFrom(file.pipe(counted), name);
        } catch (error) {
          if (local !== undefined) throw unreadable(path, local);
          if (isBrokenOff(error) || !isRefusal(error)) throw interrupted(title, error);
          throw refused(title, `does not take "${name}"`, error);
        } finally {
          file.destroy();
        }
      }),

    rename: async (from, to, wanted) => (await attempt(wanted, () => client.rename(from, to))) !== undefined,

    close: () => client.close(),
  };
}

async function logIn(client: FtpClient, { title, host, port, tls, ca, login, folder }: FtpTarget): Promise<void> {
  const secureOptions = {
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true, // also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise
  };
  try {
    if (tls === 'implicit') await client.connectImplicitTLS(host, port, secureOptions);
    else await client.connect(host, port);
    if (tls === 'explicit') await client.useTLS(secureOptions);
  } catch (error) {
    throw isRefusal(error) && tls === 'explicit'
      ? noTls(title, error)
      : isCertificate(error)
        ? certificateRefused(title, error)
        : unreachable(title, error);
  }
  const { user, password } = login ?? { user: 'anonymous', password: 'icepack@' };
  await onceThere(client.login(user, password), title, (error) => loginRefused(title, user, password, error));
  await onceThere(client.useDefaultSettings(), title, (error) => refused(title, 'cannot be used', error));
  if (folder === '') return;
  await onceThere(client.cd(folder), title, (error) => refused(title, `has no folder "${folder}" for us`, error));
}

async function onceThere(work: Promise<unknown>, title: string, explain: (error: unknown) => UserError): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw isRefusal(error) ? explain(error) : interrupted(title, error);
  }
}

/** An answer, not an end: 421 announces that the server hangs up. */
function isRefusal(error: unknown): boolean {
  return error instanceof FTPError && error.code !== 421;
}

/** The control connection is still there, the data connection is not: 425, 426 (RFC 959). */
function isBrokenOff(error: unknown): boolean {
  return error instanceof FTPError && (error.code === 425 || error.code === 426 || error.code === 451);
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME|HOSTNAME/;

function isCertificate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && certificateCodes.test(String(error.code));
}

function unreachable(title: string, cause: unknown): UserError {
  return new UserError('unreachable', `${title} cannot be reached: ${printableLine(reasonOf(cause))}`, {
    exit: exitCode.unreachable,
    hint: 'Check the address and the network',
    cause,
  });
}

function noTls(title: string, cause: unknown): UserError {
  return new UserError('no-tls', `${title} does not speak TLS: ${printableLine(reasonOf(cause))}`, {
    exit: exitCode.unreachable,
    hint: 'Nothing was sent. Ask support for another way, such as sftp',
    cause,
  });
}

function certificateRefused(title: string, cause: unknown): UserError {
  return new UserError(
    'certificate-refused',
    `the certificate of ${title} is not trusted: ${printableLine(reasonOf(cause))}`,
    {
      exit: exitCode.unreachable,
      hint: 'Nothing was sent. If it is signed by an authority of its own, name its certificate with --ca FILE',
      cause,
    },
  );
}

function loginRefused(title: string, user: string, password: string, cause: unknown): UserError {
  // Some servers repeat what they were told; the cause would, too.
  const said = printableLine(password === '' ? reasonOf(cause) : reasonOf(cause).replaceAll(password, '…'));
  return new UserError('login-refused', `${title} refused the login of "${user}": ${said}`, {
    exit: exitCode.unreachable,
    hint: 'Check user and password',
  });
}
