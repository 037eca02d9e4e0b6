import type { openStaging } from '../bundle/staging.js';
import type { extractBundle, listBundle, readBundleManifest } from '../bundle/unzip.js';
import type { hashFile, writeZip } from '../bundle/zip.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';
import type { Report } from '../domain/progress.js';
import type { Drop } from '../drops/drop.js';
import type { openFtpDrop } from '../drops/ftp-drop.js';
import type { readPart } from '../drops/read-part.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';
import type { openCliSession } from '../ssh/cli/cli-session.js';
import type { Connection } from '../ssh/connection.js';
import type { Dialer } from '../ssh/dialer.js';
import type { exec } from '../ssh/exec.js';
import type { execOutput } from '../ssh/exec-output.js';
import type { openFiles } from '../ssh/files/open-files.js';
import type { steadyFiles } from '../ssh/files/steady-files.js';
import type { probeOf } from '../ssh/probe.js';
import type { openSessions } from '../ssh/sessions.js';
import type { FileRoots } from '../state/file-roots.js';
import type { KnownHosts } from '../state/known-hosts.js';
import type { takeLock } from '../state/lock.js';
import type { parseManifest, RunStore } from '../state/runs.js';
import type { Prompter } from '../ui/prompter.js';

/** What flows need of the world around them; `context.ts` makes it, lazily. */
export type Edges = {
  report: Report;
  /** Asks a person; undefined where nobody is there (`--batch`, no terminal). */
  ask: Prompter | undefined;
  now(): Date;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The operator's zone. */
  zone: string;
  /** Why that is only assumed. */
  zoneDoubt?: string;
  tool: { name: string; version: string; node: string };
  argv: string[];
  ssh: {
    dialer: Dialer;
    probeOf: typeof probeOf;
    openSessions: typeof openSessions;
    exec: typeof exec;
    execOutput: typeof execOutput;
    openCliSession: typeof openCliSession;
    openFiles: typeof openFiles;
    steadyFiles: typeof steadyFiles;
  };
  /** Resolves what a place is logged in to with, once. */
  loginSecrets(endpoint: Endpoint): Promise<LoginSecrets>;
  /** In place of one that was refused. */
  setTypedPassword(endpoint: Endpoint, password: string): void;
  knownHosts: KnownHosts;
  /** The pin of the configuration, else those of `known_hosts`. */
  pinsOf(endpoint: Endpoint): Promise<HostKeyPin[]>;
  /** What `icepack doctor` found out about servers. */
  fileRoots: FileRoots;
  runs: RunStore;
  takeLock: typeof takeLock;
  /** What icepack runs on. */
  machine(): Promise<MachineFacts>;
  bundle: {
    openStaging: typeof openStaging;
    writeZip: typeof writeZip;
    hashFile: typeof hashFile;
    listBundle: typeof listBundle;
    readBundleManifest: typeof readBundleManifest;
    extractBundle: typeof extractBundle;
    parseManifest: typeof parseManifest;
    writeText(path: string, text: string): Promise<void>;
    copyTo(path: string, folder: string, make: boolean): Promise<string>;
  };
  upload: {
    openFtpDrop: typeof openFtpDrop;
    openSftpDrop(connection: Connection, folder: string, signal: AbortSignal): Promise<Drop>;
    readPart: typeof readPart;
  };
  /** @throws UserError `no-local-file` */
  localFile(path: string): Promise<{ chunks: AsyncIterable<Buffer>; modifiedAt: Date }>;
  template(name: 'ticket-description.txt' | 'virtual-machine.txt'): string;
};

export type MachineFacts = {
  node: string;
  state: { path: string; problem?: string; hint?: string; freeBytes?: number; doubt?: string };
  /** Variables that change how icepack talks to others; `fatal`: nothing secret is sent while it is set. */
  environment: { text: string; hint?: string; fatal?: boolean }[];
};

/** The help desk and what tickets on it are made of; part of the configuration. */
export type DeskSetup = {
  desk: HelpDesk | undefined;
  organization: string | undefined;
  contact: { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  product: string | undefined;
  version: string | undefined;
  license: string | undefined;
  attachmentLimit: number;
};
