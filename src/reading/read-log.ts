import { offsetMinutes } from '../domain/zone.js';
import { StampReader, type StampRules } from '../logs/timestamp.js';
import type { Budget } from './budget.js';
import type { Clock } from './clock-offset.js';
import { indexLog, type LogIndex } from './index-log.js';
import { instantsIn } from './instants.js';
import { electPlaces } from './level-vote.js';
import type { LogFile } from './log-files.js';
import { markerRules } from './marker-rules.js';
import type { ReadLog } from './reading.js';
import { type Settled, settle } from './settle.js';
import type { Span } from './spans.js';

/** One log, read and on the common clock. */
export type OneLog = LogFile & {
  read: ReadLog;
  index: LogIndex;
  settled: Settled;
  isOpen: boolean;
  /** Of the lines that bear a time; undefined where none does. */
  span: Span | undefined;
};

export type LogRules = {
  /** The event, and a time that none of the lines is after. */
  event: { at: number; latest: number } | undefined;
  /** Where lines stand that bear no time. */
  startMs: number;
  clock: Clock | undefined;
  budget: Budget;
  now: number;
};

/** Reads one log: times, severities and messages of its lines, without their texts. */
export async function readLog(log: LogFile, rules: LogRules): Promise<OneLog> {
  const index = await indexed(log, rules);
  const { columns } = index;
  const { raw, isOpen } = instantsIn(columns, log.zone);
  const clock = log.isExported ? undefined : rules.clock;
  const settled = settle(raw, clock?.offsetAt ?? (() => 0), rules.startMs);
  inherit(columns.severity, settled.isContinued);
  return {
    ...log,
    ...{ index, settled, isOpen, span: spanOf(raw, settled) },
    read: {
      ...{ server: log.server, name: log.name, path: log.file.path, bytes: log.file.bytes, lines: columns.count },
      ...{ cutLines: index.cutLines, escapes: index.escapes, zone: log.zone },
      ...{ isOnCommonClock: clock !== undefined, isGuessed: index.isGuessed },
      ...(index.leftOut === undefined ? {} : { leftOut: index.leftOut }),
      ...(index.templates.isFull ? { hasMoreMessages: true as const } : {}),
      ...(index.isDamaged ? { isDamaged: true as const } : {}),
    },
  };
}

async function indexed(log: LogFile, { event, budget, clock, now }: LogRules): Promise<LogIndex> {
  const latest = (event?.latest ?? now) + (clock?.at(event?.at ?? now).offsetMs ?? 0);
  const minutes = offsetMinutes(log.zone, new Date(event?.at ?? now));
  const stamps: StampRules = { latestLocalMs: latest + minutes * 60_000, offsetMinutes: minutes };
  const reader = new StampReader(stamps);
  const places = await electPlaces(log.file, reader);
  const markers = markerRules().filter(({ log: which }) => which.test(log.name));
  const at = event === undefined ? undefined : event.at + (clock?.at(event.at).offsetMs ?? 0);
  const nearEvent = at === undefined ? undefined : { ms: at, wallMs: at + minutes * 60_000 };
  const linesBefore = budget.lines;
  const rules = { places, markers, event: nearEvent };
  const first = await indexLog(log.file, rules, reader, budget);
  if (!reader.hasLearnt) return first;
  budget.lines = linesBefore; // day and month were told apart on the way: earlier times may have been misread
  reader.hasLearnt = false;
  return indexLog(log.file, rules, reader, budget);
}

/** Lines that belong to the one before have its severity. */
function inherit(severity: Uint8Array, isContinued: Uint8Array): void {
  for (let line = 1; line < isContinued.length; line++)
    if (isContinued[line] === 1) severity[line] = severity[line - 1] ?? 0;
}

function spanOf(raw: Float64Array, { at, runs }: Settled): Span | undefined {
  if (raw.every(Number.isNaN)) return undefined;
  const ends = runs.flatMap(({ from, to }) => (from < to ? [at[from] ?? 0, at[to - 1] ?? 0] : []));
  return { since: Math.min(...ends), until: Math.max(...ends) };
}
