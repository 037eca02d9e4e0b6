import { randomBytes } from 'node:crypto';
import { type CliFace, serveCliFace } from './cli-face.js';
import { bufferFile, type MockTree } from './files.js';
import { serveHostOsFace, storage } from './host-os-face.js';
import { writeLogs } from './log-history.js';
import { startSshServer } from './ssh-server.js';

export type MockApplianceOptions = {
  name: string;
  ports: { cli: number; hostOs: number };
  users: { cli: string; hostOs: string };
  passwords: { cli: string; hostOs: string };
  /** How far the appliance's clock is ahead. */
  clockOffsetMs: number;
  zone: string;
  logHistoryMs: number;
  logBytes: number;
  techsupport: { durationMs: number; bytes: number };
  backupBytes: number;
  /** What went wrong, so long before the mock begins, and on which server. */
  incident?: { agoMs: number; server: string };
  /** CLI commands with unusual answers, for tests. */
  replies?: CliFace['replies'];
  /** The same of the host OS, by their beginnings. */
  hostReplies?: Record<string, string>;
  /** What is wrong with the server of this name. */
  failure?: { server: string } & Failure;
};

/** What is wrong with a server: it takes no connections, its CLI gives no prompt, its data volume is so full. */
export type Failure = { silent?: boolean; deadCli?: boolean; fullPercent?: number };

export type MockAppliance = {
  name: string;
  address: string;
  cli: { port: number; hostKey: string };
  hostOs: { port: number; hostKey: string };
  /** Attempts to log in, by method. */
  logins: { cli: string[]; hostOs: string[] };
  /** How far the appliance's clock is ahead; tests may set it. */
  clock: { offsetMs: number };
  /** The files on the appliance now, for tests that look for left-overs. */
  trees: { cli: MockTree; hostOs: MockTree };
  /** From now on this is wrong with it, and nothing else. */
  fail(failure: Failure): Promise<void>;
  close(): Promise<void>;
};

const home = '/home/administrator';
const blockBytes = 1 << 20;

/** Starts an InCenter server on loopback: both faces with real SSH, logs of the last hours, techsupport and backup. */
export async function startMockAppliance(options: MockApplianceOptions): Promise<MockAppliance> {
  const clock = { offsetMs: options.clockOffsetMs };
  const now = () => new Date(Date.now() + clock.offsetMs);
  const { zone, users, passwords, ports } = options;
  const trees = treesOf(options, now);
  const block = randomBytes(blockBytes);
  let failing: Failure = {};
  const motd = `Welcome to the mock InCenter ${options.name}`;
  const cliFace: CliFace = {
    user: users.cli,
    tree: trees.cli,
    now,
    zone,
    techsupport: { ...options.techsupport, block },
    replies: options.replies ?? {},
    motd,
    isDead: () => failing.deadCli === true,
  };
  const hostFace = {
    home,
    tree: trees.hostOs,
    now,
    zone,
    replies: options.hostReplies ?? {},
    backup: { bytes: options.backupBytes, block, durationMs: 50 },
    techsupport: { ...options.techsupport, block },
    fullPercent: () => failing.fullPercent,
  };

  const cli = await startSshServer({
    port: ports.cli,
    user: users.cli,
    password: passwords.cli,
    onSession: (session) => serveCliFace(session, cliFace),
  });
  const hostOs = await startSshServer({
    port: ports.hostOs,
    user: users.hostOs,
    password: passwords.hostOs,
    onSession: (session) => serveHostOsFace(session, hostFace),
  });
  const fail = async (failure: Failure) => {
    failing = failure;
    await Promise.all([cli, hostOs].map((server) => server.silence(failure.silent === true)));
  };
  if (options.failure?.server === options.name) await fail(options.failure);
  return {
    name: options.name,
    address: '127.0.0.1',
    cli: { port: cli.port, hostKey: cli.hostKey },
    hostOs: { port: hostOs.port, hostKey: hostOs.hostKey },
    logins: { cli: cli.logins, hostOs: hostOs.logins },
    clock,
    trees,
    fail,
    close: async () => {
      await Promise.all([cli.close(), hostOs.close()]);
    },
  };
}

/** Logs of the last hours on both faces, and the scripts of the host OS. */
function treesOf(
  { name, zone, logHistoryMs: historyMs, logBytes: bytesEach, incident }: MockApplianceOptions,
  now: () => Date,
): MockAppliance['trees'] {
  const cli: MockTree = { files: new Map(), folders: new Set() };
  const endMs = now().getTime();
  const happened = incident && { atMs: endMs - incident.agoMs, isHere: incident.server === name };
  writeLogs(cli, { endMs, historyMs, zone, bytesEach, incident: happened });
  const hostOs: MockTree = { files: new Map(), folders: new Set([home]) };
  for (const script of ['backup.sh', 'staticIP.sh', 'techsupport.sh']) {
    hostOs.files.set(`${home}/scripts/${script}`, bufferFile(Buffer.from('#!/bin/sh\n'), now().getTime()));
  }
  for (const [path, file] of cli.files) hostOs.files.set(`${storage}/${path}`, file);
  return { cli, hostOs };
}
