import { formatDuration, formatSize } from '../domain/quantities.js';

/** Something that is running: its start, its time limit, and how much of it has come. */
export type Running = {
  since: number;
  limitMs?: number;
  bytes: number;
  /** When the first bytes came; the server's time before that does not count towards the speed. */
  bytesSince?: number;
  /** How many bytes were there by then: a resumed file does not begin at zero. */
  firstBytes?: number;
  totalBytes?: number;
};

/** @returns e.g. `1 min 20 s of 10 min, 3.2 MB of 12.0 MB (26 %), 1.1 MB/s` */
export function runningText(running: Running, now: number): string {
  const elapsed = elapsedText(now - running.since);
  const limit = running.limitMs === undefined ? '' : ` of ${formatDuration(running.limitMs)}`;
  return [`${elapsed}${limit}`, ...amountTexts(running), ...rateTexts(running, now)].join(', ');
}

/** Adds the bytes that have come. */
export function advanced(running: Running, bytes: number, totalBytes: number | undefined, now: number): Running {
  const total = totalBytes === undefined ? {} : { totalBytes };
  return {
    ...running,
    ...total,
    bytes,
    bytesSince: running.bytesSince ?? now,
    firstBytes: running.firstBytes ?? bytes,
  };
}

/** The elapsed time in whole seconds, because tenths would flicker. */
function elapsedText(ms: number): string {
  return ms < 10_000 ? `${Math.floor(ms / 1000)} s` : formatDuration(ms);
}

function amountTexts({ bytes, totalBytes }: Running): string[] {
  if (bytes === 0) return [];
  if (totalBytes === undefined || totalBytes < bytes) return [formatSize(bytes)];
  return [`${formatSize(bytes)} of ${formatSize(totalBytes)} (${Math.floor((100 * bytes) / totalBytes)} %)`];
}

function rateTexts({ bytes, bytesSince, firstBytes = 0 }: Running, now: number): string[] {
  const ms = now - (bytesSince ?? now);
  return ms < 1000 ? [] : [`${formatSize(Math.round((1000 * (bytes - firstBytes)) / ms))}/s`];
}
