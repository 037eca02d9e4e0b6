import type { FaceId } from '../domain/appliance.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { WayLook } from './core/jump-hosts.js';
import type { Look } from './core/observe.js';

/** What a visit looks at, and how. */
export type VisitRequest = {
  checks: readonly WatchCheck[];
  /** Why it is only asked for its greeting, and nothing else: a session would be one too many for somebody. */
  onlyGreet: string | undefined;
  /** Faces that are not logged in to, because that was refused before: why. */
  refused: ReadonlyMap<FaceId, string>;
  /** Whether these are asked for their greeting this time. */
  greetRefused: boolean;
  wasBad: (check: string, instance?: string) => boolean;
  /** Mount points that are not asked now, because they did not answer. */
  restingMounts: ReadonlySet<string>;
};

/** What was seen at a visit and on the way, and which of the mount points that are asked one by one did not answer. */
export type Visit = { looks: Look[]; hungMounts: string[]; ways?: readonly WayLook[] };
