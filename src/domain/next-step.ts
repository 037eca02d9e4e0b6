import { serverTitle } from './appliance.js';
import { facesDown } from './assessment.js';
import { type Command, icepack, placeholder } from './command.js';
import { completingCommand, repairCommands } from './completion.js';
import { latest } from './journal.js';
import type { Manifest } from './manifest.js';
import { isUnreachable } from './outcome.js';
import { type Journal, missingKinds, missingText, owesEvidence, stateOf } from './owed.js';
import { formatLocal } from './zone.js';

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
  if (state === 'second half owed') return [secondHalf(run)];
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
export function secondHalf(run: string): NextStep {
  return { command: icepack('resume', run), why: 'takes the later logs, and attaches the whole event' };
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
  const asks =
    owesEvidence(journal, manifest, now) === 'missing' ? `asks again for ${missingText(manifest)}, then ` : '';
  const resume = { command: icepack('resume', run), why: `${asks}${owing[state] ?? ''}` };
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

/** What brings evidence that is missing, while servers are still asked for it. */
function evidenceSteps({ run, journal, now }: Standing, manifest: Manifest): NextStep[] {
  if (owesEvidence(journal, manifest, now) !== 'missing') return [];
  const resume = { command: icepack('resume', run), why: whyAgain(manifest, now) };
  const ticket = latest(journal, 'registered')?.key;
  const again = [...repairCommands(manifest, ticket).slice(1), completingCommand(manifest, ticket)]
    .filter((command) => command !== undefined)
    .map((command): NextStep => ({ command, why: 'asks for it as a collection of its own' }));
  const down = manifest.servers.filter((server) => facesDown(server).length > 0);
  const isSecondTry = latest(journal, 'started')?.continues !== undefined && openUntil(manifest) === undefined;
  if (down.length > 0 && !wasInterrupted(manifest)) return [doctorFor(down), resume, ...again];
  if (!isSecondTry || wasInterrupted(manifest)) return [resume, ...again];
  const missing = missingKinds(manifest).map(({ server }) => server);
  const doctor = icepack('doctor', ...missing);
  return [{ command: doctor, why: `asked twice for ${missingText(manifest)}: looks what is wrong` }, resume, ...again];
}

function doctorFor(down: Manifest['servers']): NextStep {
  const titles = down.flatMap((server) =>
    facesDown(server).map(([face]) => `${serverTitle(server.id)} ${face === 'cli' ? 'CLI' : 'host OS'}`),
  );
  const who = titles.length > 2 ? `${titles.length} logins failed` : `no login at ${titles.join(' and ')}`;
  return { command: icepack('doctor', ...down.map(({ name }) => name)), why: `${who}: says what to mend first` };
}

function whyAgain(manifest: Manifest, now: Date): string {
  const until = openUntil(manifest);
  if (until === undefined) return `asks again for ${missingText(manifest)}`;
  if (until <= now) return 'the window is over now: takes the rest of the logs';
  const zone = manifest.event.zone ?? manifest.servers[0]?.zone.name ?? 'UTC';
  return `after ${formatLocal(until, zone)} ${zone}: takes the rest of the logs`;
}

/** When a window ends that was not over. */
export function openUntil(manifest: Manifest): Date | undefined {
  return completingCommand(manifest, undefined) === undefined ? undefined : new Date(manifest.event.window.until);
}
