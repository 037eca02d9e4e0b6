import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Manifest } from '../../src/domain/manifest.ts';
import { exitCode } from '../../src/errors.ts';
import { binary, temporaryFolder } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';
import { writeBackup, writeScriptByHand } from './by-hand.ts';
import { type Measured, measure, median, reportFigure, reportRatio } from './measure.ts';

const rounds = 3;
const peakGoalMb = 300;

it('collect of eight servers against ssh, scp and zip', async () => {
  const folder = await temporaryFolder();
  const servers = await startEight(folder);
  const config = join(folder, 'icepack.yaml');
  const appliances = servers.map((server, index) => [server.name, applianceConfig(server, index + 1)]);
  writeFileSync(config, stringify({ appliances: Object.fromEntries(appliances) }));
  const oneByOne = writeScriptByHand(join(folder, 'serial'), servers, 'one after the other');
  const allAtOnce = writeScriptByHand(join(folder, 'parallel'), servers, 'all at once');
  const ours: Measured[] = [];
  const serial: Measured[] = [];
  const parallel: Measured[] = [];

  for (let round = 0; round < rounds; round++) {
    ours.push(await collectAll(folder, config, ['--at', '-45m']));
    parallel.push(await measure('bash', [allAtOnce]));
    serial.push(await measure('bash', [oneByOne]));
    rmSync(join(folder, '.local'), { recursive: true });
  }

  const seconds = median(ours.map((each) => each.seconds));
  const secondsOf = (peer: Measured[]) => median(peer.map((each) => each.seconds));
  reportRatio('collect of 8 servers to ssh, scp, zip one after the other', seconds, secondsOf(serial), 0.3);
  reportRatio('collect of 8 servers to ssh, scp, zip all at once', seconds, secondsOf(parallel), 1);
  reportFigure('peak memory of collect of 8 servers', peakOf(ours), peakGoalMb, 'MB');
});

/** Eight servers with the work of `collect.bench.ts` each; they share the bytes of their logs. */
async function startEight(folder: string): Promise<RealAppliance[]> {
  const techsupportFile = join(folder, 'tsf');
  const backupFile = join(folder, 'backup');
  writeFileSync(techsupportFile, randomBytes(12_000_000));
  writeBackup(backupFile, 1_000_000);
  const optionsOf = (name: string) => ({
    techsupportSeconds: 3,
    techsupportFile,
    backupFile,
    backupScript: `backup-${name}.sh`,
  });
  const first = await startRealAppliance(folder, 'ice01', { ...optionsOf('ice01'), logBytes: 20_000_000 });
  const servers = [first];
  for (let number = 2; number <= 8; number++) {
    const name = `ice0${number}`;
    const server = await startRealAppliance(folder, name, { ...optionsOf(name), logBytes: 0 });
    shareLogs(first, server);
    servers.push(server);
  }
  return servers;
}

function shareLogs(from: RealAppliance, to: RealAppliance): void {
  for (const name of readdirSync(join(from.files, 'logs'))) {
    rmSync(join(to.files, 'logs', name), { force: true });
    linkSync(join(from.files, 'logs', name), join(to.files, 'logs', name));
  }
}

const mockServers = 100;
const jobs = 16;
const techsupportSeconds = 10;
/** Of the time a perfect scheduler needs, see `idealSeconds`. */
const wallTimeGoal = 1.25;

it('collect of 100 servers whose techsupport takes 10 s', async () => {
  const folder = await temporaryFolder();
  const config = await startMockServers(join(folder, 'mock'));

  const ours = await collectAll(folder, config, ['--at', '-45m', '--jobs', String(jobs)]);

  const ideal = idealSeconds(Array(mockServers).fill(techsupportSeconds));
  reportRatio(`collect of ${mockServers} servers, ${jobs} at a time, to the ideal`, ours.seconds, ideal, wallTimeGoal);
  reportFigure(`peak memory of collect of ${mockServers} servers`, ours.peakMb, peakGoalMb, 'MB');
});

/** By place in the list: some in each part of the run. */
const silentAt = [10, 50, 90];
const closedAt = [30, 70];
const connectTimeoutSeconds = 10;

it('five dead ones among 100 servers cost their connect time-out and nothing else', async () => {
  const folder = await temporaryFolder();
  const config = await startMockServers(join(folder, 'mock'));
  const names = await killSome(config);
  const costs = Array.from({ length: mockServers }, (_, index) => {
    if (closedAt.includes(index)) return 0;
    return silentAt.includes(index) ? connectTimeoutSeconds : techsupportSeconds;
  });

  const options = ['--at', '-45m', '--jobs', String(jobs)];
  const ours = await collectAll(folder, config, options, [exitCode.incomplete]);

  reportRatio(
    `collect of ${mockServers} servers with ${silentAt.length} silent and ${closedAt.length} closed ones to the ideal`,
    ours.seconds,
    idealSeconds(costs),
    wallTimeGoal,
  );
  reportFigure('peak memory of it', ours.peakMb, peakGoalMb, 'MB');
  const manifest = onlyManifest(folder);
  const spent = (dead: string[]) => Math.max(...dead.map((name) => secondsAt(manifest, name)));
  reportRatio('time spent at a silent server to its time-out', spent(names.silent), connectTimeoutSeconds, 1.1);
  reportRatio('time spent at a server with closed ports to a second', spent(names.closed), 1, 1);
  const whole = manifest.servers.filter(({ faces }) => faces.cli.status === 'up' && faces.hostOs.status === 'up');
  expect(whole).toHaveLength(mockServers - silentAt.length - closedAt.length);
});

/** Runs in a process of its own: it must not share a core with what is measured. @returns the path of a configuration */
async function startMockServers(folder: string): Promise<string> {
  const args = ['--appliances', String(mockServers), '--techsupport-duration', `${techsupportSeconds}s`];
  const child = spawn(process.execPath, [binary, 'mock', ...args, '--dir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return (JSON.parse(line) as { config: string }).config;
  }
  throw new Error('the mock servers did not start');
}

/** Lets some servers of a configuration stand at ports where nobody listens, or somebody who never says a word. */
async function killSome(config: string): Promise<{ silent: string[]; closed: string[] }> {
  const document = parse(readFileSync(config, 'utf8'));
  const names = Object.keys(document.appliances);
  const pick = (places: number[]) => names.filter((_, index) => places.includes(index));
  const dead = { silent: pick(silentAt), closed: pick(closedAt) };
  for (const name of dead.silent) {
    for (const face of ['cli', 'hostOs']) document.appliances[name][face].port = await silentPort();
  }
  let port = 1; // nobody listens at the lowest ports
  for (const name of dead.closed) {
    for (const face of ['cli', 'hostOs']) document.appliances[name][face].port = port++;
  }
  writeFileSync(config, stringify(document, { aliasDuplicateObjects: false }));
  return dead;
}

function silentPort(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // whoever gives up on it may do so rudely
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

/** What a perfect scheduler needs: servers in their order, as many at a time as there are jobs, no work but waiting. */
function idealSeconds(costs: readonly number[]): number {
  const slots = Array<number>(jobs).fill(0);
  for (const cost of costs) {
    const first = slots.indexOf(Math.min(...slots));
    slots[first] = (slots[first] ?? 0) + cost;
  }
  return Math.max(...slots);
}

function collectAll(
  home: string,
  config: string,
  options: string[],
  expectedCodes: number[] = [exitCode.ok],
): Promise<Measured> {
  const args = ['collect', '--all', '--no-submit', '--batch', ...options, '--config', config];
  return measure(process.execPath, [binary, ...args], { HOME: home }, expectedCodes);
}

function onlyManifest(home: string): Manifest {
  const runs = join(home, '.local', 'state', 'icepack', 'runs');
  const [run = ''] = readdirSync(runs);
  return JSON.parse(readFileSync(join(runs, run, 'manifest.json'), 'utf8'));
}

/** From the first beginning to the last end of what was tried at one server. */
function secondsAt({ servers }: Manifest, name: string): number {
  const items = servers.find((server) => server.name === name)?.items ?? [];
  const times = (of: 'started' | 'ended') => items.map((item) => Date.parse(item[of] ?? ''));
  return (Math.max(...times('ended')) - Math.min(...times('started'))) / 1000;
}

function peakOf(runs: readonly Measured[]): number {
  return Math.max(...runs.map((each) => each.peakMb));
}
