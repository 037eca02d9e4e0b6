import type { Layout } from '../reading/layout.js';
import type { Marker, Reading } from '../reading/reading.js';

/** What the logs of one server say, as far as it can be compared. */
export type ServerLogs = {
  /** How long the window is that was asked for, in ms; undefined where nothing tells it. */
  windowMs: number | undefined;
  logs: ReadonlyMap<string, OneLog>;
  start: Start | undefined;
  /** Nothing was started in the window, as far as the logs and the host OS tell. */
  isSteady: boolean;
};

export type OneLog = {
  lines: number;
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
      ...{ windowMs: windowOf(layout), logs, start },
      isSteady: start === undefined && (bootOf(reading, server) !== undefined || [...logs.values()].some(isWhole)),
    };
  });
}

function isWhole(log: OneLog): boolean {
  return log.isWhole;
}

function windowOf({ event }: Layout): number | undefined {
  return event && event.window.until.getTime() - event.window.since.getTime();
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
    logs.set(log.name, { lines: log.lines, isWhole: wasRead && item?.coverage?.complete === true, messages });
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
