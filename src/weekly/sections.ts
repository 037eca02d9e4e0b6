import { weekTitle } from '../domain/week.js';
import { localTime } from '../domain/zone.js';
import { zoneTitle } from '../domain/zone-name.js';
import { counted, roughly, type Times, timesIn } from './times.js';
import type { DoneMaintenance, Goals, TicketRow, Tickets, WatchItself, WeeklyStatus } from './weekly-status.js';

/** A row of a table; `mark`: how it stands out. */
export type Row = { cells: string[]; url?: string; mark?: 'open' | 'down' };

/** A part of the status, in words: what the text and the page lay out. */
export type Section = { title: string; summary: string; columns: string[]; rows: Row[]; notes: string[] };

/** @returns e.g. `Example AB – weekly status, week 47 (16–22 November 2026)` */
export function titleOf({ organization, week, isRunning }: WeeklyStatus): string {
  const name = `${isRunning ? 'status so far' : 'weekly status'}, ${weekTitle(week)}`;
  return organization === null ? `${name[0]?.toUpperCase()}${name.slice(1)}` : `${organization} – ${name}`;
}

/** Of when it is, and what is to be known before it is read. */
export function introOf(status: WeeklyStatus): string[] {
  const { zone, asOf, isLate, isRunning } = status;
  const { at } = timesOf(status);
  const running = isRunning ? ' The week has not ended.' : '';
  const late = isLate ? ['This status is late: the watch was not at work when it was due, or could not send it.'] : [];
  return [`As of ${at(asOf)}; times of ${zoneTitle(zone)}.${running}`, ...late];
}

export function sectionsOf(status: WeeklyStatus): Section[] {
  const times = timesOf(status);
  const { tickets, done, goals, suppressed, watch } = status;
  return [
    ticketSection(tickets, times),
    doneSection(done, times, status.isRunning),
    nextSection(status, times),
    { title: 'Goals', summary: '', columns: [], rows: [], notes: goalNotes(goals) },
    {
      ...{ title: 'Suppressed', columns: ['What', 'Why', 'When'] },
      summary: suppressed.length === 0 ? 'Nothing but what maintenance covers.' : 'Nobody is told of events there.',
      rows: suppressed.map(({ what, why, since, until, by }) => {
        const isOver = until !== null && until <= status.asOf;
        const who = by === null ? '' : ` (${by})`;
        return {
          cells: [what, `${why}${who}`, isOver ? times.range({ from: since, until }) : `since ${times.at(since)}`],
        };
      }),
      notes: [],
    },
    { title: 'The watch itself', summary: '', columns: [], rows: [], notes: watchNotes(watch, times) },
    ...missedSections(status),
  ];
}

function timesOf({ zone, asOf }: WeeklyStatus): Times {
  return timesIn(zone, localTime(asOf, zone).year);
}

function ticketSection(tickets: Tickets, times: Times): Section {
  const { rows, more, isCut, began, resolved, open, notAsked } = tickets;
  const total = rows.length + more;
  return {
    title: 'Tickets',
    summary: `${counted(began, 'incident')} began, ${resolved === 1 ? '1 was' : `${resolved} were`} resolved; ${open === 1 ? '1 ticket is' : `${open} tickets are`} open.`,
    columns: ['Ticket', 'State', 'What', 'When'],
    rows: rows.map((row) => ticketRow(row, times)),
    notes: [
      ...(more > 0 ? [`These are the first ${rows.length} of ${isCut ? 'at least ' : ''}${total}.`] : []),
      ...notAsked.map((why) => `Only tickets of incidents that the watch knows are here: ${why}.`),
    ],
  };
}

function ticketRow({ key, url, incident, state, isOpen, what, ...row }: TicketRow, times: Times): Row {
  const name = key ?? `${incident}, no ticket`;
  return {
    cells: [name, state, what, whenOf(row, isOpen, times)],
    ...(url === null ? {} : { url }),
    ...(isOpen ? { mark: 'open' as const } : {}),
  };
}

function whenOf(
  row: Omit<TicketRow, 'key' | 'url' | 'incident' | 'state' | 'isOpen' | 'what'>,
  isOpen: boolean,
  { at, range }: Times,
) {
  const { since, until, changed, answeredMs, hours } = row;
  const when =
    since === null ? [] : [until === null ? `${isOpen ? 'since ' : ''}${at(since)}` : range({ from: since, until })];
  return [
    ...when,
    ...(changed === null ? [] : [`changed ${at(changed)}`]),
    ...(answeredMs === null ? [] : [`answered after ${roughly(answeredMs)}`]),
    ...(hours === null ? [] : [`${hours} h of work`]),
  ].join(', ');
}

function doneSection(done: readonly DoneMaintenance[], times: Times, isRunning: boolean): Section {
  return {
    title: 'Maintenance done',
    summary: done.length === 0 ? `None${isRunning ? ' so far' : ''}.` : '',
    columns: ['Id', 'When', 'What', 'Planned', 'Down'],
    rows: done.map((row) => {
      const { maintenance, what, reason, planned, real, goesOn } = row;
      const isAsPlanned = +planned.from === +real.from && +planned.until === +real.until;
      return {
        cells: [
          maintenance.id,
          goesOn ? `since ${times.at(real.from)}, goes on` : times.range(real),
          `${what}: ${reason}`,
          isAsPlanned
            ? goesOn
              ? `planned until ${times.at(planned.until)}`
              : 'as planned'
            : `planned ${times.range(planned)}`,
          downText(row),
        ],
        ...(row.down.length > 0 ? { mark: 'down' as const } : {}),
      };
    }),
    notes: [],
  };
}

/** So many servers are named. */
const named = 3;

function downText({ down, unseenMs }: DoneMaintenance): string {
  if (unseenMs === null) return 'whether servers were down is not looked at';
  const more = down.length - named;
  const servers = down.slice(0, named).map(({ server, ms }) => `${server} down ${roughly(ms)}`);
  const all = [...servers, ...(more > 0 ? [`${more} more down`] : [])].join(', ');
  const unseen = unseenMs < 60_000 ? '' : `not known for ${roughly(unseenMs)} of it`;
  return [all === '' && unseen === '' ? 'no server was down' : all, unseen].filter((part) => part !== '').join('; ');
}

function nextSection({ next }: WeeklyStatus, times: Times): Section {
  return {
    title: 'Maintenance next week',
    summary: next.length === 0 ? 'None is planned.' : '',
    columns: ['Id', 'When', 'What', 'Downtime'],
    rows: next.map(({ maintenance: { id, downtime }, what, reason, span }) => ({
      cells: [id, times.range(span), `${what}: ${reason}`, downtime ? 'DOWNTIME EXPECTED' : ''],
      ...(downtime ? { mark: 'down' as const } : {}),
    })),
    notes: [],
  };
}

function goalNotes({ answer, summary }: Goals): string[] {
  const within = answer?.goalMs == null ? 'within their goals' : `within ${roughly(answer.goalMs)}`;
  const over =
    answer === undefined || answer.over === 0
      ? ''
      : `; ${answer.over} more ${answer.over === 1 ? 'was' : 'were'} over before that`;
  const missing = summary === undefined || summary.missing.length === 0 ? '' : ` (missing: ${listed(summary.missing)})`;
  return [
    answer === undefined ? 'Nothing had to be answered.' : `Answered ${within}: ${answer.met} of ${answer.of}${over}.`,
    ...(summary === undefined
      ? []
      : [`Summaries within ${roughly(summary.withinMs)}: ${summary.met} of ${summary.of}${missing}.`]),
  ];
}

function listed(names: readonly string[], most = 10): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

function watchNotes({ whole, others, blind, gaps, unread }: WatchItself, { at, range }: Times): string[] {
  const all = whole + others;
  const blindTimes = blind.map(({ from, until }) => (until === null ? `since ${at(from)}` : range({ from, until })));
  return [
    all === 0 ? 'No round is known of this time.' : `${shareOf(whole, all)} of rounds were whole.`,
    ...(blindTimes.length === 0 ? [] : [`Blind ${listed(blindTimes)}: the own network was down.`]),
    ...(gaps.length === 0 ? [] : [`Not at work ${listed(gaps.map(range))}: what happened then is not known.`]),
    ...(unread.length === 0
      ? []
      : [
          `${counted(unread.length, 'file')} of what the watch wrote cannot be read: what was in there is missing here.`,
        ]),
  ];
}

/** Never rounded up to all of it. @returns e.g. `99.97 %` */
function shareOf(part: number, all: number): string {
  return part === all ? '100 %' : `${(Math.floor((part / all) * 10_000) / 100).toFixed(2)} %`;
}

function missedSections({ missed }: WeeklyStatus): Section[] {
  if (missed.length === 0) return [];
  const rows = missed.map(({ week, began, resolved, maintenance }) => ({
    cells: [
      weekTitle(week),
      `${counted(began, 'incident')} began, ${resolved} resolved`,
      maintenance.length === 0 ? 'no maintenance' : `maintenance ${listed(maintenance)}`,
    ],
  }));
  const summary = 'They got no status in their time: the watch was not at work, or could not send it.';
  return [{ title: 'Earlier weeks', summary, columns: ['Week', 'Incidents', 'Maintenance'], rows, notes: [] }];
}
