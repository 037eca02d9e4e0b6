import { icepack } from '../domain/command.js';
import { Budget, type Limits, usualLimits } from './budget.js';
import { type Clock, clockOf } from './clock-offset.js';
import { contentsOf } from './contents.js';
import { densityOf } from './density.js';
import { exceptionReports } from './exception-reports.js';
import type { Layout } from './layout.js';
import { byWorth, logFilesOf, recordOf } from './log-files.js';
import { type MergedOrder, merge, placeOf } from './merge.js';
import { missingOf } from './missing.js';
import type { BundleFile, OpenBundle } from './open-bundle.js';
import { type OneLog, readLog } from './read-log.js';
import type { Lines, Reading } from './reading.js';
import type { Span } from './spans.js';
import { statesOf } from './states.js';
import { textsInOrder } from './texts.js';
import { countedIn, findingsIn, lookedAt, markedLog, markersOf, messagesIn } from './told.js';

export type ReadOptions = {
  layout: Layout;
  limits?: Limits;
  /** The time now, in ms; for the limit of time, and bundles that tell no event. */
  now?: () => number;
  signal?: AbortSignal;
};

/** Reads all of a bundle together, on one clock. The texts of lines are not kept; `lines.texts()` reads them again. */
export async function readBundle(
  bundle: OpenBundle,
  { layout, limits = usualLimits, now = Date.now, signal }: ReadOptions,
): Promise<Reading> {
  const { kind, given, name, bytes, manifest, files } = bundle;
  const window = windowOf(layout);
  const clocks = layout.servers.map(({ folder }) => clockOf(recordOf(manifest, folder), manifest));
  const logs = await readLogs(bundle, { layout, limits, now, clocks, ...(signal === undefined ? {} : { signal }) });
  const order = merge(logs.map(({ settled }) => settled));
  const span = spanOf(window, logs);
  const lines = linesOf(order, logs, bundle);
  const eventAt = layout.event?.at.getTime() ?? span.until;
  const clocksAtEvent = clocks.map((clock) => clock?.at(eventAt) ?? null);
  const told = logs.map((log, at) => markedLog(log, at, window, clocks[log.server]));
  const lineOf = (log: number, line: number, at: number) => placeOf(order, log, line, at);
  const reports = await exceptionReports(files, layout, (server) => clocksAtEvent[server]?.offsetMs ?? 0);
  const { markers, untimed } = markersOf(told, { layout, manifest, reports, clocks, span, eventAt, lineOf });
  const { facts, before, lost } = await statesOf(bundle, layout, signal ?? new AbortController().signal);
  const counted = countedIn(logs, told, span, eventAt);
  const { findings, more } = findingsIn(counted, layout, span, lineOf);
  return {
    bundle: { kind, given, name, bytes, sha256: await bundle.sha256() },
    ...{ manifest, layout, span, clocks: clocksAtEvent, logs: logs.map(({ read }) => read), lines },
    density: densityOf(
      order,
      lines.severity,
      logs.map(({ server }) => server),
      layout.servers.length,
      span,
    ),
    missing: [
      ...missingOf({
        layout,
        manifest,
        manifestState: bundle.manifestState,
        files,
        logs: logs.map((log, at) => lookedAt(log, told[at])),
        clocks: clocksAtEvent,
      }),
      ...untimed,
      ...lost,
    ],
    ...{ findings, moreFindings: more, messages: messagesIn(counted), markers, facts, before },
    contents: contentsOf(files, layout, manifest),
  };
}

function windowOf({ event }: Layout): Span | undefined {
  return event === undefined ? undefined : { since: event.window.since.getTime(), until: event.window.until.getTime() };
}

type LogsGround = Required<Omit<ReadOptions, 'signal'>> & {
  signal?: AbortSignal;
  clocks: readonly (Clock | undefined)[];
};

/** Reads what tells most first; what there is no room for is left out, and said. */
async function readLogs(
  { files, manifest }: OpenBundle,
  { layout, limits, now, signal, clocks }: LogsGround,
): Promise<OneLog[]> {
  const budget = new Budget(limits, now);
  const { event } = layout;
  const latest = Math.max(
    event?.window.until.getTime() ?? 0,
    manifest === undefined ? 0 : Date.parse(manifest.created),
  );
  const known = event === undefined ? undefined : { at: event.at.getTime(), latest };
  const startMs = event?.window.since.getTime() ?? now();
  const logFiles = logFilesOf(files, layout, manifest);
  const read = new Map<BundleFile, OneLog>();
  for (const log of byWorth(logFiles)) {
    signal?.throwIfAborted();
    const rules = { event: known, startMs, clock: clocks[log.server], budget, now: now() };
    read.set(log.file, await readLog(log, rules));
  }
  return logFiles.flatMap(({ file }) => read.get(file) ?? []);
}

function spanOf(window: Span | undefined, logs: readonly OneLog[]): Span {
  const spans = [...(window === undefined ? [] : [window]), ...logs.flatMap(({ span }) => span ?? [])];
  if (spans.length === 0) return { since: 0, until: 0 };
  return { since: Math.min(...spans.map(({ since }) => since)), until: Math.max(...spans.map(({ until }) => until)) };
}

function linesOf(order: MergedOrder, logs: readonly OneLog[], { given }: OpenBundle): Lines {
  const { count, at, log, place } = order;
  const columns = {
    severity: new Uint8Array(count),
    isContinued: new Uint8Array(count),
    rawOffset: new Float64Array(count),
  };
  const number = new Uint32Array(count);
  const own = logs.map(({ index, settled }) => ({ severity: index.columns.severity, ...settled }));
  for (let line = 0; line < count; line++) {
    const source = own[log[line] ?? 0];
    const from = place[line] ?? 0;
    number[line] = from + 1;
    if (source === undefined) continue;
    columns.severity[line] = source.severity[from] ?? 0;
    columns.isContinued[line] = source.isContinued[from] ?? 0;
    columns.rawOffset[line] = source.rawOffset[from] ?? 0;
  }
  const sources = logs.map(({ file, settled }) => {
    const rest = (line: number) => icepack('inspect', given, `${file.path}:${line}`).spelled();
    return { file, runs: settled.runs, rest };
  });
  return { count, at, log, number, ...columns, texts: (signal) => textsInOrder(order, sources, signal) };
}
