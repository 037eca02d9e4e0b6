import { icepack, say } from '../domain/command.js';
import { shellWord } from '../domain/quoting.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { exec } from '../ssh/exec.js';
import { look, type Tell } from './tell.js';

/** Whether the programs are there that the checks of a watch run on the host OS. */
export async function examineWatchChecks(
  server: string,
  checks: readonly WatchCheck[],
  faces: ServerFaces,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const needed = checks.flatMap((check) => programsOf(check).map((program) => ({ name: check.name, program })));
  if (needed.length === 0) return;
  const again = say`Mend it on the server, then: ${icepack('doctor', server)}`;
  await look('watch', tell, again, signal, async (limited) => {
    const programs = [...new Set(needed.map(({ program }) => program))];
    const line = programs.map((program) => `command -v ${shellWord(program)} >/dev/null && echo ${shellWord(program)}`);
    const { stdout } = await exec(await faces.sessions('hostOs'), `${line.join('; ')}; true`, limited);
    const there = new Set(stdout.split(/\r?\n/));
    const missing = needed.filter(({ program }) => !there.has(program));
    for (const { name, program } of missing)
      tell(
        'watch',
        'fail',
        `check ${name}: there is no "${program}"`,
        `Change watch.checks.${name}, or take it away here`,
      );
    if (missing.length === 0) tell('watch', 'ok', `what its checks run is there: ${programs.join(', ')}`);
  });
}

/** The programs with which the commands of a check begin, as far as these are plain words. */
function programsOf(check: WatchCheck): string[] {
  const commands = check.kind === 'vm' ? [check.command, check.each] : 'command' in check ? [check.command] : [];
  const words = commands.map((command) => /^[A-Za-z0-9_./-]+(?=\s|$)/.exec(command)?.[0]);
  return [...new Set(words.filter((word) => word !== undefined))];
}
