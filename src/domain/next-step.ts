import { serverTitle } from './appliance.js';
import { facesDown } from './assessment.js';
import { type Command, icepack, placeholder } from './command.js';
import { completingCommand, repairCommands } from './completion.js';
import { latest } from './journal.js';
import type { Manifest } from './manifest.js';
import { isUnreachable } from './outcome.js';
import { type Journal, missingKinds, missingText, owesEvidence, stateOf } from './owed.js';
import { formatLocal, minuteAfter } from './zone.js';

/** A command that makes sense now, and what it does, in half a line. */
export type NextStep = { command: Command; why: string };

/** All that is known of where a run stands. */
export type Standing = {
  run: string;
  journal: Journal;
  manifest: Manifest | undefined;
  now: Date;
  /** What the help desk of the configuration takes at most, in bytes; undefined where there is none. */
  limit: number | undefined;
};

/**
 * What can be done about a run. The first is what is recommended: collect, resume, submit, upload and `icepack runs` all
 * say that one. A ticket with what there is comes first, and one with nothing in it never.
 */
export function nextSteps(standing: Standing): NextStep[] {
  const steps = inOrder(standing);
  const said = steps.map(({ command }) => command.spelled());
  return steps.filter((_step, at) => said.indexOf(said[at] ?? '') === at);
}

function inOrder(standing: Standing): NextStep[] {
  const { run, journal, manifest, now } = standing;
  const state = stateOf(journal);
  if (state === 'unfinished' && owesEvidence(journal, undefined, now) === 'all')
    return [{ command: icepack('resume', run), why: 'it was cut: collects what it was to collect' }];
  if (manifest === undefined || ['unfinished', 'not begun', 'continued'].includes(state)) return [];
  if (state === 'second half owed') return [secondHalf(manifest, now)];
  const evidence = evidenceSteps(standing, manifest);
  if (state === 'attached' || state === 'uploaded') return evidence;
  if (state === 'too large' || isTooLargeByHand(standing)) return [...uploadSteps(standing), ...evidence];
  if (state === 'by hand') return evidence;
  const submit = submitSteps(standing, manifest);
  return isEmpty(manifest) || (state === 'collected' && wasInterrupted(manifest))
    ? [...evidence, ...submit]
    : [...submit, ...evidence];
}

/** What a run owes whose window was waited for, and not to its end. */
export function secondHalf(manifest: Manifest, now: Date): NextStep {
  const why = `${windowWord(manifest, now)}: takes the later logs, and attaches the whole event`;
  return { command: icepack('resume', manifest.run), why };
}

/** Nothing is in it that a server gave. */
function isEmpty({ servers }: Manifest): boolean {
  return servers.every(isUnreachable) || !servers.some(({ items }) => items.some(({ bytes }) => bytes !== undefined));
}

function wasInterrupted({ servers }: Manifest): boolean {
  return servers.some(({ items }) => items.some(({ reason }) => reason?.startsWith('interrupted')));
}

/** At a help desk without an API nobody tells the ticket that the ZIP is too large for it. */
function isTooLargeByHand({ journal, limit }: Standing): boolean {
  const zip = latest(journal, 'bundled');
  const isUploaded = latest(journal, 'uploaded')?.sha256 === zip?.sha256;
  return stateOf(journal) === 'by hand' && zip !== undefined && zip.bytes > (limit ?? zip.bytes) && !isUploaded;
}

function uploadSteps({ run, journal }: Standing): NextStep[] {
  const to = latest(journal, 'uploading')?.to;
  const upload = icepack('upload', run, '--to', to ?? placeholder('URL'));
  const isFitted = latest(journal, 'bundled')?.fitted === true;
  const fit = {
    command: icepack('submit', run, '--fit'),
    why: 'leaves out what is needed least, and attaches the rest',
  };
  const why = to === undefined ? 'when support has said where' : 'goes on where it was interrupted';
  return [{ command: upload, why }, ...(isFitted ? [] : [fit])];
}

/** What brings the run to its ticket. */
function submitSteps(standing: Standing, manifest: Manifest): NextStep[] {
  const { run, journal, now, limit } = standing;
  const state = stateOf(journal);
  const ticket = latest(journal, 'started')?.intent.ticket;
  const submit = icepack('submit', run, ...(ticket === undefined ? [] : ['--ticket', ticket]));
  if (state === 'collected')
    return limit === undefined
      ? []
      : [{ command: submit, why: 'brings it to its ticket: collected, and not submitted' }];
  if (needsNumber(journal))
    return [
      { command: icepack('submit', run, '--ticket', placeholder('NUMBER')), why: 'with the number of its ticket' },
    ];
  const owed = owesEvidence(journal, manifest, now);
  const asks = owed === 'missing' ? `asks again for ${missingText(manifest)}, then ` : '';
  const later = owed === 'too early' ? `; ${windowWord(manifest, now)} again for the rest of the logs` : '';
  const resume = { command: icepack('resume', run), why: `${asks}${owing[state] ?? ''}${later}` };
  if (asks === '' || isEmpty(manifest)) return [resume, ...byPerson(standing), ...(asks === '' ? [] : [asIs(run)])];
  return [resume, asIs(run), ...byPerson(standing)];
}

const owing: Record<string, string> = {
  'not registered': 'registers the ticket and attaches the ZIP',
  unknown: 'finds out whether the ticket exists, and attaches the ZIP',
  'not attached': 'attaches the ZIP to its ticket',
};

function asIs(run: string): NextStep {
  return { command: icepack('submit', run), why: 'sends what there is, and asks no server' };
}

/** A person has to name the ticket: no help desk can be asked, or it has none of the number that was named. */
function needsNumber(journal: Journal): boolean {
  const { entries } = journal;
  const last = entries.findLast(({ type }) =>
    ['drafted', 'not-registered', 'registering', 'registered'].includes(type),
  );
  return (
    (last?.type === 'drafted' && last.byHand === true) || (last?.type === 'not-registered' && last.needsNumber === true)
  );
}

function byPerson({ run, journal }: Standing): NextStep[] {
  if (stateOf(journal) !== 'unknown') return [];
  return [
    { command: icepack('resume', run, '--it-is', placeholder('NUMBER')), why: 'you have looked: this is its ticket' },
    { command: icepack('resume', run, '--it-does-not-exist'), why: 'you have looked: it has none, register it' },
  ];
}

/**
 * What brings evidence that is missing, while servers are still asked for it. Whether the reason was mended meanwhile is not
 * known here: to ask again is what brings it, and its reason says when to look first.
 */
function evidenceSteps({ run, journal, now }: Standing, manifest: Manifest): NextStep[] {
  if (!['missing', 'too early'].includes(owesEvidence(journal, manifest, now))) return [];
  const ticket = latest(journal, 'registered')?.key;
  const again = [...repairCommands(manifest, ticket).slice(1), completingCommand(manifest, ticket)]
    .filter((command) => command !== undefined)
    .map((command): NextStep => ({ command, why: 'asks for it as a collection of its own' }));
  const isSecondTry = (latest(journal, 'started')?.continues ?? latest(journal, 'nothing-new')) !== undefined;
  const fault = faultToMend(manifest, isSecondTry);
  const resume = { command: icepack('resume', run), why: whyAgain(manifest, now) };
  if (fault === undefined) return [resume, ...again];
  const why = `${resume.why}; doctor first if ${fault.still}`;
  const doctor = { command: icepack('doctor', ...fault.servers), why: `${fault.text}: says what to mend` };
  return [{ ...resume, why }, doctor, ...again];
}

type Fault = { text: string; still: string; servers: string[] };

/** What will keep the evidence away once more, unless somebody mends it. */
function faultToMend(manifest: Manifest, isSecondTry: boolean): Fault | undefined {
  if (wasInterrupted(manifest)) return undefined;
  const down = manifest.servers.filter((server) => facesDown(server).length > 0);
  if (down.length > 0) {
    const text = loginsFailed(down);
    return { text, still: `there is still ${text}`, servers: down.map(({ name }) => name) };
  }
  if (!isSecondTry || openUntil(manifest) !== undefined) return undefined;
  const text = `asked twice for ${missingText(manifest)}`;
  return { text, still: 'it fails again', servers: missingKinds(manifest).map(({ server }) => server) };
}

function loginsFailed(down: Manifest['servers']): string {
  const titles = down.flatMap((server) =>
    facesDown(server).map(([face]) => `${serverTitle(server.id)} ${face === 'cli' ? 'CLI' : 'host OS'}`),
  );
  return titles.length > 2 ? `no login at ${titles.length} places` : `no login at ${titles.join(' and ')}`;
}

function whyAgain(manifest: Manifest, now: Date): string {
  if (openUntil(manifest) === undefined) return `asks again for ${missingText(manifest)}`;
  return `${windowWord(manifest, now)}: takes the rest of the logs`;
}

/** e.g. `after 2026-11-20 11:02 Europe/Stockholm` */
function windowWord(manifest: Manifest, now: Date): string {
  const until = new Date(manifest.event.window.until);
  if (until <= now) return 'the window is over now';
  const zone = manifest.event.zone ?? manifest.servers[0]?.zone.name ?? 'UTC';
  return `after ${formatLocal(minuteAfter(until), zone)} ${zone}`;
}

/** When a window ends that was not over. */
export function openUntil(manifest: Manifest): Date | undefined {
  return completingCommand(manifest, undefined) === undefined ? undefined : new Date(manifest.event.window.until);
}
