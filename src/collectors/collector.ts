import type { Staging } from '../bundle/staging.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import type { CollectorId } from '../domain/collector-id.js';
import type { Coverage, ItemStatus } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import type { CliSession } from '../ssh/cli/cli.js';
import type { ExecResult } from '../ssh/exec.js';
import type { OutputEnd, OutputOptions } from '../ssh/exec-output.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';

/** One kind of evidence: what it is and how to get it. `collect/run-collector.ts` owns limits and records. */
export interface Collector {
  readonly id: CollectorId;
  /** What every run must account for: a file, or a folder (`Config/`) when the name is not known before. */
  readonly expects: readonly string[];
  /** Records what it gets and throws when it gets no further; whatever was expected and not recorded has failed. */
  collect(tools: CollectorTools): Promise<void>;
}

/** An item as a collector reports it; the engine adds the collector and the times. */
export type Finding = {
  path: string;
  status: ItemStatus;
  reason?: string;
  source?: string;
  command?: string;
  bytes?: number;
  sha256?: string;
  coverage?: Coverage;
};

/** The window of one server. */
export type ServerWindow = {
  /** As the appliance's clock shows it. */
  window: Window;
  /** When the event was. */
  eventAt: Date;
  zone: string;
  /** Its clock was compared with ours. */
  isClockKnown: boolean;
  /** The appliance's clock now. */
  now(): Date;
};

/** What is about to appear on a server because of us. */
export type Trace = {
  face: FaceId;
  folder: string;
  /** Its name; without it, it is what is new against `before`. */
  name?: string;
  before?: string[];
};

/** What a collector works with. Whatever needs a face throws the reason when that face is down. */
export type CollectorTools = {
  appliance: Appliance;
  run: string;
  cliCommands: readonly string[];
  /** Leave on the server what this run made there. */
  keepRemote: boolean;
  signal: AbortSignal;
  /** Opens a dialogue of its own; whoever opens it closes it. */
  openCli(): Promise<CliSession>;
  /** The private file root behind the InCenter CLI. */
  cliFiles(): Promise<RemoteFiles>;
  /** The folder of that root that holds `logs/` and `techsupport/`: `.` or a path. */
  filesRoot(): Promise<string>;
  /** Runs a command on the host OS; `signal` instead of the collector's own, when the work is over already. */
  hostExec(command: string, options?: { limitMs?: number; signal?: AbortSignal }): Promise<ExecResult>;
  /** What the host OS printed of itself when it was asked for its time (`factsCommand`). */
  hostFacts(): Promise<string>;
  /** As `hostExec`, for what prints much: it is handed on as it comes, up to the limit of the configuration. */
  hostOutput(command: string, take: OutputOptions['take'], signal: AbortSignal): Promise<OutputEnd>;
  /** Limits one command of the CLI within the collector's own time. @throws UserError `timed-out` */
  withCommandLimit<T>(work: (limited: AbortSignal) => Promise<T>): Promise<T>;
  hostFiles(): Promise<RemoteFiles>;
  /** Whether the server was gone for a while in this run: it, or what answers there, was restarted. */
  wasAway(): boolean;
  /** Where the files of port 22 lie on the host OS. @throws UserError `no-files-root` */
  hostFilesRoot(): Promise<string>;
  /** What this collector has the server make is made: what waited for that may begin, while files are fetched. */
  serverIsFree(): void;
  /** Waits; ends early when the signal is aborted. */
  pause(ms: number): Promise<void>;
  /** Written down before anything is made on the server, so that a later run takes it away when this one cannot. */
  making(trace: Trace): Promise<void>;
  /** What was made there is gone again, or is meant to stay. */
  gone(trace: Trace): Promise<void>;
  /** The window by our clock. */
  window: Window;
  serverWindow(): Promise<ServerWindow>;
  /** A file of this machine. @throws UserError `no-local-file` */
  localFile(path: string): Promise<{ chunks: AsyncIterable<Buffer>; modifiedAt: Date }>;
  keep: Staging['keep'];
  record(finding: Finding): void;
  /** Notes a version seen on the server, e.g. `host OS`. */
  version(component: string, value: string): void;
  warn(text: string): void;
  render(template: 'virtual-machine.txt', values: Record<string, string>): string;
};
