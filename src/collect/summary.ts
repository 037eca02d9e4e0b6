import { serverTitle } from '../domain/appliance.js';
import { type Assessment, assess, type Loss } from '../domain/assessment.js';
import { say } from '../domain/command.js';
import { completingCommand } from '../domain/completion.js';
import type { OutputLine } from '../domain/line.js';
import type { Item } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import type { RunResult } from '../domain/result.js';
import { formatLocal } from '../domain/zone.js';
import { costLines } from '../tickets/assessment-text.js';
import { coverageSentence } from '../tickets/coverage-text.js';
import { instantText, windowText } from '../tickets/event-text.js';
import { nextLines } from '../tickets/next-text.js';
import { redactionLines } from '../tickets/redaction-text.js';
import { skippedTexts } from '../tickets/skipped-text.js';
import { clockText } from '../tickets/ticket-text.js';

/** The closing words of `collect` and `submit`: what there is, what is missing and why, where it lies, what to do next. */
export function summaryOf(result: RunResult): OutputLine[] {
  const { manifest, error, texts } = result;
  return [
    ...ticketLines(result),
    {
      text: `Event ${manifest.event.number}, ${instantText(new Date(manifest.event.at), ...zonesOf(manifest))}`,
    },
    ...(isGood(result) ? [] : [{ text: `Log window ${windowText(manifest)}`, tone: 'dim' as const }]),
    { text: '' },
    ...assess(manifest).flatMap(serverLines),
    ...coverageLines(manifest),
    ...(isGood(result) || (result.bundle === null && texts === undefined) ? [] : [{ text: '' }]),
    ...bundleLines(result),
    ...(texts === undefined ? [] : [{ text: `Texts for the web form: ${folderOf(texts[0]?.path ?? '')}` }]),
    ...pageLines(result),
    ...(error === null ? [] : errorLines(error)),
    ...closingLines(result),
  ];
}

/** Support has all of it: what is said then fits a screen. */
function isGood({ exitCode, bundle, next }: RunResult): boolean {
  return exitCode === 0 && bundle?.attached === true && next.length === 0;
}

/** The zone of the operator, then those of the servers. */
function zonesOf({ event, servers }: RunResult['manifest']): string[] {
  return [...(event.zone === undefined ? [] : [event.zone]), ...servers.map(({ zone }) => zone.name)];
}

export function coverageLines(manifest: RunResult['manifest']): OutputLine[] {
  const sentence = coverageSentence(manifest);
  const lines = [...(sentence === undefined ? [] : [sentence]), ...redactionLines(manifest)];
  return lines.length === 0 ? [] : [{ text: '' }, ...lines];
}

function ticketLines(result: RunResult): OutputLine[] {
  const { ticket, manifest } = result;
  if (ticket === null) return [{ text: 'No ticket', tone: 'strong' }];
  const how = ticket.created ? 'registered' : 'existing ticket';
  const lines: OutputLine[] = [{ text: `${ticket.key} ${how}${ticket.url ? `  ${ticket.url}` : ''}`, tone: 'strong' }];
  return isGood(result) ? lines : [...lines, { text: `Reference ${manifest.reference}`, tone: 'dim' }];
}

const verdicts: Record<Assessment['verdict'], { text: string } & OutputLine> = {
  complete: { text: 'complete', tone: 'good' },
  partial: { text: 'partial', tone: 'warn' },
  incomplete: { text: 'INCOMPLETE', tone: 'bad' },
  unreachable: { text: 'NOT REACHED', tone: 'bad' },
};

export function serverLines(assessment: Assessment): OutputLine[] {
  const { server, verdict, collected, losses, skipped } = assessment;
  const { text, tone = 'strong' } = verdicts[verdict];
  const clock = verdict === 'unreachable' ? '' : `, ${clockText(server)}`;
  return [
    { text: say`${serverTitle(server.id)}  ${server.name}  ${text}${clock}`, tone },
    ...collected.map((item): OutputLine => ({ text: `     + ${sizedPath(item)}`, tone: 'good' })),
    ...losses.flatMap(lossBlock),
    ...skippedTexts(skipped).map((text): OutputLine => ({ text: `       skipped: ${text}`, tone: 'dim' })),
  ];
}

/** Why, once, and what is missing because of it. */
function lossBlock(loss: Loss): OutputLine[] {
  const [mark, tone] =
    loss.missing.length > 0 || loss.face !== undefined ? ['!', 'bad' as const] : ['~', 'warn' as const];
  return [
    { text: `     ${mark} ${loss.reason}`, tone },
    ...costLines(loss).map((text): OutputLine => ({ text: `       ${text}` })),
  ];
}

function sizedPath({ path, bytes, reason }: Item): string {
  return [path, bytes === undefined ? undefined : formatSize(bytes), reason].filter(Boolean).join('  ');
}

function bundleLines(result: RunResult): OutputLine[] {
  const { bundle, earlier = [], ticket, exitCode, toDrop } = result;
  if (bundle === null) return [];
  const where = bundle.attached
    ? `attached to ${ticket?.key}${bundle.attachedAs === undefined ? '' : ` as ${bundle.attachedAs}`}`
    : exitCode === 7
      ? 'too large to attach'
      : toDrop !== undefined
        ? 'for you to attach'
        : 'not attached';
  const before = earlier.map(({ name, bytes, attached }): OutputLine => {
    const what = attached ? `, attached to ${ticket?.key}` : '';
    return { text: `${name}  ${formatSize(bytes)}${what}, before the window was over`, tone: 'dim' };
  });
  const lines: OutputLine[] = [
    ...before,
    { text: `ZIP  ${formatSize(bundle.bytes)}, ${where}`, tone: 'strong' },
    { text: bundle.path },
  ];
  return isGood(result) ? lines : [...lines, { text: `SHA-256 ${bundle.sha256}`, tone: 'dim' }];
}

/** Where a browser can lead through the form; a line of its own is copied whole. */
function pageLines({ page, fetch }: RunResult): OutputLine[] {
  return [
    ...(page === undefined ? [] : [{ text: 'As a page for a browser:' }, { text: page }]),
    ...(fetch === undefined ? [] : [{ text: 'To have them where your browser is, type there:' }, { text: fetch }]),
  ];
}

function errorLines(error: NonNullable<RunResult['error']>): OutputLine[] {
  const lines: OutputLine[] = [{ text: '' }, { text: error.message, tone: 'bad' }];
  return error.hint === null ? lines : [...lines, { text: say`  → ${error.hint}` }];
}

function closingLines(result: RunResult): OutputLine[] {
  const { next, bundle, exitCode, manifest } = result;
  const first = personLines(result);
  const isDone = bundle?.attached && next.length === 0 && (exitCode === 0 || exitCode === 3);
  const lines: OutputLine[] = [
    ...first,
    ...openWindowLines(result),
    ...(isDone ? [doneLine(result)] : nextLines(manifest.run, next, first.length === 0 ? 'Next' : 'Then')),
  ];
  return lines.length === 0 || isGood(result) ? lines : [{ text: '' }, ...lines];
}

function doneLine({ ticket, say }: RunResult): OutputLine {
  const done = say === undefined ? 'Nothing more to do: support has what there is' : 'Support has what there is';
  return { text: `${done}. Follow ${ticket?.key}.`, tone: 'good' };
}

/** What only a person can do, before anything else: call somebody; attach the ZIP where no API does. */
function personLines({ say, toDrop, ticket, manifest }: RunResult): OutputLine[] {
  const about = ticket === null ? `no ticket yet, run ${manifest.run}` : ticket.key;
  const todo = [...(say === undefined ? [] : [`${say} (${about})`]), ...(toDrop === undefined ? [] : [toDrop])];
  return todo.map((text, at) => ({ text: `${at === 0 ? 'Next' : 'Then'}: ${text}`, tone: 'strong' }));
}

function openWindowLines({ manifest }: RunResult): OutputLine[] {
  if (completingCommand(manifest, undefined) === undefined) return [];
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const until = formatLocal(new Date(manifest.event.window.until), zone);
  return [{ text: `The window is not over: the rest of the logs can be had after ${until} ${zone}.`, tone: 'warn' }];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
