import type { FaceConfig } from '../domain/appliance.js';
import { type Command, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { UploadFolder } from '../drops/drop.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { askMissingPassword } from '../servers/ask-password.js';
import { examineKey } from '../servers/host-keys.js';
import { logInTo, secretsOf } from '../servers/server-faces.js';
import type { Operator } from '../ui/operator.js';
import { implicitTlsPort, type UploadTarget } from './upload-target.js';

export type UploadLogin = {
  password?: FaceConfig['password'];
  privateKey?: string;
  /** Host keys that may be pinned, as `SHA256:…`. */
  fingerprints: readonly string[];
  /** Certificates (PEM) to trust instead of the usual ones. */
  ca?: string;
};

/**
 * Returns the function that opens the place, and opens it again after a lost connection; questions are asked only the
 * first time.
 * @param command the command that repeats everything, for hints
 */
export function openerOf(
  target: UploadTarget,
  login: UploadLogin,
  command: Command,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): () => Promise<UploadFolder> {
  const endpoint = endpointOf(target, login);
  let keyKnown = false;
  return async () => {
    try {
      if (target.scheme !== 'sftp') {
        if (target.user !== undefined) await askMissingPassword(endpoint, operator.ask, access);
        return await openFtp(target, endpoint, login.ca, access, signal);
      }
      if (!keyKnown) await refuseUnknownKey(endpoint, login.fingerprints, command, operator, access, signal);
      keyKnown = true;
      await askMissingPassword(endpoint, operator.ask, access);
      const connection = await logInTo(endpoint, access, signal);
      try {
        const { openSftpDrop } = await import('../drops/sftp-drop.js');
        return await openSftpDrop(connection, target.folder, signal);
      } catch (error) {
        connection.close();
        throw error;
      }
    } catch (error) {
      throw error instanceof UserError && error.code === 'no-credential' ? noCredential(endpoint) : error;
    }
  };
}

function endpointOf({ host, port, user, scheme }: UploadTarget, { password, privateKey }: UploadLogin): Endpoint {
  return {
    title: `the upload server ${host.includes(':') ? `[${host}]` : host}:${port}`,
    server: host,
    key: 'upload',
    address: host,
    login: {
      port,
      user: user ?? 'anonymous',
      ...defined({ password, privateKey }),
      ...(scheme === 'sftp' ? {} : { agent: false }),
    },
    legacyAlgorithms: false,
    timeoutMs: 10_000,
    via: undefined,
  };
}

async function openFtp(
  { host, port, user, scheme, folder }: UploadTarget,
  endpoint: Endpoint,
  ca: string | undefined,
  access: Access,
  signal: AbortSignal,
): Promise<UploadFolder> {
  const password = user === undefined ? undefined : (await secretsOf(endpoint, access)).password;
  const { openFtpDrop } = await import('../drops/ftp-drop.js');
  return openFtpDrop(
    {
      title: endpoint.title,
      host,
      port,
      tls: scheme === 'ftp' ? 'none' : port === implicitTlsPort ? 'implicit' : 'explicit',
      ca,
      login: user === undefined ? undefined : { user, password: password ?? '' },
      folder,
    },
    signal,
  );
}

/**
 * Pins a key that was given, or that the operator confirms at the terminal. @throws UserError `host-key-unknown`,
 * `host-key-changed`
 */
async function refuseUnknownKey(
  endpoint: Endpoint,
  fingerprints: readonly string[],
  command: Command,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<void> {
  const mayPin = fingerprints.length > 0 || operator.ask !== undefined;
  const { shown, pin } = await examineKey(endpoint, { pin: mayPin, fingerprints }, operator, access, signal);
  if (pin === 'pinned' || pin === 'now-pinned') return;
  const key = `${shown.type} ${shown.fingerprint}`;
  const again = command.with('--fingerprint', shown.fingerprint);
  throw pin === 'unknown'
    ? new UserError('host-key-unknown', `${endpoint.title} shows a host key nobody has pinned: ${key}`, {
        exit: exitCode.unreachable,
        hint: say`Compare it with the one support names, then: ${again}`,
      })
    : new UserError('host-key-changed', `${endpoint.title} shows another host key than the pinned one: ${key}`, {
        exit: exitCode.unreachable,
        hint: say`Someone may be in between. Ask support; if the server has a new key: ${again}`,
      });
}

function noCredential({ title, login }: Endpoint): UserError {
  return usageError(
    'no-credential',
    `there is no password of "${login.user}" at ${title}`,
    'Name where it is: --password-env NAME or --password-file PATH; for sftp also --private-key FILE',
  );
}
