import { serverTitle } from '../domain/appliance.js';
import type { OutputLine } from '../domain/line.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { Watched } from '../domain/watch-policy.js';
import { formatLocal } from '../domain/zone.js';
import type { Change } from './core/changes.js';
import { thingName } from './standing.js';

/** What a change says to whoever reads the messages of a watch, in one line. */
export function newsLine(
  { server, isJumpHost, what, seen, before }: Change,
  watched: readonly Watched[],
  zone: string,
): OutputLine {
  const found = watched.find(({ appliance }) => appliance.name === server);
  const check = found?.checks.find(({ name }) => name === seen.check);
  const title = found === undefined ? server : serverTitle(found.appliance.id);
  const thing = printableLine(thingName({ check: seen.check, instance: seen.instance }));
  const text = printableLine(seen.answer.text, 300);
  const event = isJumpHost ? 'jump host silent' : (check?.event ?? seen.check);
  const head = isJumpHost ? `jump host ${server}` : `${title} ${thing}`;
  const [first, began] = [seen.event?.badSince, before?.event?.badSince];
  if (what === 'fires') {
    const since = first === undefined ? '' : ` since ${formatLocal(new Date(first.wallMs), zone)}`;
    return { text: `${head}: ${event}${since}: ${text}`, tone: 'bad' };
  }
  if (what === 'is over') {
    const long = began === undefined ? '' : ` after ${formatDuration(seen.at.wallMs - began.wallMs)}`;
    return { text: `${head}: ${event} is over${long}: ${text}`, tone: 'good' };
  }
  if (what === 'has no answer') return { text: `${head}: no answer: ${text}`, tone: 'warn' };
  const again = seen.answer.is === 'unknown' ? '' : 'has an answer again: '; // else it is watched no more
  return { text: `${head}: ${again}${text}`, tone: 'good' };
}
