import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { otherMonitorExamples, withEnv } from '../support/other-monitors.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { startDaemon } from '../support/sshd.ts';

async function reportingRig(): Promise<Rig> {
  const rig = await startRig({ cluster: 'east' });
  await rig.configure((document) => {
    document.watch = { bundles: false };
  });
  return rig;
}

const tickets = (rig: Rig) => rig.mock.helpdesk?.tickets ?? [];

describe('the scripts of the README', () => {
  it('report what Icinga and Zabbix, and Alertmanager, say', async () => {
    const rig = await reportingRig();
    const { env, script } = otherMonitorExamples(rig);
    const run = async (name: string, words: string[], more: object = {}) => {
      const child = spawn(script(name), words, { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
      const closed = new Promise((resolve) => child.once('close', resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { stdout, stderr, status: await closed };
    };
    writeFileSync(join(rig.folder, 'alerts.json'), '{"version":"4","alerts":[]}');
    const message = (value: number, ...rest: string[]) => ['ice01', '12345', value, 'Fan $(id) `id`', ...rest];

    const bad = await run('to-icepack', ['ice01', 'vm', 'dc01', 'CRITICAL', '-x\nshut off']);
    const over = await run('to-icepack', ['ice01', 'vm', 'dc01', 'OK', '']);
    const zabbix = await run('zabbix-to-icepack', [message(1, 'stopped', 'at 12:00 $HOME').join('\r\n')]);
    const well = await run('zabbix-to-icepack', [message(0).join('\n')]);
    const option = await run('to-icepack', ['--config=/dev/null', 'vm', 'dc01', 'CRITICAL', 'x']);
    const alerts = await run('alerts-to-icepack', [], { ALERTS: join(rig.folder, 'alerts.json') });

    expect([bad, over, zabbix, well, alerts].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
    expect(option).toMatchObject({ status: 2, stderr: expect.stringContaining('no server is called "--config=') });
    expect(over.stdout).toContain('ICE01 dc01: vm is over');
    expect(zabbix.stdout).toContain('ICE01 12345: Fan $(id) `id`: ');
    expect(well.stdout).toContain('ICE01 12345: Fan $(id) `id` is over');
    expect(tickets(rig)[1]?.body).toMatch(/: stopped at 12:00 \$HOME\n/);
    expect(tickets(rig)).toHaveLength(2);
  });
});

/** A service that is looked at each second, and is as the file `code` says; then what the README has. */
async function startIcinga(rig: Rig): Promise<{ service(code: number): void; log(): string }> {
  const { env, block } = otherMonitorExamples(rig);
  const at = (...names: string[]) => join(rig.folder, 'icinga', ...names);
  mkdirSync(at('InitRun', 'icinga2'), { recursive: true });
  const service = (code: number) => writeFileSync(at('code'), `${code}\n`);
  service(0);
  writeFileSync(at('check'), `#!/bin/sh\necho 'it stands $still'\nexit "$(cat '${at('code')}')"\n`, { mode: 0o755 });
  const every = 'check_interval = 1s; retry_interval = 1s; max_check_attempts = 2';
  const objects = [
    'include <itl>',
    'object CheckerComponent "checker" {}',
    'object NotificationComponent "notification" {}',
    'object User "icingaadmin" {}',
    `object CheckCommand "check_fan" { command = [ "${at('check')}" ] }`,
    'object Host "ice01" { check_command = "passive"; enable_active_checks = false; vars.icepack = true }',
    `object Service "fan 1" { host_name = "ice01"; check_command = "check_fan"; ${every} }`,
    block('NotificationCommand'),
  ];
  writeFileSync(at('icinga2.conf'), objects.join('\n'));
  const places = ['Data', 'Log', 'Cache', 'Spool', 'InitRun'].flatMap((name) => {
    mkdirSync(at(name), { recursive: true });
    return ['-D', `${name}Dir=${at(name)}`];
  });
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
  const user = { ...env, ICINGA2_USER: userInfo().username, ICINGA2_GROUP: group };
  const command = [programPath('icinga2'), 'daemon', '-c', at('icinga2.conf'), ...places];
  const { log } = await startDaemon(
    [...withEnv(user), 'sh', '-c', 'exec "$@" >&2', '', ...command],
    "'checker' started",
  );
  return { service, log };
}

describe.skipIf(lacks('icinga2'))('a real Icinga', () => {
  it('has one ticket of a problem, which is told when it is over', { timeout: 240_000 }, async () => {
    const rig = await reportingRig();
    const { service, log } = await startIcinga(rig);

    service(2);
    await vi.waitUntil(() => tickets(rig).length > 0, { timeout: 100_000 });
    service(0);
    const isTold = () => tickets(rig)[0]?.comments.some(({ body }) => body.includes('Well again'));
    await vi.waitUntil(isTold, { timeout: 100_000 });

    expect(tickets(rig)).toHaveLength(1);
    expect(tickets(rig)[0]).toMatchObject({
      subject: 'Example AB, cluster east: check_fan (ICE01)',
      body: expect.stringMatching(/^ICE01 fan 1: check_fan since .*: it stands \$still\n/),
    });
    expect(log()).not.toMatch(/warning\/Notification|critical/);
  });
});
