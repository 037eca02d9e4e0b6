import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SecretReference } from '../domain/appliance.js';
import { reasonOf, usageError } from '../errors.js';
import { expandHome } from './home.js';

const maxSecretBytes = 64 * 1024;
const commandTimeoutMs = 30_000;

/**
 * Resolves a secret.
 * @param what how messages name it, e.g. `the password of ice01 (cli)`
 * @throws UserError `secret-missing`, `secret-exposed`
 */
export async function resolveSecret(
  reference: SecretReference,
  what: string,
  env: Record<string, string | undefined>,
  home: string,
): Promise<string> {
  if ('env' in reference) {
    const value = env[reference.env];
    if (value) return value;
    throw usageError(
      'secret-missing',
      `${what} is not there: the environment variable ${reference.env} is not set`,
      `Set it: export ${reference.env}=…`,
    );
  }
  if ('file' in reference) {
    const bytes = await readPrivateFile(expandHome(reference.file, home), what);
    const value = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (value !== '') return value;
    throw usageError('secret-missing', `${what} is not there: "${reference.file}" is empty`);
  }
  return secretFromCommand(reference.command, what);
}

/** Reads a file that only its owner may read. @throws UserError `secret-missing`, `secret-exposed` */
export async function readPrivateFile(path: string, what: string): Promise<Buffer> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      const found = await handle.stat();
      if ((found.mode & 0o077) !== 0)
        throw usageError(
          'secret-exposed',
          `${what}: others may read "${path}"`,
          `Make it yours alone: chmod 600 ${path}`,
        );
      if (!found.isFile() || found.size > maxSecretBytes)
        throw usageError('secret-missing', `${what}: "${path}" is no file of at most 64 KiB`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(String(error.code))) {
      throw usageError('secret-missing', `${what} is not there: "${path}" cannot be read`, 'Name the right file');
    }
    throw error;
  }
}

async function secretFromCommand([program = '', ...args]: string[], what: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: commandTimeoutMs,
      maxBuffer: maxSecretBytes,
    });
    const value = stdout.replace(/\r?\n$/, '');
    if (value !== '') return value;
    throw new Error('it printed nothing');
  } catch (error) {
    // Only the first line: the rest may be what the command printed.
    throw usageError('secret-missing', `${what} is not there: "${program}" failed: ${reasonOf(error).split('\n')[0]}`);
  }
}
