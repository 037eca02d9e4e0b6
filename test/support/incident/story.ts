import type { IncidentOptions, IncidentServer } from '../incident-maker.ts';
import { type Message, told } from './messages.ts';
import type { Silence } from './truth.ts';

export type StoryEntry = {
  server: number;
  log: 'system' | 'audit' | 'debug';
  at: number;
  message: Message;
  /** Followed by a stack trace. */
  hasTrace?: true;
  /** Which marker it is to become. */
  kind?: string;
};

/** No line is written in it; `isLost`: there were lines, which were not collected. */
export type Break = { server: number; log: 'system' | 'audit' | 'debug'; since: number; until: number; isLost?: true };

export type Story = {
  entries: StoryEntry[];
  breaks: Break[];
  silences: Silence[];
  ownSessions: { since: number; until: number };
};

type Ground = {
  at: number;
  window: { since: number; until: number };
  servers: readonly IncidentServer[];
  lines: number;
  options: IncidentOptions;
};

const minute = 60_000;

/** What happened: the same for every seed, only larger where there are more lines. */
export function storyOf({ at, window, servers, lines, options }: Ground): Story {
  const entries: StoryEntry[] = [];
  const last = servers.length - 1;
  const bad = Math.min(1, last);
  const add = (entry: StoryEntry) => void (entry.server <= last && entries.push(entry));
  const burst = Math.max(40, Math.min(1312, Math.round(lines / 100)));
  for (let n = 0; n < burst; n++)
    add({ server: bad, log: 'system', at: at - 30_000 + Math.floor((n * 90_000) / burst), message: told.peerLost });
  for (let n = 0; n < 10; n++) add({ server: 0, log: 'system', at: at - 20_000 + n * 997, message: told.peerLost });
  for (let n = 0; n < 3; n++)
    add({
      server: bad,
      log: 'system',
      at: at - 48_000 + n * 7001,
      message: told.exception,
      hasTrace: true,
      kind: 'exception',
    });
  add({ server: bad, log: 'system', at: at + 65_000, message: told.restart, kind: 'restart' });
  add({ server: 0, log: 'audit', at: at - 7 * minute, message: told.change, kind: 'change' });
  add({ server: 0, log: 'audit', at: at - 8 * minute, message: told.foreignLogin, kind: 'login' });
  for (let n = 0; n < 3; n++)
    add({ server: last, log: 'system', at: at - 20 * minute + n * 61_003, message: told.lease });
  for (let n = 0; n < 60; n++) add({ server: last, log: 'system', at: at - minute + n * 4001, message: told.lease });
  for (let t = window.since + 7; t < at - 2 * minute; t += 20_000)
    add({ server: bad, log: 'system', at: t, message: told.heartbeat });
  for (let n = 0; n < 40; n++)
    add({
      server: last,
      log: 'system',
      at: window.since + 11 + n * Math.floor((window.until - window.since) / 41),
      message: told.latency,
    });
  for (let n = 0; n < 6; n++)
    add({ server: 0, log: 'audit', at: at - 3 * minute + n * 5003, message: told.badLogin, kind: 'failed-login' });
  const ownSessions = { since: at + 6 * minute, until: at + 8 * minute };
  for (let n = 0; n < servers.length; n++)
    add({ server: n, log: 'audit', at: ownSessions.since + 3001 + n * 11, message: told.ownLogin, kind: 'icepack' });
  const breaks = options.isWhole === true ? [] : breaksOf(at, window, last);
  const kept = entries.filter((entry) => !breaks.some((each) => isIn(entry, each)));
  kept.sort((a, b) => a.at - b.at);
  const silences = breaks
    .filter(({ isLost }) => !isLost)
    .map(({ server, log, since, until }) => ({ server, log: `${log}.log`, since, until }));
  return { entries: kept, breaks, silences, ownSessions };
}

function breaksOf(at: number, window: { since: number }, last: number): Break[] {
  const found: Break[] = [];
  if (last >= 2) found.push({ server: 2, log: 'system', since: at + 2 * minute, until: at + 6 * minute + 30_000 });
  if (last >= 3) found.push({ server: 3, log: 'debug', since: window.since, until: at - 15 * minute, isLost: true });
  return found;
}

export function isIn({ server, log, at }: { server: number; log: string; at: number }, each: Break): boolean {
  return each.server === server && each.log === log && at >= each.since && at < each.until;
}
