import type { Endpoint } from '../domain/endpoint.js';
import type { LoginSecrets } from '../domain/login.js';
import { usageError } from '../errors.js';
import { readIdentity } from './identity.js';
import { readPrivateFile, resolveSecret, type WarnOfSecret } from './secrets.js';

export type LoginSources = {
  env: Record<string, string | undefined>;
  home: string | undefined;
  /** Is told what is odd about a secret that is used all the same. */
  warn?: WarnOfSecret;
  /** Whether somebody can be asked for a password that is configured nowhere. */
  canAsk: boolean;
};

/**
 * Resolves the credentials of a face: the configured key and password, else the running agent, else a password to ask for
 * later. Nobody is asked here.
 * @throws UserError `secret-missing`, `secret-exposed`, `secret-odd`, `key-unusable`, `no-agent`, `no-credential`
 */
export async function resolveLogin(endpoint: Endpoint, sources: LoginSources): Promise<LoginSecrets> {
  const { env, canAsk } = sources;
  const { user, password, privateKey, passphrase, agent, identity } = endpoint.login;
  const of = `of "${user}" at ${endpoint.title}`;
  const secrets: LoginSecrets = {};
  if (privateKey !== undefined) {
    secrets.privateKey = { content: await readPrivateFile(privateKey, `the private key ${of}`) };
    if (passphrase !== undefined) {
      secrets.privateKey.passphrase = await resolveSecret(passphrase, `the passphrase ${of}`, sources);
    }
  }
  if (password !== undefined) secrets.password = await resolveSecret(password, `the password ${of}`, sources);

  const nothingElse = privateKey === undefined && password === undefined;
  const agentSocket = env['SSH_AUTH_SOCK'];
  if (agentSocket && (agent ?? (nothingElse || identity !== undefined))) secrets.agentSocket = agentSocket;
  if (identity !== undefined) {
    secrets.agentKey = { key: await readIdentity(identity, `the identity ${of}`), path: identity };
    if (secrets.agentSocket === undefined) throw noAgent(of, endpoint.key);
  }
  if (!nothingElse || secrets.agentSocket !== undefined) return secrets;
  if (!canAsk) throw noCredential(of, endpoint.key);
  return { toBeTyped: true };
}

function noAgent(of: string, key: string): Error {
  return usageError(
    'no-agent',
    `the identity ${of} is a key of the SSH agent, and none is in use (SSH_AUTH_SOCK, ${key}.agent)`,
    'Start one and add the key: eval "$(ssh-agent)"; ssh-add',
  );
}

/** @param key the place in the configuration, e.g. `appliances.ice01.cli` */
function noCredential(of: string, key: string): Error {
  return usageError(
    'no-credential',
    `there is no credential ${of}, and nobody to ask`,
    `Write ${key}.password or ${key}.privateKey into the configuration`,
  );
}
