import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/load.js';
import { makePrivateFolder, writeDurably } from '../fs/durable.js';
import { cacheFolderOf, type Surroundings, stateFolderOf } from './surroundings.js';

/** What completions read without a program: one name a line, behind its kind. They take nothing else for a name. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Writes down for the completions what servers, clusters and runs there are. No run fails because of it. */
export async function keepNames(config: Config, { env }: Pick<Surroundings, 'env'>): Promise<void> {
  try {
    const folder = cacheFolderOf(env);
    if (folder === undefined) return;
    const text = await namesIn(config, join(stateFolderOf(env), 'runs'));
    const path = join(folder, 'names');
    if (text === (await readFile(path, 'utf8').catch(() => undefined))) return; // it may not be there yet
    await makePrivateFolder(folder);
    const found = await lstat(folder);
    if (found.isDirectory() && found.uid === process.getuid?.()) await writeDurably(path, text);
  } catch {
    // A full disk, a folder of somebody else: nothing is completed then, and everything else works.
  }
}

async function namesIn({ appliances }: Config, runsFolder: string): Promise<string> {
  const runs = await readdir(runsFolder).catch(() => []); // there may be none yet
  const clusters = new Set(appliances.map(({ cluster }) => cluster));
  const lines = [
    ...appliances.map(({ name }) => ['server', name]),
    ...[...clusters].map((name) => ['cluster', name]),
    ...runs.sort().map((id) => ['run', id]),
  ];
  return lines.flatMap(([kind, name]) => (plainName.test(name ?? '') ? [`${kind} ${name}\n`] : [])).join('');
}
