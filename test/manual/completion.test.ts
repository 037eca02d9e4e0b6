import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandTree } from '../../src/manual/command-tree.ts';
import { completionScript, type Shell } from '../../src/manual/completion.ts';
import { everyCommand, idleProgram, optionsShown } from '../support/program.ts';
import { lacks } from '../support/requirements.ts';
import { batch, runProgram, startRig, temporaryFolder } from '../support/rig.ts';
import { completions, type ShellPlace } from '../support/shells.ts';

const run = '20261120-1032-east-k3f9';
const names = `server ice01\nserver ice02\ncluster east\nrun ${run}\n`;
const kinds = ['cli', 'config', 'logs', 'recipe', 'techsupport', 'vm'];
const states = ['awaiting-information', 'closed', 'fixed', 'open'];

const scripts = new Map<Shell, string>();

beforeAll(async () => {
  const tree = commandTree(await idleProgram());
  for (const shell of ['bash', 'zsh', 'fish'] as const) scripts.set(shell, completionScript(shell, tree));
});

/** A home with names in its cache, and a folder to work in. */
async function placeFor(shell: Shell, cached: string | null = names): Promise<ShellPlace> {
  const home = await temporaryFolder();
  const script = join(home, `icepack.${shell}`);
  writeFileSync(script, scripts.get(shell) ?? '');
  for (const folder of ['.cache/icepack', 'work/sub']) mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, 'work', 'my file.yaml'), '');
  if (cached !== null) writeFileSync(join(home, '.cache', 'icepack', 'names'), cached, { mode: 0o600 });
  return { script, home, cwd: join(home, 'work') };
}

const withoutSlash = (words: readonly string[] = []) => words.map((word) => word.replace(/\/$/, '')).sort();

async function offered(shell: Shell, lines: readonly string[], place: ShellPlace): Promise<Record<string, string[]>> {
  const words = await completions(shell, lines, place);
  return Object.fromEntries(lines.map((line, at) => [line, withoutSlash(words[at])]));
}

describe.each<[Shell, boolean]>([
  ['bash', lacks('bash', 'script')],
  ['zsh', lacks('zsh', 'script')],
  ['fish', lacks('fish')],
])('completion in %s', (shell, isMissing) => {
  it.skipIf(isMissing)('offers every option that a help shows, and no other', async () => {
    const commands = everyCommand(await idleProgram());
    const place = await placeFor(shell);
    const lineFor = (words: string) => ['icepack', words, '-'].filter((word) => word !== '').join(' ');

    const found = await offered(
      shell,
      commands.map(([words]) => lineFor(words)),
      place,
    );

    expect(commands.length).toBeGreaterThan(20);
    const shown = commands.map(([words, command]) => [lineFor(words), optionsShown(command.helpInformation()).sort()]);
    expect(found).toEqual(Object.fromEntries(shown));
  });

  it.skipIf(isMissing)('offers verbs, their parts, fixed values, names and files, each where it belongs', async () => {
    const expected: Record<string, string[]> = {
      'icepack co': ['collect', 'completion', 'config'],
      'icepack ticket ': ['attach', 'close', 'comment', 'describe', 'list', 'reopen', 'show'],
      'icepack help ticket c': ['close', 'comment'],
      'icepack help e': ['environment', 'escalation', 'event', 'exit-codes'],
      'icepack completion ': ['bash', 'fish', 'zsh'],
      'icepack collect ': ['east', 'ice01', 'ice02'],
      'icepack collect ice01 e': ['east'],
      'icepack --config x collect --at now e': ['east'],
      'icepack resume ': [run],
      'icepack collect --severity ': ['emergency', 'high', 'low', 'medium'],
      'icepack submit x --severity=h': ['--severity=high'],
      'icepack collect --only ': kinds,
      'icepack collect --skip config,t': ['config,techsupport'],
      'icepack ticket list --state ': states,
      'icepack init --helpdesk re': ['redmine', 'request-tracker', 'rest'],
      'icepack --config ': ['my file.yaml', 'sub'],
      'icepack collect --answers=m': ['--answers=my file.yaml'],
      'icepack collect --output ': ['sub'],
      'icepack submit ': [run, 'my file.yaml', 'sub'],
    };

    const found = await offered(shell, Object.keys(expected), await placeFor(shell));

    expect(found).toEqual(Object.fromEntries(Object.entries(expected).map(([line, words]) => [line, words.sort()])));
  });

  it.skipIf(isMissing)('offers nothing where anything may be typed, and nothing of verbs that are none', async () => {
    const lines = ['icepack collect --summary ', 'icepack ticket close ', 'icepack nothing '];

    const found = await offered(shell, lines, await placeFor(shell));

    expect(Object.values(found)).toEqual([[], [], []]);
  });

  it.skipIf(isMissing)(
    'executes nothing of what stands in the cache, in names of files, or in the line (Q12)',
    async () => {
      const hostile = ['$(touch pwned)', '`touch pwned`', 'a;touch pwned', '-rf', '../x', "'", '*', 'ice\x1b[31m', '~'];
      const place = await placeFor(shell, `${hostile.map((name) => `server ${name}`).join('\n')}\nserver ice01\n`);
      writeFileSync(join(place.cwd, '$(touch pwned).zip'), '');
      const lines = ['icepack collect ', 'icepack submit \\$', 'icepack collect "$" --only "config,$" '];

      const found = await offered(shell, lines, place);

      expect(found['icepack collect ']).toEqual(['ice01']);
      expect(existsSync(join(place.cwd, 'pwned'))).toBe(false);
    },
  );

  it.skipIf(isMissing)('offers no names without a cache, of a link, or of a cache of somebody else (Q12)', async () => {
    const none = await placeFor(shell, null);
    const linked = await placeFor(shell, null);
    writeFileSync(join(linked.home, 'elsewhere'), names);
    symlinkSync(join(linked.home, 'elsewhere'), join(linked.home, '.cache', 'icepack', 'names'));
    const places = [none, linked];
    if (process.getuid?.() === 0) {
      const others = await placeFor(shell);
      chownSync(join(others.home, '.cache', 'icepack', 'names'), 65_534, 65_534);
      places.push(others);
    }

    for (const place of places)
      expect(await offered(shell, ['icepack collect '], place)).toEqual({ 'icepack collect ': [] });
  });

  it.skipIf(isMissing)('takes the cache from $XDG_CACHE_HOME', async () => {
    const place = await placeFor(shell, null);
    const cache = join(place.home, 'other');
    mkdirSync(join(cache, 'icepack'), { recursive: true });
    writeFileSync(join(cache, 'icepack', 'names'), names);

    const found = await offered(shell, ['icepack collect i'], { ...place, cache });

    expect(found).toEqual({ 'icepack collect i': ['ice01', 'ice02'] });
  });
});

describe('the script for bash', () => {
  it.skipIf(lacks('shellcheck'))('is one that shellcheck has nothing to say about', async () => {
    const { script } = await placeFor('bash');

    const said = execFileSync('shellcheck', ['--severity=style', script], { encoding: 'utf8' });

    expect(said).toBe('');
  });
});

describe('icepack completion', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('prints the script for %s, without a configuration', async (shell) => {
    const folder = await temporaryFolder();

    const done = await runProgram(['completion', shell], { env: { HOME: folder }, cwd: folder });
    const document = (await runProgram(['completion', shell, '--json'], { env: { HOME: folder } })).json();

    expect(done).toMatchObject({ code: 0, stderr: '', stdout: scripts.get(shell) });
    expect(document).toMatchObject({ verb: 'completion', exitCode: 0, shell, text: scripts.get(shell) });
  });

  it('names the shells there are', async () => {
    const done = await runProgram(['completion', 'tcsh'], {});

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('bash, zsh, fish');
  });
});

describe('the names for completions', () => {
  it('are those of the last run that read a configuration, and for nobody else to read', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    const path = join(rig.folder, '.cache', 'icepack', 'names');

    await rig.icepack(['config', 'check']);
    const first = readFileSync(path, 'utf8');
    await rig.icepack(['collect', 'ice01', ...batch, '--only', 'vm', '--no-submit']);
    const [id] = await rig.runs();

    expect(first).toBe('server ice01\nserver ice02\ncluster east\n');
    expect(readFileSync(path, 'utf8')).toBe(`${first}run ${id}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are plain names, whatever lies in the state folder (Q12)', async () => {
    const rig = await startRig();
    const runs = join(rig.folder, '.local', 'state', 'icepack', 'runs');
    for (const name of [run, '$(touch pwned)', '-rf']) mkdirSync(join(runs, name), { recursive: true, mode: 0o700 });

    await rig.icepack(['config', 'check']);

    const text = readFileSync(join(rig.folder, '.cache', 'icepack', 'names'), 'utf8');
    expect(text).toBe(`server ice01\nrun ${run}\n`);
  });

  it('that cannot be written cost nothing', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['config', 'check'], { env: { XDG_CACHE_HOME: '/dev/null' } });

    expect(done).toMatchObject({ code: 0, stderr: '' });
  });
});
