import type { Clock } from './clock-offset.js';
import { type ExceptionReport, joinReports } from './exception-reports.js';
import { type CountedLog, type Found, findingsOf } from './findings.js';
import type { Layout } from './layout.js';
import { absences, lineMarkers, type MarkedLog, nearest, withoutRepeats } from './markers.js';
import { countMessages, periodsOf } from './message-counts.js';
import type { LookedAt } from './missing.js';
import { OwnWork } from './own-work.js';
import type { OneLog } from './read-log.js';
import type { Marker, Message, Missing, Reading } from './reading.js';
import { routinesOnce } from './routine.js';
import { serverMarkers } from './server-markers.js';
import { warning } from './severity-words.js';
import { silencesIn } from './silences.js';
import type { Span } from './spans.js';
import { uncoveredOf } from './uncovered.js';

export function markedLog(log: OneLog, at: number, window: Span | undefined, clock: Clock | undefined): MarkedLog {
  const { server, name, settled, index, item, record, isExported } = log;
  const offsetMs = isExported ? 0 : (clock?.at(window?.until ?? 0).offsetMs ?? 0);
  const isCovered = item?.coverage?.complete === true && index.leftOut === undefined;
  return {
    ...{
      server,
      log: at,
      name,
      at: settled.at,
      marks: index.marks.all(),
      own: new OwnWork(record),
      steps: settled.steps,
    },
    silences: silencesIn(settled, isCovered ? window?.until : undefined),
    uncovered: window === undefined ? [] : uncoveredOf(log, window, offsetMs),
  };
}

export function lookedAt({ read, span, isOpen, item }: OneLog, told: MarkedLog | undefined): LookedAt {
  return { log: read, span, isOpen, uncovered: told?.uncovered ?? [], gaps: item?.coverage?.gaps ?? [] };
}

type LineOf = (log: number, line: number, at: number) => number;
type MarkersGround = Pick<Reading, 'layout' | 'manifest' | 'span'> & {
  reports: readonly ExceptionReport[];
  clocks: readonly (Clock | undefined)[];
  eventAt: number;
  lineOf: LineOf;
};

export function markersOf(
  told: readonly MarkedLog[],
  ground: MarkersGround,
): { markers: Marker[]; untimed: Missing[] } {
  const { layout, reports, eventAt, lineOf } = ground;
  const ofLines = told.flatMap((log) => lineMarkers(log, lineOf));
  const { markers, untimed } = joinReports(withoutRepeats(ofLines, layout.zone), reports);
  const absent = told.flatMap((log) => absences(log, told, layout.zone));
  const ofServers = serverMarkers({ ...ground, told, markers });
  const notes = untimed.map(({ server, name }): Missing => {
    return {
      state: 'note',
      server,
      what: `Logs/${name}`,
      text: 'bears no time, and no line names it: it is not on the time line',
    };
  });
  const all = [...routinesOnce(markers, eventAt), ...absent, ...ofServers];
  return { markers: nearest(all, eventAt), untimed: notes };
}

/** What the logs say, counted round the event; where nobody knows when it was, all is counted as one. */
export function countedIn(
  logs: readonly OneLog[],
  told: readonly MarkedLog[],
  { since, until }: Span,
  eventAt: number,
): CountedLog[] {
  const periods = periodsOf(eventAt, { since, until });
  return logs.map(({ server, name, settled, index }, log) => {
    const own = told[log];
    const lines = new Set(
      own?.marks.filter(({ text, line }) => own.own.is(text, settled.at[line] ?? 0)).map(({ line }) => line),
    );
    const { columns, templates } = index;
    const counts = countMessages(settled, columns.template, templates.list, periods, (line) => lines.has(line));
    return { server, log, name, counts, at: settled.at };
  });
}

export function findingsIn(counted: readonly CountedLog[], { event, zone }: Layout, span: Span, lineOf: LineOf): Found {
  if (event === undefined) return { findings: [], more: 0 };
  const at = event.at.getTime();
  return findingsOf(counted, periodsOf(at, span), { at, zone }, lineOf);
}

export function messagesIn(counted: readonly CountedLog[]): Message[] {
  return counted.flatMap(({ log, counts }) =>
    counts
      .filter(({ template }) => template.severity >= warning)
      .map(({ template, before, round, after }) => ({
        ...{ template: template.text, severity: template.severity },
        ...{ log, count: before + round + after },
      })),
  );
}
