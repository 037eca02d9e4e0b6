import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Endpoint } from '../domain/endpoint.js';
import { expandHome } from './home.js';

/** Changes when a file was written to. */
export async function fileStamp(path: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path);
    return `${path} ${mtimeMs} ${size}`;
  } catch {
    return `${path} is not there`;
  }
}

/** Changes when what a place is logged in to with may have changed, as far as that can be seen. */
export async function loginStamp({ login }: Endpoint, home: string | undefined): Promise<string> {
  const { user, password, passphrase, privateKey } = login;
  const files = [password, passphrase].flatMap((secret) => (secret && 'file' in secret ? [secret.file] : []));
  const paths = [...files.map((file) => expandHome(file, home)), ...(privateKey === undefined ? [] : [privateKey])];
  return JSON.stringify([user, password, passphrase, await Promise.all(paths.map(fileStamp))]);
}

/** Changes when a file says something else. */
export async function contentStamp(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch {
    return 'it cannot be read'; // whoever reads it says why
  }
}
