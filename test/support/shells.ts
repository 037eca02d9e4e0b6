import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from '../../src/manual/completion.ts';

/** Where the shell runs: the script that completes, the home folder, the folder it is in. */
export type ShellPlace = { script: string; home: string; cwd: string; cache?: string };

/** Prints what it was called with: behind the key that inserts all completions, these are there. */
const echo = `icepack() { printf '\\002'; printf '%s\\037' "$@"; printf '\\003\\n'; }`;

/** Enough that nothing but the script of ours completes. */
const begin: Record<'bash' | 'zsh', (script: string) => string> = {
  bash: (script) => `${echo}\nsource ${script}\nbind 'set enable-bracketed-paste off'\nPS1='$ '\n`,
  zsh: (script) => `${echo}
autoload -Uz compinit && compinit -u -d "$HOME/zcompdump"
source ${script}
zle -C all complete-word _generic
bindkey '^T' all
zstyle ':completion:all:*' completer _all_matches _complete
zstyle ':completion:all:*' insert yes
PS1='$ '
unset zle_bracketed_paste
`,
};
const insertAll = { bash: '\x1b*', zsh: '\x14' };
const start = { bash: 'bash --norc --noprofile -i', zsh: 'zsh -f -i' };

/** What each shell offers where the cursor is at the end of a line, as it would insert it. */
export async function completions(shell: Shell, lines: readonly string[], place: ShellPlace): Promise<string[][]> {
  return shell === 'fish' ? inFish(lines, place) : inTerminal(shell, lines, place);
}

function environment({ home, cache }: ShellPlace): Record<string, string> {
  return {
    ...{ PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm', LANG: 'C.UTF-8' },
    ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache }),
  };
}

function inFish(lines: readonly string[], place: ShellPlace): string[][] {
  const queries = lines.map((line) => `complete -C '${line.replaceAll("'", "\\'")}'; echo \x03`);
  const said = execFileSync('fish', ['--no-config', '-c', [`source ${place.script}`, ...queries].join('\n')], {
    cwd: place.cwd,
    env: environment(place),
    encoding: 'utf8',
  });
  const offered = said.split('\x03\n').slice(0, lines.length);
  return offered.map((text) => text.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? ''])));
}

async function inTerminal(shell: 'bash' | 'zsh', lines: readonly string[], place: ShellPlace): Promise<string[][]> {
  const file = join(place.home, `.${shell}-begin`);
  writeFileSync(file, begin[shell](place.script));
  const child = spawn('script', ['-qec', start[shell], '/dev/null'], { cwd: place.cwd, env: environment(place) });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const shown = async (count: number) => {
    while (said.split('\x03').length <= count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  child.stdin.write(` . ${file}; icepack begun\n`);
  await shown(1);
  for (const [at, line] of lines.entries()) {
    child.stdin.write(`${line}${insertAll[shell]}\n`); // one after the other, as a person types
    await shown(at + 2);
  }
  child.stdin.end('exit\n');
  await new Promise((resolve) => child.once('close', resolve));
  const calls = said.split('\x02').slice(2);
  return calls.map((call, at) => {
    const words = (call.split('\x03')[0] ?? '').split('\x1f').slice(0, -1);
    return words.slice(typedBefore(lines[at] ?? ''));
  });
}

/** How many words stand before the one that is completed, without the program. */
function typedBefore(line: string): number {
  return line.split(' ').length - 2;
}
