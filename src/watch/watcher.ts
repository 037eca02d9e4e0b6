import pLimit from 'p-limit';
import { defined } from '../domain/defined.js';
import type { Maintenance } from '../domain/maintenance.js';
import type { Seen, ServerSeen, Sighting, Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import { serversAtWork } from '../runs/locks.js';
import { cautiousAccess } from '../servers/cautious-access.js';
import type { Workplace } from '../servers/workplace.js';
import type { Maintenances } from '../state/maintenances.js';
import { afterVisit } from './core/after-visit.js';
import { type Change, changesOf } from './core/changes.js';
import { dueChecks, visitInMs } from './core/due.js';
import { wasBad } from './core/event.js';
import { hungAfter, restingMounts } from './core/hung-mounts.js';
import { isSameThing, type Look } from './core/observe.js';
import { passedMs } from './core/stamp.js';
import { suppressionOf } from './core/suppression.js';
import { endWhatIsWell } from './maintenance/end-what-is-well.js';
import { loginsStamp, mayGreet, refusedFaces, stillRefused } from './refused-logins.js';
import { visit } from './visit.js';

export type WatchTools = Pick<Workplace, 'access' | 'runs' | 'captures'> & {
  stamp(): Promise<Stamp>;
  maintenances: Maintenances;
  /** The configuration: when it changes, refused logins are tried again. */
  configPath: string;
};

/** Is told of what has changed, after each visit. */
export type OnChanges = (changes: readonly Change[]) => void;

/** What else goes on at a server: the run that collects from it, and what maintenance there is. */
type Around = { run: string | undefined; maintenances: readonly Maintenance[] };

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
    const [runs, { known }] = await Promise.all([
      serversAtWork(this.tools.runs, undefined),
      this.tools.maintenances.list(),
    ]);
    const around = (name: string) => ({ run: runs.get(name), maintenances: known });
    await Promise.all(due.map((each) => this.visitInTurn(each, around(each.appliance.name), signal)));
    const ended = await this.tools.stamp();
    this.sighting.round = { at: ended, tookMs: passedMs(began, ended) ?? 0 };
    return due.length;
  }

  private async visitInTurn(watched: Watched, around: Around, signal: AbortSignal) {
    const { appliance } = watched;
    try {
      await this.limit(async () => {
        signal.throwIfAborted();
        const before = this.sighting.servers[appliance.name] ?? unseen;
        const after = await this.visitOne(watched, before, around, signal);
        this.sighting.servers[appliance.name] = after;
        this.onChanges(changesOf(appliance.name, before.seen, after.seen));
        await endWhatIsWell(appliance, before.seen, after, around.maintenances, this.tools.maintenances);
      });
    } finally {
      this.atWork.delete(appliance.name);
    }
  }

  private async visitOne(
    watched: Watched,
    before: ServerSeen,
    { run, maintenances }: Around,
    signal: AbortSignal,
  ): Promise<ServerSeen> {
    const { appliance, checks } = watched;
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
    const at = new Date(ended.wallMs);
    const suppressed = (look: Look) => suppressionOf(watched, look, maintenances, at);
    return {
      visitedAt: ended,
      seen: afterVisit(before.seen, { looks, due, checks, suppressed }, this.policy.blind.forMs, { began, ended }),
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
