import { parseDuration } from './quantities.js';

/** Words for the units of `parseDuration`. */
const units: readonly [RegExp, string][] = [
  [/(?<=\d) ?(?:milliseconds?|msecs?)(?![a-z])/g, 'ms'],
  [/(?<=\d) ?(?:seconds?|secs?|s)(?![a-z])/g, 's'],
  [/(?<=\d) ?(?:minutes?|mins?|m)(?![a-z])/g, 'm'],
  [/(?<=\d) ?(?:hours?|hrs?|h)(?![a-z])/g, 'h'],
  [/(?<=\d) ?(?:days?|d)(?![a-z])/g, 'd'],
  [/^half 1 ?h$/, '30m'],
];

/** Reads `now`, `2h ago`, `90 min ago`, `-1h30m`, `45m`: nobody means the future. @returns milliseconds before now */
export function millisecondsAgo(text: string): number | undefined {
  let short = text
    .toLowerCase()
    .replace(/^now$/, '0s')
    .replace(/ ago$/, '')
    .replace(/(?<=^(?:half )?)(?:an?|one) /, '1 ')
    .replace(/^(\d{1,3}) ?weeks?$/, (_all, weeks) => `${Number(weeks) * 7}d`);
  for (const [word, unit] of units) short = short.replace(word, unit);
  const ms = short.startsWith('+') ? undefined : parseDuration(short.replace(/(?<=\d[a-z]+)(?:,| and)? (?=\d)/g, ''));
  return ms === undefined ? undefined : Math.abs(ms);
}

/** Reads what programs count since 1970: seconds, also with a fraction or as `@1795867205`; milli-, micro-, nanoseconds. */
export function sinceEpoch(text: string): Date | undefined {
  const [, seconds, fraction] = /^@?(\d{10})\.?(\d{3}|\d{6}|\d{9})?$/.exec(text) ?? [];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000 + Number((fraction ?? '').slice(0, 3)));
}
