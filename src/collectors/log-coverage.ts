import { windowOpen } from '../domain/completion.js';
import type { Coverage, Gap } from '../domain/manifest.js';
import { formatLocal } from '../domain/zone.js';
import type { CutResult } from '../logs/cut.js';
import type { Finding, ServerWindow } from './collector.js';

/** How a log was read. */
export type Reading = {
  /** What of it could not be read. */
  problems: string[];
  /** Why it ended before its end. */
  cut?: string | undefined;
  /** The first time in a file that was not fetched. */
  firstLeft?: Date | undefined;
  notNeeded?: string[];
};

/** What the log covers of the window, and what a reader must know of it. */
export function judgeLog(
  result: CutResult,
  { window, zone, isZoneKnown }: ServerWindow,
  readAt: Date,
  { problems, cut, firstLeft, notNeeded = [] }: Reading,
): Pick<Finding, 'status' | 'reason' | 'coverage'> {
  const first = [result.first, firstLeft].filter((at) => at !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
  const gaps: [Gap, string][] = problems.map((text) => ['unreadable', `not read whole: ${text}`]);
  if (cut !== undefined) gaps.push(['cut', `cut: ${cut}`]);
  if (first !== undefined && first > window.since)
    gaps.push(['rotated-away', `begins at ${formatLocal(first, zone, true)}: older lines are not on the server`]);
  if (!isZoneKnown && result.localLines > 0)
    gaps.push(['zone-unknown', `its times name no zone, and that of the server is not known: taken as ${zone}`]);
  if (readAt < window.until)
    gaps.push(['not-over', `${windowOpen}: it ends at ${formatLocal(window.until, zone, true)}`]);
  const coverage: Coverage = {
    first: first?.toISOString() ?? null,
    last: result.last?.toISOString() ?? null,
    window: { since: window.since.toISOString(), until: window.until.toISOString() },
    complete: gaps.length === 0,
    ...(gaps.length === 0 ? {} : { gaps: [...new Set(gaps.map(([gap]) => gap))] }),
    ...(notNeeded.length === 0 ? {} : { notNeeded }),
  };
  if (gaps.length > 0) return { status: 'partial', reason: gaps.map(([, text]) => text).join('; '), coverage };
  const remark = remarkOn(result);
  return { status: 'ok', ...(remark === undefined ? {} : { reason: remark }), coverage };
}

function remarkOn({ bytesIn, stampedLines, bytesOut, openEnd }: CutResult): string | undefined {
  if (bytesIn === 0) return 'the log is empty';
  if (stampedLines === 0) return 'no time was recognised in it, so it is here whole';
  if (bytesOut === 0) return 'no line falls into the window';
  return openEnd ? 'its last line was still being written' : undefined;
}
