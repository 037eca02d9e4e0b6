import type { Staging } from '../bundle/staging.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import type { CollectorId } from '../domain/collector-id.js';
import type { Coverage, ItemStatus } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import type { CliSession } from '../ssh/cli/cli.js';
import type { ExecResult } from '../ssh/exec.js';
import type { OutputEnd, OutputOptions } from '../ssh/exec-output.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';

/** One kind of evidence: what it is and how to get it. `servers/job/run-collector.ts` owns limits and records. */
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

/** The time window on one server. */
export type ServerWindow = {
  /** The window by the appliance's clock. */
  window: Window;
  /** When the event happened. */
  eventAt: Date;
  zone: string;
  /** Whether that is the appliance's own, and not only likely. */
  isZoneKnown: boolean;
  /** Whether the appliance's clock was compared with ours. */
  isClockKnown: boolean;
  /** The time that the appliance's clock shows now. */
  now(): Date;
};

/** A file that is about to appear on a server because of us. */
export type Trace = {
  face: FaceId;
  folder: string;
  /** The file's name; without it, whatever is new compared with `before`. */
  name?: string;
  before?: string[];
};

/** What a collector works with. Whatever needs a face throws the reason when that face is down. */
export type CollectorTools = {
  server: ServerTools;
  cli: CliTools;
  hostOs: HostOsTools;
  evidence: EvidenceTools;
  local: LocalTools;
  signal: AbortSignal;
  /** Waits; ends early when the signal is aborted. */
  pause(ms: number): Promise<void>;
  /** Warns the operator; the server's name is added. */
  warn(text: string): void;
};

/** The server as a whole: what is known of it, and what this run does to it. */
export type ServerTools = {
  appliance: Appliance;
  runId: string;
  /** Whether to leave on the server what this run made there. */
  keepRemote: boolean;
  /** The window by our clock. */
  ourWindow: Window;
  /** The window by the server's own clock. */
  window(): Promise<ServerWindow>;
  /** Whether the server, or what answers there, was away for a while in this run because it was restarted. */
  wasAway(): boolean;
  /**
   * Signals that the server has finished making this collector's file: collectors that waited for that may start while
   * the file is fetched.
   */
  release(): void;
  /** Notes a file before it is made on the server, so that a later run can remove it if this one cannot. */
  noteRemoteFile(trace: Trace): Promise<void>;
  /** Strikes out a noted file, because it is gone again or is meant to stay. */
  forgetRemoteFile(trace: Trace): Promise<void>;
};

/** The InCenter CLI, port 22. */
export type CliTools = {
  /** The commands to type there. */
  commands: readonly string[];
  /** Opens a dialogue of its own; the caller closes it. */
  open(): Promise<CliSession>;
  /** Limits one command within the collector's own time. @throws UserError `timed-out` */
  withLimit<T>(work: (limited: AbortSignal) => Promise<T>): Promise<T>;
  /** The private file root behind the CLI. */
  files(): Promise<RemoteFiles>;
  /** The folder of that root that holds `logs/` and `techsupport/`: `.` or a path. */
  filesRoot(): Promise<string>;
};

/** The host OS, port 2222. */
export type HostOsTools = {
  /** Runs a command. `signal` replaces the collector's own signal, when the work is already over. */
  exec(command: string, options?: { limitMs?: number; signal?: AbortSignal }): Promise<ExecResult>;
  /**
   * Runs a command that prints much, like `exec`: its output is handed on as it comes, up to the configured limit, within
   * the time of one command. @throws UserError `timed-out`
   */
  output(command: string, take: OutputOptions['take']): Promise<OutputEnd>;
  /** What the host OS printed about itself when it was asked for its time (`factsCommand`). */
  facts(): Promise<string>;
  files(): Promise<RemoteFiles>;
  /** Where the files of port 22 lie on the host OS. @throws UserError `no-files-root` */
  filesRoot(): Promise<string>;
};

/** Where collected evidence is stored. */
export type EvidenceTools = {
  keep: Staging['store'];
  record(finding: Finding): void;
  /** Notes a version seen on the server, e.g. `host OS`. */
  version(component: string, value: string): void;
  /** Notes the zone that the server's own logs are in. */
  zone(name: string): void;
};

/** What this machine provides. */
export type LocalTools = {
  /** @throws UserError `no-local-file` */
  openFile(path: string): Promise<{ chunks: AsyncIterable<Buffer>; modifiedAt: Date }>;
  render(template: 'virtual-machine.txt', values: Record<string, string>): string;
};
