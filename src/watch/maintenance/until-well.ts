import { type Appliance, serverTitle } from '../../domain/appliance.js';
import { defined } from '../../domain/defined.js';
import { holdsAt, isMeant, longestSilenceMs, type Maintenance } from '../../domain/maintenance.js';
import type { Sighting } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import { fires, stopped } from '../core/event.js';
import { thingName } from '../standing.js';
import { whatText } from './maintenance-text.js';

/** Something of which nobody is told until it is well again. */
export type UntilWell = {
  /** The maintenance that says so, e.g. `M8`; absent where somebody stopped it. */
  id?: string;
  what: string;
  /** `stopped on purpose`, or why it was announced. */
  why: string;
  /** Who announced it. */
  by?: string;
  since: Date;
  /** Then it ends, however that stands. */
  until: Date;
  servers: readonly Appliance[];
};

const dayMs = 86_400_000;

/** All of which nobody is told at a moment until it is well: by maintenance, and what somebody stopped. */
export function untilWell(
  watched: readonly Watched[],
  { servers }: Pick<Sighting, 'servers'>,
  maintenances: readonly Maintenance[],
  at: Date,
): UntilWell[] {
  const announced = maintenances.filter((each) => each.when.kind === 'until-ok' && holdsAt(each, at) !== undefined);
  return [
    ...announced.flatMap((each) => ofMaintenance(each, watched)),
    ...watched.flatMap(({ appliance }) =>
      (servers[appliance.name]?.seen ?? []).flatMap(({ check, instance, event }): UntilWell[] => {
        if (event?.suppressed !== stopped || !fires(event)) return [];
        const { wallMs } = event.badSince;
        const what = `${thingName({ check, instance })} on ${serverTitle(appliance.id)}`;
        const [since, until] = [new Date(wallMs), new Date(wallMs + longestSilenceMs)];
        return [{ what, why: 'stopped on purpose', since, until, servers: [appliance] }];
      }),
    ),
  ];
}

/** Maintenance of that kind which went on to its last day: it ended between two moments by itself, and not because it was well. */
export function endedByThemselves(
  watched: readonly Watched[],
  maintenances: readonly Maintenance[],
  after: Date,
  until: Date,
): UntilWell[] {
  return maintenances
    .filter(({ when, ended }) => when.kind === 'until-ok' && ended === undefined)
    .flatMap((each) => ofMaintenance(each, watched))
    .filter((each) => isLong(each, each.until) && after < each.until && each.until <= until);
}

/** Whether it lasts for so long that people are reminded of it. */
export function isLong({ since }: Pick<UntilWell, 'since'>, at: Date): boolean {
  return at.getTime() - since.getTime() >= dayMs;
}

/** @returns e.g. `3 days` */
export function lastingText({ since }: Pick<UntilWell, 'since'>, at: Date): string {
  const days = Math.floor((at.getTime() - since.getTime()) / dayMs);
  return days === 1 ? '1 day' : `${days} days`;
}

function ofMaintenance(maintenance: Maintenance, watched: readonly Watched[]): UntilWell[] {
  const { id, when, created, reason, by } = maintenance;
  if (when.kind !== 'until-ok') return [];
  const all = watched.map(({ appliance }) => appliance);
  const servers = all.filter(({ name: server, cluster }) => {
    const { check = '', instance } = maintenance;
    return isMeant(maintenance, { server, cluster, check, instance });
  });
  const since = new Date(Math.max(Date.parse(when.from), Date.parse(created)));
  const until = new Date(when.until);
  return [{ ...{ what: whatText(maintenance, all), why: reason, since, until, servers }, ...defined({ id, by }) }];
}
