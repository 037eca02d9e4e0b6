import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Editor } from '../ui/prompter.js';
import type { Surroundings } from './surroundings.js';

/** The editor that the person has chosen; undefined where they have chosen none. */
export function editorOf({ env, stdin, stderr }: Surroundings): Editor | undefined {
  const command = env['VISUAL'] || env['EDITOR'];
  if (!command) return undefined;
  const isDone = (file: string) =>
    new Promise<boolean>((resolve) => {
      const child = spawn(...callOf(command, file), { env, stdio: [stdin, stderr, stderr] });
      child.once('error', () => resolve(false)); // it is not there
      child.once('exit', (code) => resolve(code === 0));
    });
  return { name: command, edit: (text) => edited(text, isDone) };
}

/** The command may have options, and is for the shell, as git reads it. */
function callOf(command: string, file: string): [program: string, words: string[]] {
  return process.platform === 'win32'
    ? ['cmd', ['/d', '/c', `${command} ${file}`]]
    : ['/bin/sh', ['-c', `${command} "$1"`, 'sh', file]];
}

async function edited(text: string, isDone: (file: string) => Promise<boolean>): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'icepack-'));
  try {
    const file = join(folder, 'text.txt');
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return (await isDone(file)) ? await readFile(file, 'utf8') : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
