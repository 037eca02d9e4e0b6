import { type Appliance, serverTitle } from '../../domain/appliance.js';
import { icepack, say } from '../../domain/command.js';
import type { OutputLine } from '../../domain/line.js';
import { holdsAt, type Maintenance, spansAhead } from '../../domain/maintenance.js';
import type { Span } from '../../domain/recurrence.js';
import { printableLine } from '../../domain/text.js';
import { formatLocal } from '../../domain/zone.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** So many are shown of what comes again and again. */
const shownAhead = 3;

/** What is said when maintenance was announced. */
export function addedLines(maintenance: Maintenance, configured: readonly Appliance[], now: Date): OutputLine[] {
  const ahead = spansAhead(maintenance, now, shownAhead);
  return [
    { text: `${maintenance.id}  ${whatText(maintenance, configured)}${downText(maintenance)}`, tone: 'strong' },
    ...ahead.map((span) => ({ text: `    ${spanText(maintenance, span)}` })),
    { text: 'Nobody is told of events then; they stay visible in the status.' },
    { text: say`End it early: ${icepack('maintenance', 'end', maintenance.id)}` },
  ];
}

/** All that holds or is to come, and when. */
export function listLines(known: readonly Maintenance[], configured: readonly Appliance[], now: Date): OutputLine[] {
  const open = known.filter((maintenance) => spansAhead(maintenance, now, 1).length > 0);
  if (open.length === 0) return [{ text: 'No maintenance is planned.' }];
  return open.flatMap((maintenance) => {
    const holds = holdsAt(maintenance, now) !== undefined;
    const head = `${maintenance.id}  ${whatText(maintenance, configured)}${downText(maintenance)}`;
    const next = spansAhead(maintenance, now, 1).map((span) => spanText(maintenance, span));
    return [
      { text: `${holds ? '● ' : '  '}${head}`, ...(holds ? { tone: 'warn' as const } : {}) },
      { text: `    ${holds ? 'now: ' : 'next: '}${next.join('')}` },
      { text: `    ${printableLine(maintenance.reason)} (${printableLine(maintenance.by)})`, tone: 'dim' as const },
    ];
  });
}

/** @returns e.g. `cluster east (ICE01, ICE02), data /data` */
export function whatText({ targets, check, instance }: Maintenance, configured: readonly Appliance[]): string {
  const names = targets.map((target) => targetText(target, configured));
  const thing = [check, instance].filter((part) => part !== undefined).join(' ');
  return `${names.length === 0 ? 'all servers' : names.join(', ')}${thing === '' ? '' : `, ${printableLine(thing)}`}`;
}

function targetText(target: string, configured: readonly Appliance[]): string {
  const members = configured.filter(({ cluster }) => cluster === target);
  if (members.length > 0) return `cluster ${target} (${members.map(({ id }) => serverTitle(id)).join(', ')})`;
  const server = configured.find(({ name }) => name === target);
  return server === undefined ? `${target} (not in the configuration)` : serverTitle(server.id);
}

function downText({ downtime }: Maintenance): string {
  return downtime ? ', downtime expected' : '';
}

/** @returns e.g. `Sun 2026-11-22 02:00–04:00 Europe/Stockholm (01:00–03:00 UTC)` */
function spanText({ zone, when }: Maintenance, { from, until }: Span): string {
  const local = rangeText(from, until, zone);
  const both = zone === 'UTC' ? 'UTC' : `${zone} (${rangeText(from, until, 'UTC', local)} UTC)`;
  const end = when.kind === 'until-ok' ? ', or until it is well' : '';
  return `${local} ${both}${end}`;
}

function rangeText(from: Date, until: Date, zone: string, beside = ''): string {
  const [first, last] = [from, until].map((at) => formatLocal(at, zone));
  const day = days[new Date(`${first?.slice(0, 10)}T00:00:00Z`).getUTCDay()];
  const isSameDay = first?.slice(0, 10) === last?.slice(0, 10);
  const end = isSameDay ? last?.slice(11) : last;
  const isDayKnown = beside.includes(first?.slice(0, 10) ?? ' ');
  return `${isDayKnown ? first?.slice(11) : `${day} ${first}`}–${end}`;
}
