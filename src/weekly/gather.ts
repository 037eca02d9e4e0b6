import type { Escalation } from '../domain/escalation.js';
import type { Span } from '../domain/recurrence.js';
import { printableLine } from '../domain/text.js';
import { type Week, weekAfter, weekSpan } from '../domain/week.js';
import { passedSpan } from '../domain/weekly.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Workplace } from '../servers/workplace.js';
import { stampNow } from '../state/boot-clock.js';
import type { StoredIncident } from '../state/incidents.js';
import type { About } from '../watch/incident/words.js';
import { deskTickets } from './desk-tickets.js';
import { goalsIn } from './goals.js';
import { blindIn, lastingIn, stagedIn, talliesIn, watchedSpans } from './lasting.js';
import { doneMaintenance, plannedMaintenance } from './maintenance-rows.js';
import { maintenanceIn, without } from './spans.js';
import { suppressedRows } from './suppressed-rows.js';
import { countsIn, ticketsIn } from './ticket-rows.js';
import { watchItself } from './watch-itself.js';
import type { MissedWeek, WeeklyStatus } from './weekly-status.js';

/** What the status of a week is made of. */
export type Sources = {
  /** The zone of it is that in which the week is. */
  about: About;
  escalation: Escalation | undefined;
  /** The help desks. */
  settings(): Promise<DeskSettings | undefined>;
  watch: Pick<Workplace['watch'], 'incidents' | 'maintenances' | 'history' | 'read'>;
  operator: Workplace['operator'];
  signal: AbortSignal;
};

/** Which week, and how it comes to be told. */
export type Asked = { week: Week; isLate: boolean; missed: readonly Week[] };

/** What began so long before a week is still known in it. */
const lookBackMs = 100 * 86_400_000;
const longestText = 160;

/** Finds all there is to tell of a week, or of what has passed of it. */
export async function weeklyStatus({ week, isLate, missed }: Asked, sources: Sources): Promise<WeeklyStatus> {
  const { about, escalation, operator, signal } = sources;
  const { zone, watched } = about;
  const now = operator.now();
  const within = passedSpan(week, zone, now);
  const first = weekSpan(missed[0] ?? week, zone).from;
  const known = await knownSince(first, sources);
  for (const text of known.unread) operator.emit({ type: 'warning', text });
  const { incidents, maintenances, entries, sighting } = known;
  const shown = (text: string) => printableLine(about.mask(text), longestText);
  const tallies = talliesIn(entries, sighting);
  const blind = blindIn(entries);
  const blindSpans = blind.map(({ from, until }) => ({ from, until: until ?? now }));
  const seen = watchedSpans(tallies).flatMap((span) => without(span, blindSpans));
  const lasting = lastingIn(entries);
  const of = { watched, lasting, seen, shown };
  const next = weekSpan(weekAfter(week, 1), zone);
  return {
    ...{ organization: about.organization ?? null, week, zone, asOf: now, isLate },
    isRunning: now < weekSpan(week, zone).until,
    tickets: ticketsIn(
      incidents,
      await deskTickets(sources.settings, within.from, operator, signal),
      within,
      about,
      shown,
    ),
    done: doneMaintenance(maintenances, within, now, of),
    next: plannedMaintenance(maintenances, next, of),
    goals: goalsIn(incidents, escalation?.summary, within, await stampNow()),
    suppressed: suppressedRows({ ...of, maintenances, staged: stagedIn(entries, sighting), sighting }, within, now),
    watch: watchItself(tallies, blind, known.unread, within),
    missed: missed.map((each) => missedOf(each, weekSpan(each, zone), known)),
  };
}

type Known = Awaited<ReturnType<typeof knownSince>>;

async function knownSince(since: Date, { watch }: Sources) {
  const [open, closed] = [await watch.incidents.open(), await watch.incidents.closed(since)];
  const { known: maintenances, damaged } = await watch.maintenances.list();
  const { entries, unread } = await watch.history.read(new Date(since.getTime() - lookBackMs));
  return {
    incidents: [...closed.known, ...open.known].toSorted(byNumber),
    ...{ maintenances, entries, sighting: await watch.read() },
    unread: [
      ...[...open.damaged, ...closed.damaged].map(({ message }) => message),
      ...damaged.map((path) => `${path} is damaged`),
      ...unread,
    ].map((text) => printableLine(text)),
  };
}

function byNumber(one: StoredIncident, other: StoredIncident): number {
  return Number(one.id.slice(1)) - Number(other.id.slice(1));
}

function missedOf(week: Week, within: Span, { incidents, maintenances }: Known): MissedWeek {
  const { began, resolved } = countsIn(incidents, within);
  const maintenance = maintenances.filter(
    (each) => each.when.kind !== 'until-ok' && maintenanceIn(each, within).length > 0,
  );
  return { week, began, resolved, maintenance: maintenance.map(({ id }) => id) };
}
