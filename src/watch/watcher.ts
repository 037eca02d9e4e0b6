import pLimit from 'p-limit';
import { defined } from '../domain/defined.js';
import type { Maintenance } from '../domain/maintenance.js';
import type { Seen, ServerSeen, Sighting, Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import { UserError } from '../errors.js';
import { serversAtWork } from '../runs/locks.js';
import { cautiousAccess } from '../servers/cautious-access.js';
import type { Workplace } from '../servers/workplace.js';
import type { Dialer } from '../ssh/dialer.js';
import type { Maintenances } from '../state/maintenances.js';
import { afterVisit } from './core/after-visit.js';
import { type Change, changesOf } from './core/changes.js';
import { dueChecks, isLate, visitInMs } from './core/due.js';
import { type Moment, wasBad } from './core/event.js';
import { hungAfter, restingMounts } from './core/hung-mounts.js';
import { afterWay, jumpHostCheck, type WayLook } from './core/jump-hosts.js';
import { onlyWatched } from './core/no-longer-watched.js';
import { isSameThing } from './core/observe.js';
import { passedMs } from './core/stamp.js';
import { suppressionOf } from './core/suppression.js';
import { endWhatIsWell } from './maintenance/end-what-is-well.js';
import type { OnNotice } from './notice.js';
import { OwnNetwork } from './own-network.js';
import { loginsStamp, mayGreet, refusedFaces, stillRefused } from './refused-logins.js';
import { visit } from './visit.js';

export type WatchTools = Pick<Workplace, 'access' | 'runs' | 'captures' | 'heartbeat'> & {
  stamp(): Promise<Stamp>;
  maintenances: Maintenances;
  /** The configuration: when it changes, refused logins are tried again. */
  configPath: string;
};

/** Is told of what has changed, after each visit. */
export type OnChanges = (changes: readonly Change[]) => void;

/** What else goes on at a server: the run that collects from it, and what maintenance there is; and the way of the round. */
type Around = { run: string | undefined; maintenances: readonly Maintenance[]; dialer: Dialer };

/** By what nobody is told of something now. */
type SuppressedBy = (thing: { check: string; instance?: string }) => string | undefined;

const unseen: ServerSeen = { seen: [], refused: {}, hung: {} };

/** Looks at servers when their time has come, and knows what was seen. */
export class Watcher {
  readonly sighting: Sighting;
  readonly ownNetwork: OwnNetwork;
  private readonly watched: readonly Watched[];
  private readonly policy: WatchPolicy;
  private readonly tools: WatchTools;
  private readonly onChanges: OnChanges;
  private readonly atWork = new Set<string>();
  /** Those that this watch, and no earlier one, has visited. */
  private readonly visited = new Set<string>();
  private readonly owedEnds: (() => Promise<void>)[] = [];
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(
    watched: readonly Watched[],
    policy: WatchPolicy,
    sighting: Sighting,
    tools: WatchTools,
    told: OnChanges,
    notice: OnNotice = () => undefined,
  ) {
    this.watched = watched;
    this.policy = policy;
    this.tools = tools;
    this.onChanges = told;
    this.sighting = onlyWatched(sighting, watched);
    this.ownNetwork = new OwnNetwork(policy, this.sighting, tools.heartbeat, notice);
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
    const dialer = this.tools.access.newDialer(); // a jump host that failed is tried again in each round
    const around = (name: string) => ({ run: runs.get(name), maintenances: known, dialer });
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
        await this.endMaintenance(() =>
          endWhatIsWell(appliance, before.seen, after, around.maintenances, this.tools.maintenances),
        );
      });
    } finally {
      this.atWork.delete(appliance.name);
    }
  }

  /** What could not be written is tried again after the next visit. */
  private async endMaintenance(end: () => Promise<void>): Promise<void> {
    const owed = [...this.owedEnds.splice(0), end];
    for (const each of owed)
      await each().catch((error: unknown) => {
        if (!(error instanceof UserError && error.code === 'local-write')) throw error;
        this.owedEnds.push(each);
      });
  }

  private async visitOne(
    watched: Watched,
    before: ServerSeen,
    { run, maintenances, dialer }: Around,
    signal: AbortSignal,
  ): Promise<ServerSeen> {
    const { appliance, checks } = watched;
    const { configPath, stamp } = this.tools;
    const access = { ...this.tools.access, dialer };
    const began = await stamp();
    const late = this.visited.has(appliance.name) && isLate(before, this.everyMs(checks), began);
    this.visited.add(appliance.name);
    const due = dueChecks(before, checks, this.policy.retryMs, began);
    const under = await loginsStamp(appliance, configPath, access);
    const refused = stillRefused(before.refused, under, began);
    const faces = refusedFaces(appliance, refused);
    const greetRefused = faces.size > 0 && mayGreet(before.greetedAt, due, began);
    const cautious = cautiousAccess(access, refused, under, (key, reason) => {
      refused[key] = { reason, under, at: began };
      access.forgetSecrets(key); // a command may give another one when it is tried again
    });
    const request = {
      ...{ checks: due, onlyGreet: await this.whyOnlyGreet(appliance.name, run), refused: faces, greetRefused },
      wasBad: wasBadAt(before.seen),
      restingMounts: restingMounts(before.hung, began),
    };
    const { looks, hungMounts, ways = [] } = await visit(appliance, request, cautious, signal);
    const ended = await stamp();
    const at = new Date(ended.wallMs);
    const suppressed: SuppressedBy = (thing) => suppressionOf(watched, thing, maintenances, at);
    const after = {
      visitedAt: ended,
      seen: afterVisit(before.seen, { looks, due, checks, suppressed }, this.policy.blind.forMs, { began, ended }),
      refused,
      hung: hungAfter(before.hung, hungMounts, looks, ended),
      ...defined({ greetedAt: greetRefused ? began : before.greetedAt }),
      ...(late ? { late } : {}),
    };
    const judged = await this.ownNetwork.judged(watched, before, after, signal);
    this.tellOfWays(ways, watched, { began, ended }, suppressed);
    return judged;
  }

  /** How often a server is visited: as often as what is looked at most often there. */
  private everyMs(checks: Watched['checks']): number {
    return Math.max(this.policy.everyMs, Math.min(...checks.map(({ everyMs }) => everyMs)));
  }

  private tellOfWays(ways: readonly WayLook[], watched: Watched, moment: Moment, suppressed: SuppressedBy): void {
    if (this.ownNetwork.isBlind) return;
    const check = jumpHostCheck(watched, this.policy.everyMs);
    this.onChanges(afterWay(this.sighting, ways, check, moment, suppressed({ check: check.name })));
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
