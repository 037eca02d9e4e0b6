import { type Appliance, serverTitle } from '../domain/appliance.js';
import { isMeant, type Maintenance } from '../domain/maintenance.js';
import type { Span } from '../domain/recurrence.js';
import type { Watched } from '../domain/watch-policy.js';
import { whatText } from '../watch/maintenance/maintenance-text.js';
import type { Lasting } from './lasting.js';
import { lengthMs, maintenanceIn, unionMs, without } from './spans.js';
import type { DoneMaintenance, PlannedMaintenance } from './weekly-status.js';

/** What is known of the time of maintenance. */
export type Known = {
  watched: readonly Watched[];
  lasting: readonly Lasting[];
  /** When the watch was at work and saw something. */
  seen: readonly Span[];
  /** Makes a text of somebody fit to show. */
  shown(text: string): string;
};

/** What a check waits for is no work at servers: it stands with what is suppressed. */
const isWork = ({ when }: Maintenance) => when.kind !== 'until-ok';

/** The maintenance that was in a time, in its order. */
export function doneMaintenance(all: readonly Maintenance[], within: Span, now: Date, known: Known): DoneMaintenance[] {
  const rows = all.filter(isWork).flatMap((maintenance) =>
    maintenanceIn(maintenance, within).map(({ planned, real }): DoneMaintenance => {
      const goesOn = real.until > now;
      const passed = goesOn ? { from: real.from, until: now } : real;
      return { ...wordsOf(maintenance, known), planned, real, goesOn, ...downIn(maintenance, passed, known) };
    }),
  );
  return rows.toSorted((a, b) => a.real.from.getTime() - b.real.from.getTime());
}

/** The maintenance that will be in a time, in its order. */
export function plannedMaintenance(
  all: readonly Maintenance[],
  within: Span,
  known: Pick<Known, 'watched' | 'shown'>,
): PlannedMaintenance[] {
  const rows = all
    .filter(isWork)
    .flatMap((maintenance) =>
      maintenanceIn(maintenance, within).map(({ real }) => ({ ...wordsOf(maintenance, known), span: real })),
    );
  return rows.toSorted((a, b) => a.span.from.getTime() - b.span.from.getTime());
}

function wordsOf(maintenance: Maintenance, { watched, shown }: Pick<Known, 'watched' | 'shown'>) {
  const servers: Appliance[] = watched.map(({ appliance }) => appliance);
  return { maintenance, what: shown(whatText(maintenance, servers)), reason: shown(maintenance.reason) };
}

/** How long which of its servers did not answer, and of how much of the time that is not known. */
function downIn(
  maintenance: Maintenance,
  passed: Span,
  { watched, lasting, seen }: Known,
): Pick<DoneMaintenance, 'down' | 'unseenMs'> {
  const looked = watched.filter(({ appliance: { name: server, cluster }, checks }) =>
    checks.some(({ kind, name: check }) => {
      const { check: _, instance: __, ...all } = maintenance; // a server that is down is, whatever was worked at
      return kind === 'reach' && isMeant(all, { server, cluster, check, instance: undefined });
    }),
  );
  const down = looked.flatMap(({ appliance: { name, id } }) => {
    const spans = lasting
      .filter(({ server, what }) => server === name && what === 'down')
      .map(({ since, until }) => ({ from: since, until: until ?? passed.until }));
    const ms = unionMs(spans, passed);
    return ms === 0 ? [] : [{ server: serverTitle(id), ms }];
  });
  const unseenMs = without(passed, seen).reduce((sum, part) => sum + lengthMs(part), 0);
  return { down, unseenMs: looked.length === 0 ? null : unseenMs };
}
