import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { usageError } from '../errors.js';
import { type Reading, severities } from '../reading/reading.js';
import { overlaps } from '../reading/spans.js';
import { markerText } from './overview-text.js';
import type { TimeRange } from './time-range.js';

/** Which lines are wanted. */
export type Wanted = {
  range: TimeRange;
  servers: readonly number[] | undefined;
  /** The least severity, by its place in `severities`. */
  min: number;
  /** A text that is in them, whatever the case. */
  grep: string | undefined;
};

export type MergedLine = {
  at: number;
  server: number;
  place: string;
  severity: string;
  /** It is not on the common clock. */
  isOwnTime: boolean;
  text: string;
};

/** The lines of all logs in their order, as far as they are wanted, in batches. */
export async function* mergedLines(
  reading: Reading,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<MergedLine[]> {
  const { lines, logs } = reading;
  const grep = wanted.grep?.toLowerCase();
  let line = 0;
  for await (const texts of lines.texts(signal)) {
    if ((lines.at[line] ?? 0) > wanted.range.until) return;
    const batch: MergedLine[] = [];
    for (const text of texts) {
      const at = line++;
      const log = logs[lines.log[at] ?? 0];
      if (log === undefined || !isWanted(reading, at, wanted)) continue;
      if (grep !== undefined && !text.toLowerCase().includes(grep)) continue;
      const place = `${log.name}:${lines.number[at]}`;
      const severity = severities[lines.severity[at] ?? 0] ?? 'none';
      batch.push({ at: lines.at[at] ?? 0, server: log.server, place, severity, isOwnTime: !log.isOnCommonClock, text });
    }
    if (batch.length > 0) yield batch;
  }
}

function isWanted({ lines, logs }: Reading, line: number, { range, servers, min }: Wanted): boolean {
  const at = lines.at[line] ?? 0;
  if (at < range.since || at > range.until || (lines.severity[line] ?? 0) < min) return false;
  return servers === undefined || servers.includes(logs[lines.log[line] ?? 0]?.server ?? -1);
}

/** e.g. `10:31:58.500 ICE02 system.log:10482  2026-11-20 10:33:11.500 ERROR …`; `~` before a time that is a log's own. */
export function lineText({ at, server, place, isOwnTime, text }: MergedLine, { layout }: Reading): string {
  const ms = String(Math.floor(at) - Math.floor(at / 1000) * 1000).padStart(3, '0');
  const clock = `${minuteText(at, layout.zone)}:${String(Math.floor(at / 1000) % 60).padStart(2, '0')}.${ms}`;
  return `${isOwnTime ? '~' : ''}${clock} ${printableLine(layout.servers[server]?.label ?? '', 16)} ${printableLine(place, 60)}  ${text}`;
}

let known = { minute: Number.NaN, zone: '', text: '' };

/** Zones are slow: most lines have the minute of the line before. */
function minuteText(at: number, zone: string): string {
  const minute = Math.floor(at / 60_000);
  if (known.minute !== minute || known.zone !== zone)
    known = { minute, zone, text: formatLocal(new Date(minute * 60_000), zone).slice(11) };
  return known.text;
}

/** What is not to be seen there although it was asked for: nothing was collected, or the log was silent. */
export function absencesIn({ markers, layout }: Reading, { range, servers }: Wanted): string[] {
  return markers
    .filter(({ kind, server, at, until = at }) => {
      if (kind !== 'not-collected' && kind !== 'silence') return false;
      return (servers === undefined || servers.includes(server)) && overlaps({ since: at, until }, range);
    })
    .map((marker) => markerText(marker, layout));
}

/** @throws UserError `no-such-server` */
export function serversNamed(names: readonly string[], { servers }: Reading['layout']): number[] | undefined {
  if (names.length === 0) return undefined;
  return names.map((name) => {
    const at = servers.findIndex((each) =>
      [each.label, each.name, each.folder].some((own) => own?.toLowerCase() === name.toLowerCase()),
    );
    if (at >= 0) return at;
    const hint = `It has ${servers.map(({ label }) => printableLine(label, 30)).join(', ') || 'none'}`;
    throw usageError('bad-name', `there is no server "${name}" in the bundle`, hint);
  });
}
