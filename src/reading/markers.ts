import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import type { Mark } from './marks.js';
import type { OwnWork } from './own-work.js';
import type { Marker, MarkerKind } from './reading.js';
import { groupsOf } from './routine.js';
import type { Silence } from './silences.js';
import { overlaps, type Span } from './spans.js';
import type { Uncovered } from './uncovered.js';

/** What is known of one log, for its markers. */
export type MarkedLog = {
  server: number;
  log: number;
  name: string;
  at: Float64Array;
  marks: readonly Mark[];
  own: OwnWork;
  steps: readonly { line: number; byMs: number }[];
  silences: readonly Silence[];
  uncovered: readonly Uncovered[];
};

type LineOf = (log: number, line: number, at: number) => number;

const minuteMs = 60_000;
const fewestFailures = 5;
const maxPerKind = 200;

/** The markers that lines show. */
export function lineMarkers({ server, log, at, marks, own, steps }: MarkedLog, lineOf: LineOf): Marker[] {
  const found = marks.flatMap(({ rule, line, text, times }): Marker[] => {
    const time = at[line] ?? 0;
    const kind = kindOf(rule.kind, own.is(text, time));
    if (kind === undefined) return [];
    return [{ kind, server, log, at: time, line: lineOf(log, line, time), ...(times === 1 ? {} : { times }), text }];
  });
  const stepped = steps.map(({ line, byMs }): Marker => {
    const time = at[line] ?? 0;
    const text = `the clock stepped back by ${formatDuration(byMs)}: the log is read on as another one`;
    return { kind: 'clock-step', server, log, at: time, line: lineOf(log, line, time), text };
  });
  return [...found, ...stepped];
}

function kindOf(kind: Mark['rule']['kind'], isOwn: boolean): MarkerKind | undefined {
  if (kind === 'work') return isOwn ? 'icepack' : undefined;
  return isOwn && (kind === 'login' || kind === 'failed-login') ? 'icepack' : kind;
}

/** Where a log says nothing: it was silent, or was not collected. */
export function absences(own: MarkedLog, all: readonly MarkedLog[], zone: string): Marker[] {
  const { server, log, name, uncovered } = own;
  const clock = (time: number) => formatLocal(new Date(time), zone, true).slice(11);
  const lost = uncovered.map(({ since, until, why }): Marker => {
    const text = `${name} was not collected from ${clock(since)} to ${clock(until)}: ${why}`;
    return { kind: 'not-collected', server, log, at: since, until, isOfOneLog: true, text };
  });
  const silences = own.silences.filter((silence) => !uncovered.some((gap) => overlaps(silence, gap)));
  const silent = silences.map((silence): Marker => {
    const { since, until, medianMs } = silence;
    const usual = `usually one every ${formatDuration(Math.max(medianMs, 100))}`;
    const text = `no line of ${name} from ${clock(since)} to ${clock(until)} (${usual}); ${besidesOf(silence, own, all)}`;
    return { kind: 'silence', server, log, at: since, until, text };
  });
  return [...lost, ...silent];
}

/** Whether other logs of the server went on meanwhile. */
function besidesOf(span: Span, { server, log }: MarkedLog, all: readonly MarkedLog[]): string {
  const others = all.filter((other) => other.server === server && other.log !== log && other.at.length > 0);
  if (others.length === 0) return 'there is no other log of this server';
  const going = others.filter(({ at }) => hasLineIn(at, span)).map(({ name }) => name);
  return going.length === 0 ? 'nor of its other logs' : `${going.join(', ')} went on`;
}

function hasLineIn(at: Float64Array, { since, until }: Span): boolean {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) <= since) low = middle + 1;
    else high = middle;
  }
  return low < at.length && (at[low] ?? 0) < until;
}

/** Five failed logins within a minute, and more, are told once. */
export function withoutRepeats(markers: readonly Marker[], zone: string): Marker[] {
  const clock = (time: number) => formatLocal(new Date(time), zone, true).slice(11);
  const failures = markers
    .filter(({ kind }) => kind === 'failed-login')
    .sort((a, b) => a.server - b.server || a.at - b.at);
  const groups: Marker[][] = [];
  for (const failure of failures) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group !== undefined && last?.server === failure.server && failure.at - last.at <= minuteMs) group.push(failure);
    else groups.push([failure]);
  }
  const told = groups.flatMap((group) => {
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined || group.length < fewestFailures) return group;
    const text = `${group.length} failed logins from ${clock(first.at)} to ${clock(last.at)}, the first: ${first.text}`;
    return [{ ...first, until: last.at, text }];
  });
  return [...markers.filter(({ kind }) => kind !== 'failed-login'), ...told];
}

/** So many of each kind and server at most, nearest to the event; in the order of time. */
export function nearest(markers: readonly Marker[], eventAt: number): Marker[] {
  const kept = groupsOf(markers, ({ kind, server }) => `${kind} ${server}`).flatMap((group) =>
    group.sort((a, b) => Math.abs(a.at - eventAt) - Math.abs(b.at - eventAt)).slice(0, maxPerKind),
  );
  return kept.sort((a, b) => a.at - b.at || a.server - b.server || (a.log ?? -1) - (b.log ?? -1));
}
