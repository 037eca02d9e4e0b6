import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { icepack, say } from '../domain/command.js';
import { usageError } from '../errors.js';
import { noHome } from './home.js';

const maxConfigBytes = 1024 * 1024;

export type ConfigSearchPath = {
  /** `--config`, or `$ICEPACK_CONFIG`. */
  given: string | undefined;
  cwd: string;
  /** `$XDG_CONFIG_HOME`, or `~/.config`; undefined without either. */
  configHome: string | undefined;
  home: string | undefined;
  uid: number | undefined;
  /** A commented file to start from. */
  example: string;
};

/** Where it is looked for, in this order; what was named is looked for alone. */
export function placesOf({ given, cwd, configHome }: ConfigSearchPath): string[] {
  if (given !== undefined) return [resolve(cwd, given)];
  const ours = configHome === undefined ? [] : [join(configHome, 'icepack', 'icepack.yaml')];
  return [join(cwd, 'icepack.yaml'), ...ours];
}

export async function readFirst(searchPath: ConfigSearchPath): Promise<{ path: string; text: string }> {
  const { given, configHome, uid, example } = searchPath;
  const candidates = placesOf(searchPath);
  if (given !== undefined) {
    const [path = ''] = candidates;
    const text = await readOwn(path, undefined);
    if (text === undefined) throw usageError('no-config', `there is no "${path}"`, 'Name the file with --config FILE');
    return { path, text };
  }
  for (const [index, path] of candidates.entries()) {
    const text = await readOwn(path, index === 0 ? uid : undefined);
    if (text !== undefined) return { path, text };
  }
  if (configHome === undefined) return noHome(`there is no ${candidates[0]}`);
  throw usageError(
    'no-config',
    `no configuration was found: neither ${candidates.join(' nor ')} is there`,
    say`Write one: ${icepack('init')} (an example with everything: ${example}); or see the tool at work first: ${icepack('demo')}`,
  );
}

/**
 * @param uid if given, a file is refused that has another owner or that others may write, because the folder may not be
 * ours
 */
async function readOwn(path: string, uid: number | undefined): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw usageError('no-config', `"${path}" cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > maxConfigBytes)
      throw usageError('bad-config', `"${path}" is no file of at most 1 MiB`);
    if (uid !== undefined && (found.uid !== uid || (found.mode & 0o022) !== 0)) {
      throw usageError(
        'config-exposed',
        `"${path}" belongs to someone else or others may write it, so it is not used`,
        `If it is yours: chmod go-w ${path}; or name it: --config ${path}`,
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
