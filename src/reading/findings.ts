import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import type { MessageCount, Periods } from './message-counts.js';
import type { Finding, FindingKind } from './reading.js';
import { critical, error, warning } from './severity-words.js';

/** What one log says, for counting. */
export type CountedLog = {
  server: number;
  log: number;
  name: string;
  counts: readonly MessageCount[];
  at: Float64Array;
};

const shown = 25;
const frequentTimes = 10;
const fewest = 20;
/** Less than that before the event does not show what is usual. */
const shortestBeforeMs = 2 * 60_000;

const weights: Readonly<Record<number, number>> = { [critical]: 8, [error]: 5, [warning]: 3 };
/** A message that was never there before says more than one that is written more often. */
const newBonus = 2;

/** A message on one server, over its logs. */
type Row = {
  text: string;
  severity: number;
  server: number;
  name: string;
  before: number;
  round: number;
  after: number;
  beforeMs: number;
  goesOn: boolean;
  first: { log: number; line: number; at: number } | undefined;
  last: { log: number; line: number; at: number };
};

type Judged = { row: Row; kind: FindingKind; score: number };

export type Found = { findings: Finding[]; more: number };

/**
 * What stands out by counting: messages that are new round the event, far more frequent, stopped, or on one server only.
 * @param lineOf the place in the order of all lines
 */
export function findingsOf(
  logs: readonly CountedLog[],
  periods: Periods,
  event: { at: number; zone: string },
  lineOf: (log: number, line: number, at: number) => number,
): Found {
  const judged = [...byText(logs, periods).values()].flatMap((rows) => judge(rows, logs, periods));
  const distance = ({ row, kind }: Judged) =>
    distanceOf((kind === 'stopped' ? row.last : (row.first ?? row.last)).at, event.at);
  judged.sort((a, b) => b.score - a.score || distance(a) - distance(b) || a.row.server - b.row.server);
  const merged = mergeServers(judged);
  const findings = merged.slice(0, shown).map(({ judged: own, also }): Finding => {
    const { row, kind } = own;
    const { log, line, at } = kind === 'stopped' ? row.last : (row.first ?? row.last);
    const { severity, server, before, round, after } = row;
    const counting = countingOf(own, periods, event.zone, logs);
    return {
      kind,
      template: row.text,
      severity,
      server,
      also,
      before,
      round,
      after,
      line: lineOf(log, line, at),
      at,
      counting,
    };
  });
  return { findings, more: merged.length - findings.length };
}

/** What is nearest before the event comes first, then what is nearest behind it. */
function distanceOf(at: number, eventAt: number): number {
  return at <= eventAt ? eventAt - at : 1e12 + at - eventAt;
}

function byText(logs: readonly CountedLog[], periods: Periods): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const log of logs) {
    const firstAt = log.at[0] ?? Number.POSITIVE_INFINITY;
    const beforeMs = periods.roundSince - Math.max(periods.since, firstAt);
    const goesOn = (log.at.at(-1) ?? 0) > periods.roundSince + shortestBeforeMs;
    for (const count of log.counts) {
      const key = `${count.template.text}${log.name.startsWith('exported/') ? '\0' : ''}`;
      const own = rows.get(key) ?? [];
      rows.set(key, own);
      addTo(own, rowOf(count, log, beforeMs, goesOn));
    }
  }
  return rows;
}

function rowOf(count: MessageCount, { server, log, name, at }: CountedLog, beforeMs: number, goesOn: boolean): Row {
  const { template, before, round, after, first, last } = count;
  const place = (line: number) => ({ log, line, at: at[line] ?? 0 });
  const { text, severity } = template;
  return {
    text,
    severity,
    server,
    name,
    before,
    round,
    after,
    beforeMs,
    goesOn,
    first: first < 0 ? undefined : place(first),
    last: place(last),
  };
}

/** The same message in several logs of a server counts once. */
function addTo(rows: Row[], row: Row): void {
  const known = rows.find(({ server }) => server === row.server);
  if (known === undefined) {
    rows.push(row);
    return;
  }
  for (const key of ['before', 'round', 'after'] as const) known[key] += row[key];
  known.severity = Math.max(known.severity, row.severity);
  known.beforeMs = Math.min(known.beforeMs, row.beforeMs);
  known.goesOn &&= row.goesOn;
  if (row.first !== undefined && (known.first === undefined || row.first.at < known.first.at)) known.first = row.first;
  if (row.last.at > known.last.at) known.last = row.last;
}

function judge(rows: readonly Row[], logs: readonly CountedLog[], periods: Periods): Judged[] {
  return rows.flatMap((row) => {
    const kind = kindOf(row, rows, logs, periods);
    if (kind === undefined) return [];
    const ratio = Math.log2(ratioOf(row, kind, periods)) + (kind === 'new' ? newBonus : 0);
    return [{ row, kind, score: (weights[row.severity] ?? 1) * ratio }];
  });
}

function kindOf(
  row: Row,
  rows: readonly Row[],
  logs: readonly CountedLog[],
  periods: Periods,
): FindingKind | undefined {
  const { before, round, after, beforeMs, goesOn } = row;
  const showsUsual = beforeMs >= shortestBeforeMs;
  if (showsUsual && before === 0 && round > 0) return 'new';
  if (showsUsual && round >= fewest && before > 0 && rateOf(row, periods) >= frequentTimes) return 'frequent';
  if (before >= fewest && round + after === 0 && goesOn) return 'stopped';
  const isAlone = rows.length === 1 && before + round + after >= fewest;
  return isAlone && otherServers(row, logs) > 0 ? 'only-here' : undefined;
}

/** How many other servers have such a log, so that the message might be there. */
function otherServers({ name, server }: Row, logs: readonly CountedLog[]): number {
  return new Set(
    logs.filter((log) => log.name === name && log.server !== server && log.at.length > 0).map((log) => log.server),
  ).size;
}

function rateOf({ before, round, beforeMs }: Row, { roundSince, roundUntil }: Periods): number {
  return round / (roundUntil - roundSince) / (before / beforeMs);
}

function ratioOf(row: Row, kind: FindingKind, periods: Periods): number {
  if (kind === 'new') return row.round + 1;
  if (kind === 'frequent') return rateOf(row, periods);
  return kind === 'stopped' ? row.before + 1 : row.before + row.round + row.after;
}

function mergeServers(judged: readonly Judged[]): { judged: Judged; also: Finding['also'] }[] {
  const groups = new Map<string, Judged[]>();
  for (const each of judged) {
    const key = `${each.kind} ${each.row.name.startsWith('exported/')} ${each.row.text}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const also = others.map(({ row, kind }) => ({
      server: row.server,
      count: kind === 'stopped' ? row.before : row.round,
    }));
    return [{ judged: first, also: also.sort((a, b) => a.server - b.server) }];
  });
}

function countingOf({ row, kind }: Judged, periods: Periods, zone: string, logs: readonly CountedLog[]): string {
  const clock = (at: number) => formatLocal(new Date(at), zone).slice(11);
  const { before, round, after, beforeMs } = row;
  const span = `from ${clock(periods.roundSince)} to ${clock(periods.roundUntil)}`;
  const ahead = `in the ${formatDuration(beforeMs)} before`;
  if (kind === 'new') return `${times(round)} ${span}, never ${ahead}`;
  if (kind === 'frequent')
    return `${times(round)} ${span}: ${Math.round(rateOf(row, periods))} times as often as ${ahead} (${before})`;
  if (kind === 'stopped') return `${times(before)} ${ahead}, never since ${clock(periods.roundSince)}`;
  const others = otherServers(row, logs);
  return `${times(before + round + after)} here, never on the other ${others === 1 ? 'server' : `${others} servers`}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
