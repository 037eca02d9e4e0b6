import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mailLogin, startMailServer } from '../support/mail-server.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';
import { fullDisk } from '../support/small-disk.ts';

/** Takes the pings of a dead man's switch. */
async function startSwitch() {
  const pinged: string[] = [];
  const server = http.createServer(({ url }, response) => {
    pinged.push(`${url}`);
    response.end('OK');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { pinged, url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/ping` };
}

/** A server whose volume was seen full for long enough: the next look makes an incident of it. The first way to Kim is dead. */
async function firingRig() {
  const mail = await startMailServer();
  const { pinged, url } = await startSwitch();
  const rig = await startRig({ cluster: 'east' });
  Object.assign(rig.env, { SMTP_PW: mailLogin.password, DEADMAN: url });
  const smtp = { kind: 'smtp', ca: mail.ca, from: 'icepack@example.com', user: mailLogin.user };
  const step = { at: '0m', to: ['primary'], by: ['dead', 'mail'] };
  await rig.configure((document) => {
    Object.assign(document, {
      watch: {
        ...{
          every: '3s',
          retry: '1s',
          bundles: false,
          flood: { wait: '1s' },
          self: { deadman: { url: { env: 'DEADMAN' } } },
        },
        checks: { data: { every: '3s', for: '2s', clearFor: '1s' } },
      },
      people: { kim: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00' } },
      roles: { primary: 'kim' },
      channels: {
        dead: { ...smtp, url: 'smtp://127.0.0.1:1', password: { env: 'SMTP_PW' } },
        mail: { ...smtp, url: mail.url.href, password: { env: 'SMTP_PW' } },
        sms: { kind: 'gammu', outbox: '/nowhere/o', sent: '/nowhere/s', error: '/nowhere/e' },
      },
      escalation: {
        routes: [{ policy: 'all' }],
        policies: { all: { steps: [step, { ...step, at: '1h', by: ['sms'] }] } },
      },
    });
  });
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  await rig.configure((document) => {
    document.watch.tickets = false;
  });
  const watch = startRun(rig, ['watch', '--batch']);
  await until(() => watch.said().includes('I1 opened'));
  watch.kill('SIGTERM');
  await watch.ended;
  await rig.configure((document) => {
    document.watch.tickets = true;
  });
  const state = join(rig.folder, '.local', 'state');
  rmSync(join(state, 'icepack', 'watch', 'open'), { recursive: true });
  const seen = join(state, 'icepack', 'watch', 'seen.json');
  const { self: _, ...known } = JSON.parse(readFileSync(seen, 'utf8')); // nobody has pinged within this minute
  writeFileSync(seen, JSON.stringify(known));
  pinged.length = 0;
  const disk = fullDisk(join(rig.folder, 'mock', 'disk'), state);
  const about = (text: string) => mail.mails.filter((each) => new RegExp(`^Subject: .*${text}`, 'm').test(each));
  mail.mails.length = 0;
  return { rig, disk, about, pinged };
}

const logins = (rig: Rig) => rig.mock.appliances[0]?.logins.hostOs.length ?? 0;

describe.skipIf(lacks('unshare'))('a watch whose disk is full', { timeout: 180_000 }, () => {
  it('tells people once, and opens its incident with one ticket when there is room again (W59)', async () => {
    const { rig, disk, about, pinged } = await firingRig();
    const watch = startRun(rig, ['watch', '--batch'], disk.options);
    await until(() => about('its state cannot be written').length > 0);
    const before = logins(rig);
    await until(() => logins(rig) > before + 5 && pinged.includes('/ping/fail'));
    const meanwhile = { mails: about('').length, tickets: rig.mock.helpdesk?.tickets.length };

    disk.makeRoom();
    await until(() => about('\\[I1\\]').length > 0 && rig.mock.helpdesk?.tickets.length === 1);
    watch.kill('SIGTERM');
    const { code, stderr } = await watch.ended;

    expect(meanwhile).toEqual({ mails: 1, tickets: 0 });
    const [alarm = ''] = about('its state cannot be written');
    expect(alarm.replaceAll(/=\r?\n/g, '')).toMatch(
      /the disk is full[\s\S]*Incidents are not followed[\s\S]*Free some space on/,
    );
    expect(alarm.replaceAll(/=\r?\n/g, '')).toMatch(/Bad now:\r?\n {2}ICE01 data \/data: data volume over 90 % since/);
    expect(pinged).not.toContain('/ping');
    expect(stderr).toMatch(/incidents are not followed: .*the disk is full\n(.*\n)*told of that: Kim Doe \(mail\)\n/);
    expect(stderr).toMatch(/incidents are followed again\n(.*\n)*I1 opened: /);
    expect(stderr.match(/told of that|not followed/g)).toHaveLength(2);
    expect([code, about('its state').length, rig.mock.helpdesk?.tickets.length]).toEqual([0, 1, 1]);
  });

  it('by --once tells people once in all, and ends with 8 each time (W59)', async () => {
    const { rig, disk, about, pinged } = await firingRig();
    const twice = ['bash', '-c', '"$@"; echo "ended with $?" >&2; exec "$@"', 'bash'];
    const { under = [], env = {} } = disk.options;

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch'], { env, under: [...under, ...twice] });

    expect([stderr.match(/ended with \d+/)?.[0], code]).toEqual(['ended with 8', 8]);
    expect([about('its state cannot be written').length, about('').length]).toEqual([1, 1]);
    expect([pinged[0], rig.mock.helpdesk?.tickets.length]).toEqual(['/ping/fail', 0]);
  });
});
