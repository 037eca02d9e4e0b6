import { openStaging, type Staging } from '../../bundle/staging.js';
import type { ServerWindow } from '../../collectors/collector.js';
import { factsCommand } from '../../collectors/vm.js';
import type { Appliance } from '../../domain/appliance.js';
import { type FacesDown, facesDown } from '../../domain/assessment.js';
import type { Selection } from '../../domain/selection.js';
import { onClockOf, type Window, windowAround } from '../../domain/window.js';
import type { FileRoots } from '../../state/file-roots.js';
import type { Operator } from '../../ui/operator.js';
import { askHostOs, type HostAnswer, type ServerClock } from '../clock.js';
import { openServerFaces, type ServerFaces } from '../server-faces.js';
import type { Workplace } from '../workplace.js';
import type { Leftover, Traces } from './leftovers.js';
import { knownSecrets } from './redact.js';
import { tellClock } from './server-clock.js';
import { isOwnZone, type KnownZone, likelyZone, ownZoneOf } from './server-zone.js';

/** What is wanted of a server. */
export type JobRequest = {
  /** When it happened. */
  at: Date;
  selection: Selection;
  /** Leave on the server what is made there. */
  keepRemote: boolean;
  /** Mask the secrets in texts. */
  redact: boolean;
};

/**
 * What a job needs to know of runs: where its files go, what earlier ones left on the server, its zone then, and the work at
 * the other servers of this run that has begun.
 */
export type JobRecords = {
  stagingFolder: string;
  traces: Traces;
  leftovers: readonly Leftover[];
  lastZone: string | undefined;
  others: () => readonly ServerJob[];
};

/** The work at one server: what is wanted of it, and what it is done with. It begins when it is made. */
export class ServerJob {
  readonly appliance: Appliance;
  readonly request: JobRequest;
  readonly runId: string;
  readonly records: JobRecords;
  readonly operator: Operator;
  readonly fileRoots: FileRoots;
  readonly signal: AbortSignal;
  /** The log window by our clock. */
  readonly window: Window;
  readonly faces: ServerFaces;
  /** Its failure is the failure of whoever keeps something. */
  readonly staging: Promise<Staging>;
  /** Secrets to be masked in texts; undefined where nothing is masked. */
  readonly secrets: Promise<string[]> | undefined;
  /** Versions seen on the server; collectors add to it. */
  readonly versions: Record<string, string> = {};
  readonly clock: Promise<ServerClock | undefined>;
  /** Undefined where nobody knows it. */
  readonly ownZone: Promise<KnownZone | undefined>;
  /** The zone by which evidence is taken. */
  readonly zone: Promise<KnownZone>;
  /** What the logs show of the zone. */
  readonly zonesOfLogs = new Set<string>();
  private readonly answer: Promise<HostAnswer>;
  private readonly free = new AbortController();

  constructor(
    appliance: Appliance,
    { request, run, records }: { request: JobRequest; run: { id: string }; records: JobRecords },
    { operator, access, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'fileRoots'>,
    signal: AbortSignal,
  ) {
    this.appliance = appliance;
    this.request = request;
    this.runId = run.id;
    this.records = records;
    this.operator = operator;
    this.fileRoots = fileRoots;
    this.signal = signal;
    this.window = windowAround(request.at, request.selection.window);
    this.faces = openServerFaces(appliance, operator, access, signal);
    const facts = request.selection.skipped.has('vm') ? undefined : factsCommand;
    this.answer = this.faces.sessions('hostOs').then((sessions) => askHostOs(sessions, operator, signal, facts));
    this.clock = tellClock(appliance, this.faces, this.answer, operator, signal);
    this.ownZone = this.clock.then((clock) => ownZoneOf(appliance, clock, records.lastZone));
    this.zone = this.findZone();
    this.staging = openStaging(records.stagingFolder);
    this.staging.catch(() => undefined); // whoever keeps something gets the error
    this.secrets = request.redact ? knownSecrets(appliance, access) : undefined;
  }

  async serverWindow(): Promise<ServerWindow> {
    const [clock, zone] = await Promise.all([this.clock, this.zone]);
    const offsetMs = clock?.offsetMs ?? 0;
    return {
      window: onClockOf(this.window, clock),
      eventAt: new Date(this.request.at.getTime() + offsetMs),
      zone: zone.name,
      isZoneKnown: isOwnZone(zone),
      isClockKnown: clock !== undefined,
      now: () => new Date(this.operator.now().getTime() + offsetMs),
    };
  }

  private async findZone(): Promise<KnownZone> {
    const own = await this.ownZone;
    if (own !== undefined) return own;
    return likelyZone(await Promise.all(this.records.others().map(({ ownZone }) => ownZone)), this.operator);
  }

  /** What the host OS printed of itself when it was asked for its time. */
  async hostFacts(): Promise<string> {
    return (await this.answer).more;
  }

  /** What waited for the server may begin. */
  serverIsFree(): void {
    this.free.abort();
  }

  /** Waits until the server is free, or for so long. */
  untilFree(ms: number): Promise<void> {
    return this.operator.sleep(ms, AbortSignal.any([this.signal, this.free.signal]));
  }
}

/** The faces that let nobody in so far, with the reasons. */
export function facesDownAt({ faces }: Pick<ServerJob, 'faces'>): FacesDown {
  return facesDown({ faces: { cli: faces.record('cli'), hostOs: faces.record('hostOs') } });
}
