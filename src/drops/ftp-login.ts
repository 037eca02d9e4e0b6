import { isIP } from 'node:net';
import { FTPError, type Client as FtpClient } from 'basic-ftp';
import { defined } from '../domain/defined.js';
import { printableLine } from '../domain/text.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { interrupted, refused } from './drop.js';

export type FtpTarget = {
  /** How messages name it, e.g. `the upload server ftp.example.com:21`. */
  title: string;
  host: string;
  port: number;
  tls: 'none' | 'explicit' | 'implicit';
  /** Certificates (PEM) to trust instead of the usual ones. */
  ca: string | undefined;
  /** The login; undefined for anonymous. */
  login: { user: string; password: string } | undefined;
  folder: string;
};

/**
 * Logs in and goes to the folder.
 * @throws UserError `unreachable`, `no-tls`, `certificate-refused`, `login-refused`, `upload-refused`
 */
export async function logIn(
  client: FtpClient,
  { title, host, port, tls, ca, login, folder }: FtpTarget,
): Promise<void> {
  const secureOptions = {
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...defined({ ca }),
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

/** Whether the error is a refusal; 421 is not, for it announces that the server hangs up. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FTPError && error.code !== 421;
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
