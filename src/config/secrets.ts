import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SecretReference } from '../domain/appliance.js';
import { reasonOf, usageError } from '../errors.js';
import { expandHome } from './home.js';
import { readableSecret, type SecretUse } from './secret-text.js';

const maxSecretBytes = 64 * 1024;
const commandTimeoutMs = 30_000;

/** Is told what is odd about a secret that is used all the same. */
export type WarnOfSecret = (text: string) => void;

type Resolving = {
  env: Record<string, string | undefined>;
  home: string | undefined;
  /** What the secret is used for; one that an HTTP header cannot carry is refused. */
  use?: SecretUse;
  warn?: WarnOfSecret;
};

/**
 * Resolves a secret: without the marks and line ends that editors and shells leave around it.
 * @param what how messages name it, e.g. `the password of ice01 (cli)`
 * @throws UserError `secret-missing`, `secret-exposed`, `secret-odd`
 */
export async function resolveSecret(reference: SecretReference, what: string, resolving: Resolving): Promise<string> {
  const { source, content } = await contentOf(reference, what, resolving);
  const { secret, oddities } = readableSecret(content, what, source, resolving.use ?? 'password');
  if (secret === '') throw usageError('secret-missing', `${what} is not there: ${source} is empty`);
  for (const oddity of oddities) resolving.warn?.(oddity);
  return secret;
}

async function contentOf(
  reference: SecretReference,
  what: string,
  { env, home }: Resolving,
): Promise<{ source: string; content: Buffer }> {
  if ('command' in reference)
    return {
      source: `the output of "${reference.command[0]}"`,
      content: await outputOf(reference.command, what),
    };
  if ('file' in reference) {
    const content = await readPrivateFile(expandHome(reference.file, home), what);
    return { source: `"${reference.file}"`, content };
  }
  const value = env[reference.env];
  if (value) return { source: `the environment variable ${reference.env}`, content: Buffer.from(value) };
  throw usageError(
    'secret-missing',
    `${what} is not there: the environment variable ${reference.env} is not set`,
    `Set it: export ${reference.env}=…`,
  );
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

async function outputOf([program = '', ...args]: string[], what: string): Promise<Buffer> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: commandTimeoutMs,
      maxBuffer: maxSecretBytes,
      encoding: 'buffer',
    });
    return stdout;
  } catch (error) {
    // Only the first line: the rest may be what the command printed.
    throw usageError('secret-missing', `${what} is not there: "${program}" failed: ${reasonOf(error).split('\n')[0]}`);
  }
}
