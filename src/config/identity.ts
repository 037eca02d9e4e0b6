import { readFile } from 'node:fs/promises';
import { reasonOf, usageError } from '../errors.js';

/**
 * Reads which key of the agent is meant.
 * @param path of a public key, as `ssh-keygen` writes it beside the private one
 * @returns its blob in base64
 * @throws UserError `key-unusable`
 */
export async function readIdentity(path: string, what: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unusable(what, path, reasonOf(error));
  });
  const line =
    text
      .replace(/^\ufeff/, '')
      .split(/\r\n?|\n/)
      .find((each) => each.trim() !== '' && !each.startsWith('#')) ?? '';
  const [, type = '', key = ''] = /^\s*([a-z0-9@.-]+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/.exec(line) ?? [];
  const blob = Buffer.from(key, 'base64');
  if (blob.length > 4 && blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') === type)
    return blob.toString('base64');
  throw unusable(what, path, /PRIVATE KEY/.test(text) ? 'it is a private key' : 'it is no public key');
}

function unusable(what: string, path: string, why: string): Error {
  return usageError(
    'key-unusable',
    `${what}: "${path}" cannot be used: ${why}`,
    'Name the public key, such as ~/.ssh/id_ed25519.pub',
  );
}
