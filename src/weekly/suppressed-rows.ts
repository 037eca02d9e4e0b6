import { serverTitle } from '../domain/appliance.js';
import type { Maintenance } from '../domain/maintenance.js';
import type { Span } from '../domain/recurrence.js';
import type { Sighting } from '../domain/watch-event.js';
import type { Watched } from '../domain/watch-policy.js';
import { fires, stopped } from '../watch/core/event.js';
import { whatText } from '../watch/maintenance/maintenance-text.js';
import { thingName } from '../watch/standing.js';
import type { Lasting } from './lasting.js';
import { common } from './spans.js';
import type { SuppressedRow } from './weekly-status.js';

type Staged = { server: string; since: Date; until: Date | null };
type From = {
  watched: readonly Watched[];
  maintenances: readonly Maintenance[];
  staged: readonly Staged[];
  lasting: readonly Lasting[];
  sighting: Sighting;
  shown(text: string): string;
};

/** Of what nobody was told in a time, beside maintenance: why, since when, and by whom where that is known. */
export function suppressedRows(from: From, within: Span, now: Date): SuppressedRow[] {
  const rows = [...stagedRows(from), ...untilOkRows(from), ...stoppedRows(from)];
  return rows
    .filter(({ since, until }) => common({ from: since, until: until ?? now }, within) !== undefined)
    .map((row) => ({ ...row, what: from.shown(row.what) }));
}

function stagedRows({ watched, staged }: From): SuppressedRow[] {
  return staged.map(({ server, since, until }) => ({
    ...{ what: titleOf(server, watched), why: 'staging', since, until, by: null },
  }));
}

function untilOkRows({ watched, maintenances, shown }: From): SuppressedRow[] {
  return maintenances.flatMap((maintenance): SuppressedRow[] => {
    const { id, when, by, reason, ended } = maintenance;
    if (when.kind !== 'until-ok') return [];
    const end = ended?.at ?? when.until;
    return [
      {
        what: whatText(
          maintenance,
          watched.map(({ appliance }) => appliance),
        ),
        why: `${id}, until it is well: ${shown(reason)}`,
        ...{ since: new Date(when.from), until: new Date(end) },
        by: shown(by),
      },
    ];
  });
}

/** What was stopped, as it is seen now, and as it was seen before. */
function stoppedRows({ watched, lasting, sighting }: From): SuppressedRow[] {
  const now = Object.entries(sighting.servers).flatMap(([server, { seen }]) =>
    seen.flatMap(({ check, instance, event }): Lasting[] => {
      if (event?.suppressed !== stopped || !fires(event)) return [];
      const since = new Date(event.badSince.wallMs);
      return [{ server, check, ...(instance === undefined ? {} : { instance }), what: 'event', since, until: null }];
    }),
  );
  const before = lasting.filter(({ suppressed, what }) => what === 'event' && suppressed === stopped);
  const isNow = (one: Lasting) =>
    now.some((other) => nameOf(one, watched) === nameOf(other, watched) && +one.since === +other.since);
  return [...before.filter((each) => !isNow(each)), ...now].map((each) => ({
    ...{ what: nameOf(each, watched), why: 'stopped on purpose', since: each.since, until: each.until, by: null },
  }));
}

function nameOf({ server, check, instance }: Lasting, watched: readonly Watched[]): string {
  return `${thingName({ check, instance })} on ${titleOf(server, watched)}`;
}

function titleOf(server: string, watched: readonly Watched[]): string {
  const found = watched.find(({ appliance }) => appliance.name === server);
  return found === undefined ? server : serverTitle(found.appliance.id);
}
