import type { OutputLine } from '../domain/line.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { Stamp } from '../domain/watch-event.js';
import { formatLocal } from '../domain/zone.js';

/** What is told of the watch itself. */
export type Notice =
  /** An event is being taken, or a watch looks once: it begins when that has ended. */
  | { what: 'another at work' }
  /** Neither servers nor canaries answer. */
  | { what: 'blind'; since: Stamp }
  | { what: 'sees again'; since: Stamp; at: Stamp }
  /** What was seen cannot be kept. */
  | { what: 'not kept'; why: string }
  | { what: 'kept again' }
  /** What the weekly status tells of it cannot be kept. */
  | { what: 'no history'; why: string }
  /** The journals of incidents cannot be written. */
  | { what: 'not followed'; why: string }
  | { what: 'followed again' }
  /** People could, or could not, be told that. */
  | { what: 'alarm'; told: string }
  /** Whoever started the watch cannot be told how it is. */
  | { what: 'not heard'; why: string }
  /** The clock on the wall went by another time than passed. */
  | { what: 'clock set'; byMs: number }
  | { what: 'configuration taken up'; servers: number }
  /** The configuration as it is now cannot be used. */
  | { what: 'configuration refused'; why: string };

/** Is told of the watch itself, each thing once. */
export type OnNotice = (notice: Notice) => void;

export function noticeLine(notice: Notice, zone: string): OutputLine {
  if (notice.what === 'another at work')
    return { text: 'another icepack is at work and will soon end: waiting for it' };
  if (notice.what === 'blind') {
    const since = formatLocal(new Date(notice.since.wallMs), zone);
    return {
      text: `blind since ${since}: neither servers nor canaries answer; nothing is an event meanwhile`,
      tone: 'bad',
    };
  }
  if (notice.what === 'sees again') {
    const long = formatDuration(notice.at.wallMs - notice.since.wallMs);
    return { text: `the own network is back after ${long}`, tone: 'good' };
  }
  if (notice.what === 'not kept') {
    const text = `what is seen cannot be kept, and events would begin anew after a restart: ${printableLine(notice.why, 300)}`;
    return { text, tone: 'bad' };
  }
  if (notice.what === 'kept again') return { text: 'what is seen is kept again', tone: 'good' };
  if (notice.what === 'no history')
    return { text: `the weekly status will lack what is seen now: ${printableLine(notice.why, 300)}`, tone: 'bad' };
  if (notice.what === 'not followed')
    return { text: `incidents are not followed: ${printableLine(notice.why, 300)}`, tone: 'bad' };
  if (notice.what === 'followed again') return { text: 'incidents are followed again', tone: 'good' };
  if (notice.what === 'alarm') return { text: printableLine(notice.told, 300), tone: 'bad' };
  if (notice.what === 'clock set') {
    const way = notice.byMs < 0 ? 'back' : 'forward';
    const text = `the clock of this machine was set ${way} by ${formatDuration(Math.abs(notice.byMs))}; no event is earlier or later for it`;
    return { text, tone: 'warn' };
  }
  if (notice.what === 'not heard')
    return { text: `systemd cannot be told how the watch is: ${printableLine(notice.why, 300)}`, tone: 'bad' };
  if (notice.what === 'configuration refused')
    return { text: `the changed configuration is not taken up, the last one stays: ${notice.why}`, tone: 'bad' };
  const { servers } = notice;
  const count = `${servers} ${servers === 1 ? 'server' : 'servers'}`;
  return { text: `the changed configuration is taken up: ${count}`, tone: 'good' };
}
