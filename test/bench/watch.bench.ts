import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Sighting } from '../../src/domain/watch-event.ts';
import { binary, temporaryFolder } from '../support/rig.ts';
import { startRealAppliance } from '../support/sshd.ts';
import { cpuSeconds, reportFigure, reportRatio } from './measure.ts';

/** The options of Node that the unit for systemd gives it. */
const unit = readFileSync(new URL('../../templates/icepack-watch.service', import.meta.url), 'utf8');
const nodeOptions = /"NODE_OPTIONS=(.*)"/.exec(unit)?.[1] ?? '';

const servers = 500;
/** So often each is visited here; the figure is for every two minutes. */
const everySeconds = 30;
const measuredSeconds = 60;
const usualSeconds = 120;

it('watching 500 servers', { timeout: 600_000 }, async () => {
  const folder = await temporaryFolder();
  const config = await startMockServers(join(folder, 'mock'));
  const state = join(folder, 'state');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_STATE_HOME: state, NODE_OPTIONS: nodeOptions };
  const watch = spawn(process.execPath, [binary, '--config', config, 'watch', '--batch'], { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => watch.once('exit', resolve));
  const { pid = 0 } = watch;

  await delay(everySeconds * 1000 * 1.5); // each was visited once
  const before = cpuSeconds(pid);
  await delay(measuredSeconds * 1000);
  const cpu = cpuSeconds(pid) - before;
  const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  watch.kill('SIGTERM');
  await ended;

  const seen = readFileSync(join(state, 'icepack', 'watch', 'seen.json'), 'utf8');
  const sighting = JSON.parse(seen) as Sighting;
  const well = Object.values(sighting.servers).filter((each) => each.seen.every(({ answer }) => answer.is === 'ok'));
  expect(well.length).toBe(servers);
  const perVisit = cpu / ((servers * measuredSeconds) / everySeconds);
  const hand = await byHand(folder);
  reportRatio('CPU of a visit at both faces to two calls of ssh with df', perVisit, hand.ssh, 1);
  if (hand.plugins === undefined) console.log('  (no monitoring-plugins here: check_by_ssh was not measured)');
  else reportRatio('the same to two calls of check_by_ssh with check_disk', perVisit, hand.plugins, 1);
  reportFigure(
    `CPU of ${servers} servers every 2 min, of one core`,
    (perVisit * servers * 100) / usualSeconds,
    15,
    '%',
  );
  reportFigure(`peak memory of watching ${servers} servers`, peakMb, 150, 'MB');
  reportFigure(`what was seen of ${servers} servers`, seen.length / 1000, 400, 'kB');
});

const plugins = '/usr/lib/nagios/plugins';

/** What it costs here to ask for volumes at each of two faces: with `df` over ssh, and with the plugins of Nagios and Icinga. */
async function byHand(folder: string): Promise<{ ssh: number; plugins: number | undefined }> {
  const { hostOs, login } = await startRealAppliance(folder, 'ice01');
  const options = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=${join(folder, 'known')}`;
  const ssh = `ssh ${options} -o BatchMode=yes -i ${login.privateKey} -p ${hostOs.port} ${login.user}@127.0.0.1 'df -Pk'`;
  const plugin = `${plugins}/check_by_ssh -H 127.0.0.1 -p ${hostOs.port} -l ${login.user} -i ${login.privateKey} ${options} -C '${plugins}/check_disk -w 10% -c 5% -p /'`;
  const hasPlugins = ['check_by_ssh', 'check_disk'].every((name) => existsSync(join(plugins, name)));
  return { ssh: 2 * secondsOf(ssh, 20), plugins: hasPlugins ? 2 * secondsOf(plugin, 20) : undefined };
}

function secondsOf(command: string, rounds: number): number {
  const script = `for i in $(seq ${rounds}); do ${command} >/dev/null; done; times`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  const [, children = ''] = stdout.trim().split('\n').slice(-2);
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return seconds.reduce((sum, each) => sum + each, 0) / rounds;
}

/** Runs in a process of its own: it must not count as what is measured. @returns the path of a configuration */
async function startMockServers(folder: string): Promise<string> {
  const sizes = ['--log-size', '1kB', '--log-history', '10m', '--techsupport-size', '1kB', '--backup-size', '1kB'];
  const args = ['mock', '--appliances', String(servers), ...sizes, '--dir', folder];
  const child = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { config } = JSON.parse(line) as { config: string };
    const document = parse(readFileSync(config, 'utf8'));
    writeFileSync(config, stringify({ ...document, watch: { every: `${everySeconds}s` } }));
    return config;
  }
  throw new Error('the mock servers did not start');
}
