import type { openStaging } from '../bundle/staging.js';
import type { extractBundle, listBundle, readBundleManifest } from '../bundle/unzip.js';
import type { hashFile, writeZip } from '../bundle/zip.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';
import type { Report } from '../domain/progress.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';
import type { openCliSession } from '../ssh/cli-session.js';
import type { askHostKey, connect, probeOf } from '../ssh/connect.js';
import type { exec } from '../ssh/exec.js';
import type { openSftpFiles } from '../ssh/sftp-files.js';
import type { KnownHosts } from '../state/known-hosts.js';
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
  tool: { name: string; version: string; node: string };
  argv: string[];
  ssh: {
    connect: typeof connect;
    askHostKey: typeof askHostKey;
    probeOf: typeof probeOf;
    exec: typeof exec;
    openCliSession: typeof openCliSession;
    openFiles: typeof openSftpFiles;
  };
  loginSecrets(appliance: Appliance, face: FaceId): Promise<LoginSecrets>;
  knownHosts: KnownHosts;
  /** The pin of the configuration, else those of `known_hosts`. */
  pinsOf(appliance: Appliance, face: FaceId): Promise<HostKeyPin[]>;
  runs: RunStore;
  bundle: {
    openStaging: typeof openStaging;
    writeZip: typeof writeZip;
    hashFile: typeof hashFile;
    listBundle: typeof listBundle;
    readBundleManifest: typeof readBundleManifest;
    extractBundle: typeof extractBundle;
    parseManifest: typeof parseManifest;
    writeText(path: string, text: string): Promise<void>;
    copyTo(path: string, folder: string): Promise<string>;
  };
  template(name: 'ticket-description.txt' | 'virtual-machine.txt'): string;
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
