import { takeDate, type WrittenDay } from './written-date.js';

/** Monday is 0; in English, Swedish and German. */
const weekdays = [
  'monday mon måndag mån montag mo',
  'tuesday tues tue tisdag tis dienstag di',
  'wednesday wed onsdag ons mittwoch mi',
  'thursday thurs thu torsdag tors tor donnerstag do',
  'friday fri fredag fre freitag fr',
  'saturday sat lördag lör samstag sa',
  'sunday sun söndag sön sonntag so',
].map((names) => names.split(' '));
const weekday = new RegExp(`(?<![\\p{L}/])(?:last )?(${weekdays.flat().join('|')})(?![\\p{L}/])[.,]*`, 'iu');

const daysBack: Record<string, number> = { today: 0, idag: 0, heute: 0, yesterday: 1, igår: 1, gestern: 1 };
const dayWord = new RegExp(`(?<!\\p{L})(${Object.keys(daysBack).join('|')})(?!\\p{L}),?`, 'iu');

const half = '(?:\\s?([ap])(?:m|\\.\\s?m\\.?)(?!\\p{L}))';
const clock = new RegExp(
  `(?<![\\d.:+-])T?(?:(\\d{1,2})[:.](\\d{2})(?:[:.](\\d{2})(?:[.,]\\d{1,9})?)?(?![\\d:])${half}?|(\\d{1,2})${half})`,
  'iu',
);
/** Words beside a time that say nothing of it. */
const fillers = /(?<![\p{L}/])(?:at|on|the|kl|den|am|um|uhr|h|o['’]clock)(?![\p{L}/])\.?|[@,]/giu;
/** What syslog writes before a time: priority and version; a clock that is not set. */
const leader = /^(?:<\d{1,3}> ?)?(?:1 (?=\d{4}-)|[*.](?=\p{L}))?/u;
/** As date(1) has it: behind the time, before or behind the zone. */
const yearBehind = /(?<![\d+-])(\d{4})(?= ?(?:[+-]\d{4})?$)/;

export type TimeOfDay = { hour: number; minute: number; second: number };

/** A time as somebody wrote it, before it is known of which zone and of which year it is. */
export type WrittenTime = {
  /** Several where the order of day and month is not clear; none where no date was written. */
  days: WrittenDay[];
  daysBack: number | undefined;
  /** Monday is 0. */
  weekday: number | undefined;
  time: TimeOfDay | undefined;
  /** What is left: a zone, or what nobody understands. */
  zone: string;
};

/** Takes a text apart. It is a time where nothing is left that is no zone. */
export function readWrittenTime(text: string): WrittenTime {
  const found: WrittenTime = { days: [], daysBack: undefined, weekday: undefined, time: undefined, zone: '' };
  let rest = compactAsIso(text.replace(leader, '').replace(/^(["'[(])(.*)["'\])]$/, '$2'));
  const take = (pattern: RegExp, use: (match: RegExpExecArray) => unknown) => {
    const match = pattern.exec(rest);
    if (match === null || use(match) === undefined) return;
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
  };
  const date = takeDate(rest);
  if (date !== undefined) [found.days, rest] = [date.days, date.rest];
  else take(dayWord, ([, word = '']) => (found.daysBack = daysBack[word.toLowerCase()]));
  take(weekday, ([, word = '']) => (found.weekday = weekdays.findIndex((names) => names.includes(word.toLowerCase()))));
  take(clock, (match) => (found.time = timeOf(match)));
  rest = rest.replace(fillers, ' ').replace(/\s+/g, ' ').trim();
  if (found.days.some(({ year }) => year === undefined))
    take(yearBehind, ([, year]) => (found.days = found.days.map((day) => ({ year: Number(year), ...day }))));
  return { ...found, zone: rest.replace(/\s+/g, ' ').trim() };
}

/** `20261128T130005`, `20261128_1300` and `2026-11-28_13-00-05`, as names of files and folders have it. */
function compactAsIso(text: string): string {
  return text.replace(
    /^(\d{4})-?(\d\d)-?(\d\d)[T_ -]?(\d\d)-?(\d\d)(?:-?(\d\d))?(?![\d:])/i,
    (_all, year, month, day, hour, minute, second = '00') => `${year}-${month}-${day} ${hour}:${minute}:${second}`,
  );
}

function timeOf([, hour, minute, second, half, hourAlone, halfAlone]: RegExpExecArray): TimeOfDay | undefined {
  const time = { hour: Number(hour ?? hourAlone), minute: Number(minute ?? 0), second: Number(second ?? 0) };
  if (time.minute > 59 || time.second > 59 || time.hour > 23) return undefined;
  const letter = (half ?? halfAlone)?.toLowerCase();
  if (letter === undefined) return time;
  if (time.hour < 1 || time.hour > 12) return undefined;
  return { ...time, hour: (time.hour % 12) + (letter === 'p' ? 12 : 0) };
}
