import type { Layout } from '../reading/layout.js';
import type { Marker, Reading } from '../reading/reading.js';

/** What the logs of one server say, as far as it can be compared. */
export type ServerLogs = {
  logs: ReadonlyMap<string, OneLog>;
  start: Start | undefined;
  /** Nothing was started in the window, as far as the logs and the host OS tell. */
  isSteady: boolean;
};

export type OneLog = {
  lines: number;
  /** How long the window is that it was cut to, in ms; of a log taken by hand the time that its lines reach over. */
  windowMs: number;
  /** All of its window was collected and read, so that what it does not have was not there. */
  isWhole: boolean;
  messages: ReadonlyMap<string, Message>;
};

/** `standsOut`: it is new round the event, or far more frequent. */
export type Message = { count: number; severity: number; standsOut: boolean };

/** When the server, or InCenter on it, was started last. */
export type Start = { at: number; beforeEventMs: number; zone: string };

const dayMs = 86_400_000;

/** By the place of the server in the layout. */
export function serverLogs(reading: Reading): ServerLogs[] {
  const { layout } = reading;
  return layout.servers.map((_folder, server) => {
    const logs = logsOf(reading, server);
    const start = startOf(reading, server);
    return {
      ...{ logs, start },
      isSteady: start === undefined && (bootOf(reading, server) !== undefined || [...logs.values()].some(isWhole)),
    };
  });
}

function isWhole(log: OneLog): boolean {
  return log.isWhole;
}

type Span = { since: number; until: number };

function lengthOf({ since, until }: Span): number {
  return Math.max(0, until - since);
}

function windowOf({ event }: Layout): Span {
  return { since: event?.window.since.getTime() ?? 0, until: event?.window.until.getTime() ?? 0 };
}

/** From the first to the last line of a log. */
function linesSpan({ lines }: Reading, log: number): Span {
  const span = { since: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  for (let line = 0; line < lines.count; line++) {
    if (lines.log[line] !== log) continue;
    span.since = Math.min(span.since, lines.at[line] ?? span.since);
    span.until = Math.max(span.until, lines.at[line] ?? span.until);
  }
  return span;
}

/** A log that nobody cut tells its window itself, where it goes on over the event. */
function isWholeByItself({ layout, markers }: Reading, log: number, { since, until }: Span): boolean {
  const event = layout.event?.at.getTime();
  const isSilent = markers.some((marker) => marker.kind === 'silence' && marker.log === log);
  return event !== undefined && since < event && event < until && !isSilent;
}

function recordOf({ manifest, layout }: Reading, server: number) {
  return manifest?.servers.find(({ folder }) => folder === layout.servers[server]?.folder);
}

function logsOf(reading: Reading, server: number): Map<string, OneLog> {
  const items = recordOf(reading, server)?.items ?? [];
  const logs = new Map<string, OneLog>();
  for (const [at, log] of reading.logs.entries()) {
    if (log.server !== server) continue;
    const item = items.find(({ path }) => path === `Logs/${log.name}`);
    const wasRead = log.leftOut === undefined && !log.isDamaged && !log.hasMoreMessages;
    const messages = messagesOf(reading, server, at);
    const isByHand = reading.manifest === undefined;
    const window = isByHand ? linesSpan(reading, at) : windowOf(reading.layout);
    const isWhole = isByHand ? isWholeByItself(reading, at, window) : item?.coverage?.complete === true;
    logs.set(log.name, { lines: log.lines, windowMs: lengthOf(window), isWhole: wasRead && isWhole, messages });
  }
  return logs;
}

function messagesOf({ messages, findings }: Reading, server: number, log: number): Map<string, Message> {
  const found = new Map<string, Message>();
  for (const { template, severity, count, log: own } of messages) {
    if (own !== log) continue;
    const known = found.get(template)?.count ?? 0;
    found.set(template, { count: known + count, severity, standsOut: false });
  }
  for (const { template, kind, server: first, also } of findings) {
    const message = found.get(template);
    const isHere = first === server || also.some((each) => each.server === server);
    if (message && isHere && (kind === 'new' || kind === 'frequent')) message.standsOut = true;
  }
  return found;
}

/** The last start before the event, within a day; else the first behind it. */
function startOf(reading: Reading, server: number): Start | undefined {
  const event = reading.layout.event?.at.getTime();
  if (event === undefined) return undefined;
  const boot = bootOf(reading, server);
  const isStart = (marker: Marker) => marker.kind === 'restart' && marker.server === server;
  const told = reading.markers.filter(isStart).map(({ at }) => at);
  const starts = [...told, ...(boot === undefined ? [] : [boot])].filter((at) => Math.abs(event - at) <= dayMs);
  const before = starts.filter((at) => at <= event);
  const at = before.length > 0 ? Math.max(...before) : Math.min(...starts);
  return starts.length === 0 ? undefined : { at, beforeEventMs: event - at, zone: reading.layout.zone };
}

/** By the common clock. */
function bootOf(reading: Reading, server: number): number | undefined {
  const boot = recordOf(reading, server)?.boot;
  return boot === undefined ? undefined : Date.parse(boot) - (reading.clocks[server]?.offsetMs ?? 0);
}
