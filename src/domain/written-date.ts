import { monthNames, monthNumber } from './month-names.js';

/** A day as it was written; without a year it is of the newest one in which it is not to come. */
export type WrittenDay = { year?: number; month: number; day: number };

/** What of a text is a date, and what it may mean: several days where their order can be read in several ways. */
export type WrittenDate = { days: WrittenDay[]; rest: string };

type Order = readonly ('year' | 'month' | 'day')[];

const month = `(?<month>${monthNames.join('|')})(?!\\p{L})\\.?`;
const day = '(?<![\\d.:])(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?';
/** Two digits are a year only with a time behind them. */
const year = '(?<year>\\d{4}|\\d{2}(?=,? +\\d))';
/** What leads over to the time. */
const end = '(?!\\d)(?:[T:_@,-](?=\\d))?';
const pattern = (text: string) => new RegExp(text + end, 'iu');

const yearFirst = pattern('(?<!\\d)(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})');
const yearLast = pattern('(?<![\\d.:])(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2}(?=,? +\\d))');
const withoutYear = /(?<![\d.:])(\d{1,2})(\.)(\d{1,2})\.(?= +\d)/;
const inWords = [
  pattern(`${day}[ /-]?${month}(?:[ ,/-]{1,2}${year})?`),
  pattern(`(?<!\\p{L})${month}[ -]${day}(?:,? ${year})?(?![:.]\\d)`),
];

/** Takes the date out of a text. @returns undefined where there is none, or none that the calendar has */
export function takeDate(text: string): WrittenDate | undefined {
  const taken = inNumbers(text) ?? named(text);
  return taken === undefined || taken.days.length === 0 ? undefined : taken;
}

function inNumbers(text: string): WrittenDate | undefined {
  const first = yearFirst.exec(text);
  if (first !== null) return readingsOf(text, first, [['year', 'month', 'day']]);
  const last = yearLast.exec(text) ?? withoutYear.exec(text);
  return last === null ? undefined : readingsOf(text, last, ordersOf(last));
}

/** With dots the day comes first everywhere; else nobody knows. */
function ordersOf([, , separator, , written = '']: RegExpExecArray): Order[] {
  if (separator === '.') return [['day', 'month', 'year']];
  const dayOrMonth: Order[] = [
    ['day', 'month', 'year'],
    ['month', 'day', 'year'],
  ];
  return written.length === 2 && separator === '-' ? [...dayOrMonth, ['year', 'month', 'day']] : dayOrMonth;
}

function readingsOf(text: string, match: RegExpExecArray, orders: Order[]): WrittenDate {
  const numbers = [match[1], match[3], match[4]];
  const days = orders.map((order) => dayOf((part) => numbers[order.indexOf(part)])).filter(isDay);
  const distinct = new Map(days.map((each) => [Object.values(each).join(), each]));
  return { days: [...distinct.values()], rest: without(text, match) };
}

function named(text: string): WrittenDate | undefined {
  for (const each of inWords) {
    const match = each.exec(text);
    if (match !== null)
      return { days: [dayOf((part) => match.groups?.[part])].filter(isDay), rest: without(text, match) };
  }
  return undefined;
}

function dayOf(written: (part: 'year' | 'month' | 'day') => string | undefined): WrittenDay {
  const [year, month = '', day] = [written('year'), written('month'), written('day')];
  return {
    ...(year === undefined ? {} : { year: year.length === 2 ? 2000 + Number(year) : Number(year) }),
    month: monthNumber(month) ?? Number(month),
    day: Number(day),
  };
}

/** Without a year it may be the 29th of February. */
function isDay({ year = 2024, month, day }: WrittenDay): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function without(text: string, { 0: taken, index }: RegExpExecArray): string {
  return `${text.slice(0, index)} ${text.slice(index + taken.length)}`;
}
