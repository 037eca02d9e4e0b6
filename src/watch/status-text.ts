import { icepack, placeholder, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { Sighting } from '../domain/watch-event.js';
import type { SelfPolicy } from '../domain/watch-self.js';
import { formatLocal } from '../domain/zone.js';
import type { AtWork } from '../state/watch-notes.js';
import { type IncidentStanding, newTicket } from './incident/standing.js';
import { reminderLines } from './maintenance/reminder-text.js';
import type { UntilWell } from './maintenance/until-well.js';
import { type RepliesStanding, repliesLines } from './replies/standing.js';
import { lateLines, selfLines } from './self-lines.js';
import type { ServerStanding, Standing } from './standing.js';
import { suppressionText, thingName, troubles } from './standing.js';

/** What the status is made of. */
export type StatusFacts = {
  servers: readonly ServerStanding[];
  incidents: readonly (IncidentStanding & { pages: { next?: string; failed: readonly string[] } })[];
  /** What cannot be read of incidents. */
  damaged: readonly string[];
  /** Those at which something is wrong. */
  jumpHosts: readonly ServerStanding[];
  sighting: Sighting;
  /** Of what nobody is told until it is well, for longer than a day. */
  untilWell: readonly UntilWell[];
  /** What people answered that does not count. */
  replies: RepliesStanding;
  /** The watch that is at work. */
  atWork: AtWork | undefined;
  everyMs: number;
  self: SelfPolicy;
  now: Date;
  zone: string;
};

/** The status of all servers as lines, those first at which something is wrong. */
export function statusLines(facts: StatusFacts): OutputLine[] {
  const { servers, jumpHosts, sighting, self, everyMs, now, zone } = facts;
  const lines = [...jumpHosts, ...servers].flatMap((server) => serverLines(server, now, zone));
  return [
    ...headLines(facts),
    ...selfLines(sighting.self ?? {}, self, zone),
    ...lateLines(sighting, everyMs),
    ...repliesLines(facts.replies, zone),
    ...facts.damaged.map((text) => ({ text, tone: 'bad' as const })),
    ...facts.incidents.flatMap((each) => incidentLines(each, now, zone)),
    ...lines,
    ...facts.untilWell.flatMap((each) => reminderLines(each, now, zone)),
    ...doubtLines(facts),
  ];
}

const incidentTones: Record<IncidentStanding['state'], OutputLine['tone']> = {
  firing: 'bad',
  acknowledged: 'warn',
  'well again': 'strong',
  resolved: 'dim',
  replaced: 'dim',
};

function incidentLines(incident: StatusFacts['incidents'][number], now: Date, zone: string): OutputLine[] {
  const { id, state, subject, since, bad, ticket, noTicket, by, note, next, pages, isFlapping } = incident;
  const tone = incidentTones[state];
  const long = formatDuration(now.getTime() - since.getTime());
  const had = by === undefined ? '' : `; ${by} has it${note === undefined ? '' : `: ${note}`}`;
  const still = state === 'resolved' && bad > 0 ? '; it is bad still' : '';
  const place =
    ticket === null ? `no ticket${noTicket === undefined ? ' yet' : `: ${noTicket}`}` : `${ticket.key}  ${ticket.url}`;
  return [
    { text: `${id}  ${subject}`, ...(tone === undefined ? {} : { tone }) },
    {
      text: `    ${state} since ${formatLocal(since, zone)}, ${long}${still}${isFlapping ? '; it comes and goes' : ''}${printableLine(had)}`,
    },
    ...silenceLines(incident, zone),
    { text: `    ${printableLine(place, 300)}` },
    ...goneLines(incident),
    ...overLimitLines(incident),
    ...pages.failed.map((text) => ({ text: `    ${text}`, tone: 'bad' as const })),
    ...(pages.next === undefined ? [] : [{ text: `    ${printableLine(pages.next)}` }]),
    ...(next === null ? [] : [{ text: say`    ${next}` }]),
  ];
}

function goneLines({ id, state, ticketGone }: IncidentStanding): OutputLine[] {
  if (state === 'replaced') return [{ text: '    its ticket is gone; another incident has what is bad of it' }];
  if (ticketGone === undefined) return [];
  const where = ticketGone.instead === null ? 'gone from the help desk' : `merged into ${ticketGone.instead}`;
  return [
    { text: printableLine(`    ticket ${where}; a person has to say which one it has now`, 300), tone: 'warn' },
    { text: say`    or that it gets a new one: ${newTicket(id)}` },
  ];
}

function overLimitLines({ overLimit }: IncidentStanding): OutputLine[] {
  if (overLimit === undefined) return [];
  const upload = icepack('upload', overLimit, '--to', placeholder('URL'));
  return [
    { text: say`    its bundle was over the limit; the ticket was asked where to bring it: ${upload}`, tone: 'warn' },
  ];
}

/** That pages pause. */
function silenceLines({ suppressed }: IncidentStanding, zone: string): OutputLine[] {
  if (suppressed === undefined) return [];
  const until = suppressed.until === null ? '' : ` until ${formatLocal(new Date(suppressed.until), zone)}`;
  return [
    { text: printableLine(`    suppressed: ${suppressed.by}${until}; nobody is told meanwhile`, 300), tone: 'warn' },
  ];
}

function headLines({ servers, sighting, zone }: StatusFacts): OutputLine[] {
  const count = `${servers.length} ${servers.length === 1 ? 'server' : 'servers'}`;
  if (!isLookedAt(servers)) return [{ text: `${count}. Nothing is looked at there; other monitors tell of them.` }];
  const { round } = sighting;
  if (round === undefined) return [{ text: `${count}, not looked at yet.` }];
  const at = formatLocal(new Date(round.at.wallMs), zone, true);
  return [{ text: `${count}. Last round ${at}, took ${formatDuration(round.tookMs)}.` }];
}

function isLookedAt(servers: readonly ServerStanding[]): boolean {
  return servers.some(({ hasChecks }) => hasChecks);
}

function serverLines(server: ServerStanding, now: Date, zone: string): OutputLine[] {
  const { title, visited, hasChecks, things } = server;
  const isUnseen = visited === undefined && hasChecks;
  if (isUnseen && things.length === 0) return [{ text: `? ${title}  not looked at yet`, tone: 'dim' }];
  const well = things.filter(({ state }) => state === 'ok').length;
  const others = troubles(server).flatMap((thing) => thingLines(title, thing, now, zone));
  const count = `${well} ${well === 1 ? 'check is' : 'checks are'} well`;
  return [...others, ...(well > 0 ? [{ text: `✓ ${title}  ${count}`, tone: 'good' as const }] : [])];
}

const looks: Record<Standing['state'], { sign: string; tone: OutputLine['tone'] }> = {
  firing: { sign: '✗', tone: 'bad' },
  'no answer': { sign: '!', tone: 'warn' },
  suppressed: { sign: '–', tone: 'dim' },
  pending: { sign: '…', tone: 'warn' },
  unknown: { sign: '?', tone: 'dim' },
  ok: { sign: '✓', tone: 'good' },
};

function thingLines(title: string, thing: Standing, now: Date, zone: string): OutputLine[] {
  const { sign, tone } = looks[thing.state];
  const head = `${sign} ${title}  ${printableLine(thingName(thing))}  ${stateText(thing, now, zone)}`;
  const style = tone === undefined ? {} : { tone };
  const { reported } = thing;
  const said = reported && `said last ${formatLocal(reported.at, zone)} by ${printableLine(reported.by, 60)}`;
  return [
    { text: head, ...style },
    { text: `    ${printableLine(thing.text, 400)}`, tone: 'dim' },
    ...(said === undefined ? [] : [{ text: `    ${said}`, tone: 'dim' as const }]),
  ];
}

function stateText({ state, event, severity, since, suppressed = '' }: Standing, now: Date, zone: string): string {
  const from = since === undefined ? '' : ` since ${formatLocal(since, zone)}`;
  const long = since === undefined ? '' : `, ${formatDuration(now.getTime() - since.getTime())}`;
  if (state === 'firing') return `FIRING ${event} (${severity})${from}${long}`;
  if (state === 'suppressed') return `${event}, ${suppressionText(suppressed)},${from}`;
  if (state === 'pending') return `${event}?${from}${long}`;
  return state === 'no answer' ? `no answer${from}${long}` : state;
}

/** So many times the distance between looks may the last round be old. */
const stale = 3;

/** Why what stands above may not be so any more. */
function doubtLines({ servers, sighting, atWork, everyMs, now }: StatusFacts): OutputLine[] {
  if (!isLookedAt(servers)) return [];
  const { round } = sighting;
  const ageMs = round === undefined ? undefined : now.getTime() - round.at.wallMs;
  const isOld = ageMs === undefined || ageMs > stale * everyMs;
  if (!isOld) return [];
  const what = ageMs === undefined ? 'Nothing was seen yet' : `This is ${formatDuration(ageMs)} old`;
  const does = atWork?.passing === undefined ? 'watches' : 'is at work, and will soon end';
  if (atWork !== undefined) return [{ text: `${what}; process ${atWork.process.pid} ${does}.`, tone: 'warn' }];
  return [{ text: say`${what}, and nobody watches: ${icepack('watch')}`, tone: 'warn' }];
}
