import { basename, dirname, join, resolve } from 'node:path';
import { extractBundle, readBundleManifest, readThrough } from '../bundle/unzip.js';
import { icepack, placeholder, say } from '../domain/command.js';
import { type Intent, intentSchema, latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { createdTicket, isOutcomeUnknown } from '../domain/owed.js';
import type { Program } from '../domain/program.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Run, RunStore } from '../state/runs.js';
import { parseManifest } from '../state/runs.js';

/**
 * Finds what was collected before.
 * @param what the id of a run, or the path of a ZIP that icepack made, here or on another machine
 * @throws UserError `no-such-run`, `not-a-bundle`, `not-a-zip`, `archive-unsafe`, `archive-damaged`, `run-unfinished`
 */
export async function findStoredRun(
  what: string,
  runs: RunStore,
  program: Program,
): Promise<{ run: Run; manifest: Manifest }> {
  const byId = await runs.find(what);
  if (byId !== undefined) return { run: byId, manifest: await byId.readManifest() };
  if (!/\.zip$/i.test(what)) {
    const newest = (await runs.ids()).slice(-5).reverse();
    throw usageError(
      'no-such-run',
      `there is no run "${what}"`,
      `The newest are: ${newest.join(', ') || 'none'}. A path must end in .zip`,
    );
  }
  const path = resolve(what);
  const manifest = await manifestIn(path);
  const here = (await runs.find(basename(dirname(path)))) ?? (await runs.find(manifest.run));
  if (here !== undefined && latest(here.journal, 'collected') !== undefined)
    return { run: here, manifest: await here.readManifest() };
  return importBundle(path, manifest, runs, program);
}

/** Of a ZIP that is damaged that is said, whatever its manifest is. */
async function manifestIn(path: string): Promise<Manifest> {
  const text = await readBundleManifest(path);
  try {
    return parseManifest(text, path);
  } catch (error) {
    await readThrough(path);
    throw error;
  }
}

/** Whether it is something that was collected: the id of a run, or a ZIP that icepack made. */
export async function isStoredRun(what: string, runs: RunStore): Promise<boolean> {
  if ((await runs.find(what)) !== undefined) return true;
  if (!/\.zip$/i.test(what)) return false;
  const path = resolve(what);
  return readBundleManifest(path).then(
    (text) => isManifest(text, path),
    () => false, // no ZIP, or one of somebody else
  );
}

function isManifest(text: string, path: string): boolean {
  try {
    return parseManifest(text, path) !== undefined;
  } catch {
    return false; // a manifest.json of something else
  }
}

/** Makes a run of a ZIP that was collected elsewhere, under its own id, file by file compared with its manifest. */
async function importBundle(
  path: string,
  manifest: Manifest,
  runs: RunStore,
  program: Program,
): Promise<{ run: Run; manifest: Manifest }> {
  await readThrough(path); // a run is made of what is whole
  const run = await runs.adopt(manifest.run);
  await run.journal.write({
    type: 'started',
    schema: 1,
    tool: program.version,
    argv: program.argv,
    intent: intentIn(manifest),
  });
  const expected = new Map<string, { path: string; sha256: string | undefined }>();
  for (const server of manifest.servers) {
    for (const item of server.items) {
      expected.set(`${server.folder}/${item.path}`, {
        path: join(run.stagingOf(server.name), item.path),
        sha256: item.sha256,
      });
    }
  }
  const ours = new Set([
    'README.txt',
    'report.html',
    ...manifest.servers.map(({ folder }) => `${folder}/NOT-COLLECTED.txt`),
  ]);
  const files = await extractBundle(path, (name) => (ours.has(name) ? 'rewritten' : expected.get(name)?.path));
  const found = new Map(files.map((file) => [file.name, file.sha256]));
  for (const [name, { sha256 }] of expected) {
    if (sha256 !== undefined && found.get(name) !== sha256) {
      throw new UserError('archive-damaged', `"${path}" is damaged: ${name} is not what its manifest says`, {
        exit: exitCode.notAsItShouldBe,
        hint: 'Ask for the ZIP again',
      });
    }
  }
  await run.writeManifest(manifest);
  await run.journal.write({ type: 'collected' });
  return { run, manifest };
}

/** What was said of the event where it was collected. */
function intentIn({ incident = {}, texts = [] }: Manifest): Intent {
  const { success, data } = intentSchema.safeParse(incident);
  const report = texts.some(({ path }) => path === 'report.html') ? { report: true as const } : {};
  return { ...(success ? data : {}), ...report };
}

/**
 * What the run was meant to become, with what was said since.
 * @throws UserError `other-help-desk` where its ticket is, or may be, at another one than `desk`
 */
export function intentOf(run: Run, said: Intent, { desk }: DeskSettings): Intent {
  if (said.ticket === undefined && desk !== undefined) refuseOtherDesk(run, desk.origin);
  const registered = latest(run.journal, 'registered');
  const ticket = registered?.given ? { ticket: registered.key } : {};
  return withSaid({ ...meantOf(run), ...ticket }, said);
}

/** What was said before, with what is said now: answers to other questions, and other fields, are kept. */
export function withSaid(before: Intent, said: Intent): Intent {
  const answers = { ...before.answers, ...said.answers };
  const fields = { ...before.fields, ...said.fields };
  return {
    ...before,
    ...said,
    ...(Object.keys(answers).length === 0 ? {} : { answers }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

/** What was said of a run so far. */
export function meantOf({ journal }: Run): Intent {
  const drafted = latest(journal, 'drafted')?.draft;
  const draft = drafted === undefined ? {} : { summary: drafted.subject, severity: drafted.severity };
  return { ...draft, ...latest(journal, 'started')?.intent, ...latest(journal, 'meant')?.intent };
}

function refuseOtherDesk(run: Run, origin: string): void {
  const [what, bound] = boundTo(run);
  if (bound === undefined || bound === origin) return;
  throw usageError(
    'other-help-desk',
    `run ${run.id} ${what} ${bound}, and the configuration names ${origin}`,
    say`Go on with the configuration of that time; or name the ticket here: ${icepack('submit', run.id, '--ticket', placeholder('NUMBER'))}`,
  );
}

/** The help desk where the ticket of a run is, may be, or is to be registered by a person who has its texts. */
function boundTo({ journal }: Run): [what: string, origin?: string] {
  const known = latest(journal, 'registered') ?? createdTicket(journal);
  if (known !== undefined) return [`has ${known.key} at`, known.origin];
  const asked = isOutcomeUnknown(journal) ? latest(journal, 'registering') : undefined;
  if (asked !== undefined) return ['may have a ticket at', asked.origin];
  const drafted = latest(journal, 'drafted');
  return drafted?.byHand ? ['was prepared for', drafted.origin] : [''];
}
