import type { WatchCheck } from '../../domain/watch-check.js';
import type { Answer, Seen, Sighting } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import { type Change, changesOf } from './changes.js';
import type { Moment } from './event.js';
import { observe } from './observe.js';
import { passedMs } from './stamp.js';

/** What a visit saw of a jump host on its way. */
export type WayLook = { jumpHost: string; answer: Answer };

const usual = { forMs: 15 * 60_000, clearForMs: 2 * 60_000, severity: 'emergency' as const };

/** That a jump host is silent is one event, however many servers are behind it; when that is, says their own check. */
export function jumpHostCheck({ checks }: Pick<Watched, 'checks'>, everyMs: number): WatchCheck {
  const { forMs, clearForMs, severity } = checks.find(({ kind }) => kind === 'reach') ?? usual;
  const terms = { forMs, clearForMs, severity, everyMs, event: 'jump host silent' };
  return { name: 'silent', ...terms, kind: 'reach', faces: ['cli', 'hostOs'], bad: 'all' };
}

/**
 * Takes what a visit saw of the jump hosts on its way. Visits overlap: one that began before the last answer was there says
 * nothing new.
 */
export function afterWay(
  sighting: Sighting,
  looks: readonly WayLook[],
  check: WatchCheck,
  moment: Moment,
  suppressed: string | undefined,
): Change[] {
  return looks.flatMap(({ jumpHost, answer }) => {
    const before = sighting.jumpHosts?.[jumpHost];
    const isOverlapping = before?.at.boot === moment.began.boot && passedMs(before.at, moment.began) === undefined;
    if (isOverlapping) return [];
    const rules = { rule: check, blind: check };
    const after = observe(before, { check: check.name, answer }, rules, moment, suppressed);
    sighting.jumpHosts = { ...sighting.jumpHosts, [jumpHost]: after };
    return toldOf(jumpHost, before, after);
  });
}

/** What is told of a jump host. */
export function toldOf(jumpHost: string, before: Seen | undefined, after: Seen): Change[] {
  const changes = changesOf(jumpHost, before === undefined ? [] : [before], [after]);
  return changes.map((change) => ({ ...change, isJumpHost: true }));
}

/** The jump hosts on the ways to servers, each with a server behind it. */
export function jumpHostsOf(watched: readonly Watched[]): Map<string, Watched> {
  return new Map(watched.flatMap((each) => each.appliance.via.map(({ name }): [string, Watched] => [name, each])));
}
