import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { groups } from '../reading/budget.js';
import type { Work } from './comparison.js';
import type { OneLog, ServerLogs, Start } from './server-logs.js';

/** Starts so near to each other, seen from their events, are no difference. */
const sameStartMs = 120_000;
/** Numbers of lines always differ a little. */
const manyTimes = 2;
const fewLines = 20;
const sameWindowMs = 60_000;

/** When servers were started, and how much their logs say. */
export function compareLogs(work: Work, left: ServerLogs, right: ServerLogs): void {
  compareStarts(work, left, right);
  for (const name of [...left.logs.keys()].filter((each) => right.logs.has(each)).sort())
    compareLog(work, name, [left, right]);
}

function compareStarts({ label, titles, found }: Work, left: ServerLogs, right: ServerLogs): void {
  const [first, second] = [left.start, right.start];
  if (first === undefined && second === undefined) return;
  if (first && second && Math.abs(first.beforeEventMs - second.beforeEventMs) <= sameStartMs) return;
  const where = `${label} restarted`;
  const [known, unknown] = first === undefined ? [titles.right, titles.left] : [titles.left, titles.right];
  const isKnown = (logs: ServerLogs) => logs.start !== undefined || logs.isSteady;
  if (isKnown(left) && isKnown(right))
    found.differences.push({ where, left: startText(first), right: startText(second) });
  else
    found.notComparable.push({
      where,
      text: `${startText(first ?? second)} in ${known}, not known in ${unknown}`,
    });
}

/** e.g. `13:51 (14 min before)` */
function startText(start: Start | undefined): string {
  if (start === undefined) return '–';
  const { at, beforeEventMs, zone } = start;
  const away = formatDuration(Math.round(beforeEventMs / 60_000) * 60_000);
  return `${formatLocal(new Date(at), zone).slice(11)} (${away} ${beforeEventMs < 0 ? 'after' : 'before'})`;
}

function compareLog(work: Work, name: string, [left, right]: readonly [ServerLogs, ServerLogs]): void {
  const { label, found, all } = work;
  const [first, second] = [left.logs.get(name), right.logs.get(name)];
  if (first === undefined || second === undefined) return;
  const why = notComparable(work, first, second);
  const isTold = found.notComparable.some(({ where }) => where === `${label} Logs/${name}`);
  if (why !== undefined && !isTold) found.notComparable.push({ where: `${label} Logs/${name}`, text: why });
  if (why !== undefined || !(all ? first.lines !== second.lines : isFar(first.lines, second.lines))) return;
  const [before, after] = [first, second].map(({ lines }) => `${groups(lines)} lines`);
  found.differences.push({ where: `${label} ${name}`, left: before ?? '', right: after ?? '' });
}

function isFar(left: number, right: number): boolean {
  const [less, more] = left < right ? [left, right] : [right, left];
  return more >= less * manyTimes && more - less >= fewLines;
}

/** Why what a log does not have says nothing; undefined where both are whole. */
function notComparable({ titles }: Work, first: OneLog, second: OneLog): string | undefined {
  const sides = [...(first.isWhole ? [] : [titles.left]), ...(second.isWhole ? [] : [titles.right])];
  if (sides.length > 0) return `its lines and messages are not known to be whole in ${sides.join(' and ')}`;
  if (haveSameWindow(first, second)) return undefined;
  const [before, after] = [first, second].map(({ windowMs }) => formatDuration(windowMs));
  return `its window is ${before} in ${titles.left}, ${after} in ${titles.right}`;
}

function haveSameWindow(first: OneLog, second: OneLog): boolean {
  return Math.abs(first.windowMs - second.windowMs) <= sameWindowMs;
}

/** Whether what one of the two does not have was not there. */
export function areComparable(left: ServerLogs, right: ServerLogs, name: string): boolean {
  const [first, second] = [left.logs.get(name), right.logs.get(name)];
  if (first === undefined || second === undefined) return false;
  return first.isWhole && second.isWhole && haveSameWindow(first, second);
}
