import pLimit from 'p-limit';
import type { Appliance } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { Seen, ServerSeen, Sighting, Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import { serversAtWork } from '../runs/locks.js';
import { cautiousAccess } from '../servers/cautious-access.js';
import type { Workplace } from '../servers/workplace.js';
import { afterVisit } from './core/after-visit.js';
import { type Change, changesOf } from './core/changes.js';
import { dueChecks, visitInMs } from './core/due.js';
import { wasBad } from './core/event.js';
import { hungAfter, restingMounts } from './core/hung-mounts.js';
import { isSameThing } from './core/observe.js';
import { passedMs } from './core/stamp.js';
import { loginsStamp, mayGreet, refusedFaces, stillRefused } from './refused-logins.js';
import { visit } from './visit.js';

export type WatchTools = Pick<Workplace, 'access' | 'runs' | 'captures'> & {
  stamp(): Promise<Stamp>;
  /** The configuration: when it changes, refused logins are tried again. */
  configPath: string;
};

/** Is told of what has changed, after each visit. */
export type OnChanges = (changes: readonly Change[]) => void;

const unseen: ServerSeen = { seen: [], refused: {}, hung: {} };

/** Looks at servers when their time has come, and knows what was seen. */
export class Watcher {
  readonly sighting: Sighting;
  private readonly watched: readonly Watched[];
  private readonly policy: WatchPolicy;
  private readonly tools: WatchTools;
  private readonly onChanges: OnChanges;
  private readonly atWork = new Set<string>();
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(
    watched: readonly Watched[],
    policy: WatchPolicy,
    sighting: Sighting,
    tools: WatchTools,
    told: OnChanges,
  ) {
    this.watched = watched;
    this.policy = policy;
    this.tools = tools;
    this.onChanges = told;
    this.sighting = onlyWatched(sighting, watched);
    this.limit = pLimit(Math.max(1, Math.floor(policy.connections / 2))); // a visit has one at each face
  }

  /** Visits all servers that are due and are not being visited. @returns how many these were */
  async round(signal: AbortSignal): Promise<number> {
    const began = await this.tools.stamp();
    const due = this.watched.filter(({ appliance, checks }) => {
      const isDue = visitInMs(this.sighting.servers[appliance.name], checks, this.policy.retryMs, began) <= 0;
      return isDue && !this.atWork.has(appliance.name);
    });
    if (due.length === 0) return 0;
    for (const { appliance } of due) this.atWork.add(appliance.name);
    const runs = await serversAtWork(this.tools.runs, undefined);
    await Promise.all(due.map((each) => this.visitInTurn(each, runs.get(each.appliance.name), signal)));
    const ended = await this.tools.stamp();
    this.sighting.round = { at: ended, tookMs: passedMs(began, ended) ?? 0 };
    return due.length;
  }

  private async visitInTurn({ appliance, checks }: Watched, run: string | undefined, signal: AbortSignal) {
    try {
      await this.limit(async () => {
        signal.throwIfAborted();
        const before = this.sighting.servers[appliance.name] ?? unseen;
        const after = await this.visitOne(appliance, checks, before, run, signal);
        this.sighting.servers[appliance.name] = after;
        this.onChanges(changesOf(appliance.name, before.seen, after.seen));
      });
    } finally {
      this.atWork.delete(appliance.name);
    }
  }

  private async visitOne(
    appliance: Appliance,
    checks: readonly WatchCheck[],
    before: ServerSeen,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<ServerSeen> {
    const { access, configPath, stamp } = this.tools;
    const began = await stamp();
    const due = dueChecks(before, checks, this.policy.retryMs, began);
    const under = await loginsStamp(appliance, configPath, access);
    const refused = stillRefused(before.refused, under, began);
    const faces = refusedFaces(appliance, refused);
    const greetRefused = faces.size > 0 && mayGreet(before.greetedAt, due, began);
    const cautious = cautiousAccess(access, refused, under, (key, reason) => {
      refused[key] = { reason, under, at: began };
    });
    const request = {
      ...{ checks: due, onlyGreet: await this.whyOnlyGreet(appliance.name, run), refused: faces, greetRefused },
      wasBad: wasBadAt(before.seen),
      restingMounts: restingMounts(before.hung, began),
    };
    const { looks, hungMounts } = await visit(appliance, request, cautious, signal);
    const ended = await stamp();
    return {
      visitedAt: ended,
      seen: afterVisit(before.seen, { looks, due, checks }, this.policy.blind.forMs, { began, ended }),
      refused,
      hung: hungAfter(before.hung, hungMounts, looks, ended),
      ...defined({ greetedAt: greetRefused ? began : before.greetedAt }),
    };
  }

  /** A server that somebody works at is not asked for a session more. */
  private async whyOnlyGreet(server: string, run: string | undefined): Promise<string | undefined> {
    if (run !== undefined) return `run ${run} collects from it`;
    const capture = await this.tools.captures.atWork.find(server);
    return capture === undefined ? undefined : 'it is being captured';
  }
}

function wasBadAt(seen: readonly Seen[]) {
  return (check: string, instance?: string): boolean => {
    return wasBad(seen.find((each) => isSameThing(each, { check, instance }))?.event);
  };
}

/** What was seen of what is still watched. */
function onlyWatched(sighting: Sighting, watched: readonly Watched[]): Sighting {
  const servers = watched.flatMap(({ appliance, checks }) => {
    const known = sighting.servers[appliance.name];
    if (known === undefined) return [];
    const seen = known.seen.filter(({ check }) => checks.some(({ name }) => name === check));
    return [[appliance.name, { ...known, seen }]];
  });
  return { ...sighting, servers: Object.fromEntries(servers) };
}
