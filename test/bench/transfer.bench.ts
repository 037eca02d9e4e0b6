import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { programPath } from '../support/requirements.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';
import { makeLogin, startSshd } from '../support/sshd.ts';
import { type Costs, costsOf, type OwnCosts, reportedCosts, reportShare, reportSpeed } from './costs.ts';
import { median, reportFigure } from './measure.ts';
import { timeByOwner } from './profile.ts';

const rounds = 5;
const bytes = 512 * 1024 * 1024;
const cipher = 'aes128-gcm@openssh.com';
const download = join(projectRoot, 'test', 'bench', 'download.mjs');
const bareSsh2 = join(projectRoot, 'test', 'bench', 'bare-ssh2.mjs');

/** Ours, what it is measured against in the same round, and what ssh2 can do at best without us. */
const pairs = {
  SFTP: { ours: 'sftp', peer: [], bare: 'fastGet' },
  'SFTP as collectors use it': { ours: 'steady sftp', peer: [], bare: 'fastGet' },
  SCP: { ours: 'scp', peer: ['-O'], bare: 'cat' },
  'SCP as collectors use it': { ours: 'steady scp', peer: ['-O'], bare: 'cat' },
} as const;

describe('download of 512 MB from OpenSSH against its own scp, with the same cipher', () => {
  it('on loopback', () => compare('loopback', { latencyMs: 0, goal: 1 }));

  it('over a round trip of 20 ms', () => compare('20 ms away', { latencyMs: 10, goal: 0.95 }));
});

/** Both write what comes to the same file, in memory where the machine has such a place. */
async function compare(where: string, { latencyMs, goal }: { latencyMs: number; goal: number }): Promise<void> {
  const folder = inMemory() ?? (await temporaryFolder());
  const from = join(folder, 'remote');
  const to = join(folder, 'local');
  writeRandom(from);
  const keys = await temporaryFolder();
  const login = makeLogin(keys);
  const server = await startSshd(keys, 'sshd', login.authorizedKeys, [`Ciphers ${cipher}`]);
  const delay = { latencyMs };
  // Whoever is measured runs in a process of its own; this one only carries their bytes.
  const port = latencyMs === 0 ? server.port : (await startChaosProxy(server.port, { up: delay, down: delay })).port;
  const target = { port, user: login.user, privateKey: login.privateKey, hostKey: server.hostKey };
  const options = `-F none -q -c ${cipher} -i ${login.privateKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
  const theirs = (more: readonly string[]) =>
    costsOf(programPath('scp'), [
      ...options.split(' '),
      '-P',
      `${port}`,
      ...more,
      `${login.user}@127.0.0.1:${from}`,
      to,
    ]);
  const ours = (way: string) => reportedCosts(download, { ...target, way, from, to, bytes });
  const bare = (way: string) => reportedCosts(bareSsh2, { ...target, way, from, to, bytes });

  const measured = Object.entries(pairs).map(([what, pair]) => ({
    ...pair,
    what,
    oursTook: [] as OwnCosts[],
    peerTook: [] as Costs[],
    bareTook: [] as OwnCosts[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const each of measured) {
      each.peerTook.push(await theirs(each.peer));
      each.oursTook.push(await ours(each.ours));
      each.bareTook.push(await bare(each.bare));
    }
  }

  for (const { what, peer, bare: way, oursTook, peerTook, bareTook } of measured) {
    const middle = (costs: Costs[], which: keyof Costs) => median(costs.map((each) => each[which]));
    const title = `${what}, ${where}, to ${['scp', ...peer].join(' ')}`;
    reportSpeed(title, middle(oursTook, 'seconds'), middle(peerTook, 'seconds'), goal);
    reportShare(`  beside ssh2 alone (${way})`, middle(oursTook, 'seconds'), middle(bareTook, 'seconds'));
    process.stdout.write(
      `  CPU time of the client: ${middle(oursTook, 'cpuSeconds').toFixed(2)} s to ${middle(peerTook, 'cpuSeconds').toFixed(2)} s, ssh2 alone ${middle(bareTook, 'cpuSeconds').toFixed(2)} s\n`,
    );
    reportFigure('  peak memory', Math.max(...oursTook.map((each) => each.peakMb)), 200, 'MB');
  }
  for (const { what, ours: way } of measured) {
    const shares = await timeByOwner(download, { ...target, way, from, to, bytes });
    process.stdout.write(`${what}, ${where}, main thread: ${shares}\n`);
  }
}

/** A folder in memory for files of this size: a disk would be what is measured. */
function inMemory(): string | undefined {
  if (!existsSync('/dev/shm')) return undefined;
  const folder = mkdtempSync('/dev/shm/icepack-bench-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Random by the megabyte: nothing between here and there compresses. */
function writeRandom(path: string): void {
  const file = openSync(path, 'w');
  const block = randomBytes(1024 * 1024);
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
}
