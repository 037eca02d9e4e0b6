import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

/** What a run left to be judged by. */
export type Outcome = {
  args: readonly string[];
  code: number | null;
  stdout: string;
  stderr: string;
  /** The home folder of the run. */
  home: string;
  /** Names in the home folder before the run. */
  before: readonly string[];
  /** Nowhere to be found afterwards. */
  secrets: readonly string[];
  /** Below the home folder: where the secrets belong. */
  secretPlaces: readonly string[];
  peakMb: number | undefined;
};

const maxPeakMb = 256;

/** What holds after every run, whatever went wrong in it (O1, O4, O5, O6, O8, O9, O10 of the fault matrix). */
export async function expectInvariants(outcome: Outcome): Promise<void> {
  const { stdout, stderr, home, secrets, secretPlaces, peakMb } = outcome;
  const said = stdout + stderr;
  expect(
    secrets.filter((secret) => formsOf(secret).some((form) => said.includes(form))),
    'O4: secrets shown',
  ).toEqual([]);
  expect(await filesHolding(home, secrets, secretPlaces), 'O4: files that hold a secret').toEqual([]);
  expect(said.match(controls)?.[0], 'O9: control characters shown').toBeUndefined();
  expectTruthfulExit(outcome);
  expect(peakMb ?? 0, 'O6: memory in MB').toBeLessThan(maxPeakMb);
  expect(await strangeNames(outcome), 'O1: names that appeared in the home folder').toEqual([]);
  expect(await openPaths(join(home, '.local', 'state', 'icepack')), 'O8: paths others may read').toEqual([]);
}

/** All but LF and TAB, and what turns text around. */
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

function expectTruthfulExit({ args, code, stdout, stderr }: Outcome): void {
  const isTimer = args[0] === 'capture' || args[0] === 'watch'; // it speaks when something changes
  const isPipe = args.includes('--mail'); // what it printed would be sent back
  const mayBeSilent =
    isTimer || (isPipe && code === 75) || (args.includes('--quiet') && (code === 9 || args.includes('--json')));
  if (code !== 0 && code !== null && !mayBeSilent) expect(stderr, 'O5: a failure says why').not.toBe('');
  if (!args.includes('--json') || stdout === '') return;
  const document = JSON.parse(stdout);
  if (typeof document.exitCode === 'number') expect(document.exitCode, 'O5: exit code and document').toBe(code);
  for (const server of document.servers ?? []) expectAccounted(server.items ?? [], code);
}

type SeenItem = { path: string; collector: string; status: string; reason?: string | null };

/** O10: every kind is accounted for, no path twice, and whatever is not whole says why. */
function expectAccounted(items: SeenItem[], code: number | null): void {
  if (items.length === 0) return;
  const kinds = items.map((item) => item.collector).filter((kind) => kind !== 'recipe'); // only where a recipe adds something
  expect(new Set(kinds), 'O10: kinds accounted for').toEqual(new Set(['config', 'techsupport', 'logs', 'cli', 'vm']));
  expect(new Set(items.map((item) => item.path)).size, 'O10: paths, each once').toBe(items.length);
  const gaps = items.filter((item) => item.status === 'partial' || item.status === 'failed');
  expect(
    gaps.filter((item) => !item.reason),
    'O10: gaps without a reason',
  ).toEqual([]);
  if (gaps.length > 0) expect(code, 'O5: never 0 with a gap').not.toBe(0);
}

async function strangeNames({ args, home, before }: Outcome): Promise<string[]> {
  const own = new Set([...before, '.local', '.cache', ...args.flatMap((arg) => arg.split('/'))]);
  return (await readdir(home)).filter((name) => !own.has(name));
}

async function openPaths(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []); // nothing was written
  const own = entries.filter((entry) => !entry.isSymbolicLink()); // a link has no mode of its own; a test made it
  const paths = own.map((entry) => join(entry.parentPath, entry.name));
  const modeOf = (path: string) => lstat(path).catch(() => ({ mode: 0 })); // gone meanwhile: another run is at work
  const modes = await Promise.all(paths.map(async (path) => ({ path, mode: (await modeOf(path)).mode })));
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ path }) => path);
}

/** Every file below a folder whose bytes hold one of the texts: what must not be anywhere (O4). */
export async function filesHolding(
  folder: string,
  texts: readonly string[],
  leaveOut: readonly string[] = [],
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || leaveOut.some((left) => path.startsWith(join(folder, left)))) continue;
    const content = await readFile(path, 'latin1').catch(() => ''); // gone meanwhile, or not for us
    if (texts.some((text) => formsOf(text).some((form) => content.includes(form)))) found.push(path);
  }
  return found;
}

function formsOf(text: string): string[] {
  return [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ];
}
