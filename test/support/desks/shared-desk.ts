import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../sshd.ts';

/** The real help desks that tests run against, and what their scripts are told. */
const desks = {
  'request-tracker': { script: 'request-tracker', home: 'RT_HOME', port: 'RT_PORT', alive: '/REST/2.0/rt', env: {} },
  /** It drops files of more than 75 kB, and says that it took them. */
  'request-tracker-small': {
    ...{ script: 'request-tracker', home: 'RT_HOME', port: 'RT_PORT', alive: '/REST/2.0/rt' },
    env: { RT_OPTIONS: 'Set($DropLongAttachments, 1); Set($MaxAttachmentSize, 100_000);' },
  },
  redmine: { script: 'redmine', home: 'RM_HOME', port: 'RM_PORT', alive: '/users/current.json', env: {} },
} as const;
type DeskName = keyof typeof desks;

export type SharedDesk = { url: string; home: string; token: string };

const variable = 'ICEPACK_TEST_DESKS';
const execute = promisify(execFile);

/** Where the instances of this test run lie; its tests inherit it. */
export async function openDeskFolder(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'desks-'));
  await chmod(folder, 0o755); // the servers run as another user
  process.env[variable] = folder;
}

export async function closeDeskFolder(): Promise<void> {
  const folder = process.env[variable];
  if (folder === undefined) return;
  for (const name of Object.keys(desks)) await endServer(join(folder, name));
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function endServer(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'pid'), 'utf8').catch(() => ''));
  if (pid > 0) signalGroup(pid);
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** The one instance of this test run: whoever needs it first starts it, the others wait; the end of the run ends it. */
export async function sharedDesk(name: DeskName): Promise<SharedDesk> {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error('the test run has no folder for help desks');
  const home = join(folder, name);
  const isFirst = await mkdir(`${home}.lock`).then(
    () => true,
    () => false,
  );
  if (isFirst) await startDesk(name, home).catch((error) => writeFile(`${home}.failed`, String(error)));
  const port = await waitFor(async () => {
    const failed = await readFile(`${home}.failed`, 'utf8').catch(() => undefined);
    if (failed !== undefined) throw new Error(`${name} does not run: ${failed}`);
    return readFile(`${home}.port`, 'utf8').catch(() => undefined);
  });
  return { url: `http://127.0.0.1:${port}`, home, token: await readFile(join(home, 'token'), 'utf8') };
}

async function startDesk(name: DeskName, home: string): Promise<void> {
  const desk = desks[name];
  const port = String(await freePort());
  const script = fileURLToPath(new URL(`${desk.script}.sh`, import.meta.url));
  const env = { ...process.env, ...desk.env, [desk.home]: home, [desk.port]: port };
  for (const step of ['init', 'start']) await execute('bash', [script, step], { env });
  await waitFor(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${desk.alive}`).catch(() => undefined);
    return answer?.status === 401 ? true : undefined;
  });
  await writeFile(`${home}.port`, port);
}

/** As long as it takes on a busy machine; the time-out of the test is the end of it. */
async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(100);
  }
}
