import { noZone } from './no-zone.js';

const clock = /(?<![\d.:+-])T?(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])/i;
const yearFirst = /(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/;
const yearLast = /(?<![\d.:])(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)/;

/**
 * Says what keeps a text from being a time: an hour, a month or a day that does not exist.
 * @param zone what was taken for the name of a zone
 * @returns undefined where that is not to be told
 */
export function timeFault(text: string, zone: string): string | undefined {
  return (
    dateFault(text) ??
    clockFault(text) ??
    (/^[A-Za-z_]+(?:\/[A-Za-z_+-]+)+$/.test(zone) ? `there is ${noZone(zone)}` : undefined)
  );
}

function dateFault(text: string): string | undefined {
  const [first, ...numbers] = yearFirst.exec(text) ?? [];
  if (first !== undefined) {
    const [year = '', month = '', day = ''] = numbers;
    if (!isMonth(Number(month))) return `there is no month ${month}`;
    return isDay(Number(year), Number(month), Number(day)) ? undefined : `there is no day ${first}`;
  }
  const [last, one, other, year] = yearLast.exec(text) ?? [];
  if (last === undefined) return undefined;
  const isSome = isDay(Number(year), Number(one), Number(other)) || isDay(Number(year), Number(other), Number(one));
  return isSome ? undefined : `there is no day ${last}`;
}

function clockFault(text: string): string | undefined {
  const [, hour, minute, second] = clock.exec(text) ?? [];
  if (hour === undefined) return undefined;
  if (Number(hour) > 23) return `there is no hour ${hour}`;
  if (Number(minute) > 59) return `there is no minute ${minute}`;
  return Number(second ?? 0) > 59 ? `there is no second ${second}` : undefined;
}

function isMonth(month: number): boolean {
  return month >= 1 && month <= 12;
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return isMonth(month) && day >= 1 && date.getUTCDate() === day;
}
