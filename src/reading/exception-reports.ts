import { emptyStamp } from '../logs/stamp-fields.js';
import { StampReader } from '../logs/timestamp.js';
import { cleanLine } from './clean-text.js';
import type { Layout } from './layout.js';
import { evidenceOf } from './log-files.js';
import type { BundleFile } from './open-bundle.js';
import type { Marker } from './reading.js';
import { WallClock } from './wall-clock.js';

/** A report and the line that tells of it are not further apart. */
const joinedMs = 60_000;
const maxReports = 1000;
const isReport = /^errors\/|\.err$/i;
const inName = /(\d{4})-?(\d\d)-?(\d\d)[T_-]?(\d\d)[-_:]?(\d\d)[-_:]?(\d\d)?/;

export type ExceptionReport = { server: number; name: string; at: number | undefined; text: string };

/** The files `Logs/errors/*.err`, with the time of their names or first lines. */
export async function exceptionReports(
  files: readonly BundleFile[],
  layout: Layout,
  offsetOf: (server: number) => number,
): Promise<ExceptionReport[]> {
  const found: ExceptionReport[] = [];
  for (const file of files) {
    const place = evidenceOf(file, layout);
    if (place === undefined || place.part !== 'Logs' || !isReport.test(place.name)) continue;
    if (found.length === maxReports) break;
    const { server, name } = place;
    const head = await headOf(file);
    const own = timeIn(file.path, head, layout.servers[server]?.zone.name ?? 'UTC', layout);
    const at = own === undefined ? undefined : own - offsetOf(server);
    found.push({ server, name, at, text: cleanLine(head.toString('utf8').split(/[\r\n]/, 1)[0] ?? '').slice(0, 200) });
  }
  return found;
}

async function headOf(file: BundleFile): Promise<Buffer> {
  try {
    for await (const chunk of file.read()) return chunk.subarray(0, 1000);
  } catch {
    // what is wrong with the file is told where it is verified
  }
  return Buffer.alloc(0);
}

function timeIn(path: string, head: Buffer, zone: string, layout: Layout): number | undefined {
  const clock = new WallClock(zone);
  const named = inName.exec(path.slice(path.lastIndexOf('/')));
  if (named !== null) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = named
      .slice(1)
      .map((part) => Number(part ?? 0));
    if (year >= 2000 && month >= 1 && month <= 12 && day <= 31 && hour <= 23)
      return clock.first(Date.UTC(year, month - 1, day, hour, minute, second));
  }
  const latest = (layout.event?.window.until ?? new Date(0)).getTime() || Date.UTC(2100, 0);
  const stamp = emptyStamp();
  const reader = new StampReader({ latestLocalMs: latest + 86_400_000, offsetMinutes: 0 });
  if (!reader.read(head, 0, head.length, stamp)) return undefined;
  return stamp.kind === 'local' ? clock.first(stamp.ms) : stamp.ms;
}

/** Joins a report with the line that tells of it; one without is a marker of its own. @returns those of no known time, too */
export function joinReports(
  markers: readonly Marker[],
  reports: readonly ExceptionReport[],
): { markers: Marker[]; untimed: ExceptionReport[] } {
  const joined = [...markers];
  const untimed: ExceptionReport[] = [];
  for (const report of reports) {
    const stem = report.name.replace(/^errors\//, '').replace(/\.err$/, '');
    const at = joined.findIndex(({ kind, server, text, at: time }) => {
      if (kind !== 'exception' || server !== report.server) return false;
      return text.includes(stem) || (report.at !== undefined && Math.abs(time - report.at) <= joinedMs);
    });
    const marker = joined[at];
    if (marker !== undefined) joined[at] = { ...marker, text: `${marker.text} (${report.name})` };
    else if (report.at === undefined) untimed.push(report);
    else {
      const text = `${report.name}: ${report.text}`;
      joined.push({ kind: 'exception', server: report.server, log: undefined, at: report.at, text });
    }
  }
  return { markers: joined, untimed };
}
