import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Editor } from '../ui/prompter.js';
import type { Surroundings } from './surroundings.js';

/** Out of the second screen, with a visible cursor in plain colours: how an editor that was killed does not leave a terminal. */
const plainTerminal = '\x1b[?1049l\x1b[?25h\x1b[0m';

/** The editor that the person has chosen; undefined where they have chosen none. */
export function editorOf({ env, stdin, stderr }: Surroundings): Editor | undefined {
  const command = env['VISUAL'] || env['EDITOR'];
  if (!command) return undefined;
  const isDone = (file: string) => {
    // Nothing else happens meanwhile: what is typed is for the editor alone.
    const { status } = spawnSync(...callOf(command, file), { env, stdio: [stdin, stderr, stderr] });
    if (status !== 0 && stderr.isTTY) stderr.write(plainTerminal);
    return status === 0;
  };
  return { name: command, edit: (text) => edited(text, isDone) };
}

/** The terminal gets the modes back that it had, whatever the editor did. */
const inEditor = (command: string) =>
  `modes=$(stty -g 2>/dev/null); trap : INT; ${command} "$1"; code=$?; [ -z "$modes" ] || stty "$modes"; exit $code`;

/** The command may have options, and is for the shell, as git reads it. */
function callOf(command: string, file: string): [program: string, words: string[]] {
  return process.platform === 'win32'
    ? ['cmd', ['/d', '/c', `${command} ${file}`]]
    : ['/bin/sh', ['-c', inEditor(command), 'sh', file]];
}

async function edited(text: string, isDone: (file: string) => boolean): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'icepack-'));
  try {
    const file = join(folder, 'text.txt');
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return isDone(file) ? await readFile(file, 'utf8').catch(() => undefined) : undefined; // it may have removed it
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
