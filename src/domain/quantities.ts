const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const unitBytes: Record<string, number> = {
  b: 1,
  kb: 1000,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Parses `30m`, `1h30m`, `90s`, `-7m`. @returns milliseconds, or undefined when the text is no duration */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-])?((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)$/.exec(text.trim());
  if (match?.[2] === undefined) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of match[2].matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    totalMs += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return match[1] === '-' ? -totalMs : totalMs;
}

/** Parses `25MB` (decimal), `24MiB` (binary), `500`. @returns bytes, or undefined when the text is no size */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(text.trim());
  const factor = unitBytes[match?.[2]?.toLowerCase() ?? 'b'];
  if (match === null || factor === undefined) return undefined;
  return Math.round(Number(match[1]) * factor);
}

/** @returns e.g. `812 B`, `13 kB`, `12.4 MB` (decimal, as the 25 MB limit is) */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 999_500_000) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @returns e.g. `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`; the sign is dropped */
export function formatDuration(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
}
