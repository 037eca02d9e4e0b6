import { icepack, placeholder, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { cutText, printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import type { ListedRun } from './run-list.js';

const columns = 80;
const headings = { id: 'RUN', event: 'EVENT', servers: 'SERVERS', ticket: 'TICKET', owes: 'OWES', size: 'SIZE' };

type Row = typeof headings;

/**
 * A table with a line per run; below it what happened, and what is still to be done.
 * @param zone the operator's
 * @param older how many more there are, which owe nothing
 */
export function runLines(runs: readonly ListedRun[], zone: string, older = 0): OutputLine[] {
  if (runs.length === 0) return [{ text: 'There are no runs yet.' }];
  const rows = runs.map((run) => rowOf(run, zone));
  const tableLines = tableOf([headings, ...rows]);
  return [
    { text: `Times of events are those of ${zone}.`, tone: 'dim' },
    ...(tableLines[0] ?? []).map((text): OutputLine => ({ text, tone: 'strong' })),
    ...runs.flatMap((run, at) => [
      ...(tableLines[at + 1] ?? []).map((text): OutputLine => ({ text, tone: run.owes ? 'warn' : 'dim' })),
      ...below(run),
    ]),
    { text: '' },
    ...(older === 0
      ? []
      : [
          {
            text: say`${older === 1 ? '1 older run owes' : `${older} older runs owe`} nothing: ${icepack('runs', '--all')}`,
          },
        ]),
    { text: say`All about one, and what can be done: ${icepack('runs', placeholder('RUN'))}`, tone: 'dim' },
  ];
}

function rowOf({ id, event, servers, cluster, ticket, bytes, ...run }: ListedRun, zone: string): Row {
  return {
    id,
    event: event === undefined ? '-' : formatLocal(new Date(event), zone),
    servers: cluster ?? (servers.join(' ') || '-'),
    ticket: ticket ?? '-',
    owes: owedWord(run),
    size: formatSize(bytes),
  };
}

/** What is still to be done, in a word. */
function owedWord({
  state,
  missing,
  supersededBy,
  steps,
}: Pick<ListedRun, 'state' | 'missing' | 'supersededBy' | 'steps'>) {
  if (state === 'going on') return 'at work';
  if (state === 'damaged') return 'unknown';
  if (supersededBy !== undefined || steps.length === 0) return 'nothing';
  const [first] = steps;
  if (state === 'unfinished') return 'evidence';
  if (first?.command.verb === 'upload') return 'upload';
  if (state === 'not attached') return 'ZIP';
  if (state === 'not registered' || state === 'unknown') return 'ticket';
  return missing.length > 0 ? 'evidence' : 'submit';
}

/** Lines of equal columns. Names of runs that are too wide get a line of their own, and servers are cut to what is left. */
function tableOf(rows: readonly Row[]): string[][] {
  const widest = (key: keyof Row) => Math.max(...rows.map((row) => row[key].length));
  const others = (['event', 'ticket', 'owes', 'size'] as const).reduce((sum, key) => sum + widest(key) + 2, 0);
  const left = columns - others - widest('id') - 2;
  const isWide = left < headings.servers.length;
  const width = Math.min(widest('servers'), isWide ? columns - others - 2 : left);
  return rows.map((row) => {
    const cells = [
      row.event.padEnd(widest('event')),
      cutText(serversIn(row.servers, width), width).padEnd(width),
      row.ticket.padEnd(widest('ticket')),
      row.owes.padEnd(widest('owes')),
      row.size.padStart(widest('size')),
    ].join('  ');
    return isWide ? [row.id, `  ${cells}`] : [`${row.id.padEnd(widest('id'))}  ${cells}`];
  });
}

/** As many names as fit, then how many more there are: `ice01+3`. */
function serversIn(servers: string, width: number): string {
  const names = servers.split(' ');
  for (let shown = names.length; shown > 0; shown--) {
    const rest = names.length - shown;
    const text = `${names.slice(0, shown).join(' ')}${rest === 0 ? '' : `+${rest}`}`;
    if (text.length <= width) return text;
  }
  return `${names.length}`;
}

export const stateTexts: Record<ListedRun['state'], string> = {
  'not begun': 'it was cut before anything was collected',
  unfinished: 'it was cut while it collected',
  collected: 'collected, and not submitted',
  'not registered': 'collected; it has no ticket yet',
  unknown: 'whether it has a ticket is not known: the answer was lost',
  'not attached': 'the ticket is there, the ZIP is not attached',
  'too large': 'the ZIP is too large to attach; support was asked where to upload it',
  uploaded: 'the ZIP is at the upload server',
  attached: 'the ZIP is attached',
  'second half owed': 'the first half is delivered; the later logs are not',
  'by hand': 'ticket filled in by hand',
  continued: 'another run took it up',
  'going on': 'it is at work now',
  damaged: 'its files on this machine are damaged',
};

const isPlain = new Set<ListedRun['state']>(['attached', 'uploaded']);

function below({ state, summary, missing, supersededBy, steps }: ListedRun): OutputLine[] {
  const [next] = steps;
  const facts = [
    ...(isPlain.has(state) ? [] : [stateTexts[state]]),
    ...(supersededBy === undefined ? [] : [`run ${supersededBy} has all of its event`]),
    ...(missing.length === 0 ? [] : [`missing: ${missing.join('; ')}`]),
  ];
  return [
    ...(summary === undefined ? [] : [{ text: `  ${printableLine(summary, columns - 2)}` }]),
    ...(facts.length === 0 ? [] : [{ text: `  ${facts.join('; ')}`, tone: 'dim' as const }]),
    ...(next === undefined
      ? []
      : [{ text: say`  Next: ${next.command}` }, { text: `        ${next.why}`, tone: 'dim' as const }]),
  ];
}
