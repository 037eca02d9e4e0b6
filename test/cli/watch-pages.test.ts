import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mailLogin, startMailServer } from '../support/mail-server.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

const people = {
  kim: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00' },
  lee: { name: 'Lee Roe', email: 'lee@example.com', phone: '+46 660 29 92 01' },
};

/** A server whose volume gets full, a mail server, and a modem that nobody reads: its spool. */
async function pagingRig() {
  const mail = await startMailServer();
  const env = { SMTP_PW: mailLogin.password };
  const rig = await startRig({ cluster: 'east' });
  const spool = Object.fromEntries(['outbox', 'sent', 'error'].map((name) => [name, join(rig.folder, 'sms', name)]));
  for (const folder of Object.values(spool)) mkdirSync(folder, { recursive: true });
  await rig.configure((document) => {
    Object.assign(document, {
      watch: {
        ...{ every: '3s', retry: '1s', bundles: false, flood: { wait: '1s' } },
        checks: { data: { every: '3s', for: '2s', clearFor: '1s' } },
      },
      people,
      roles: { primary: 'kim', secondary: 'lee' },
      channels: {
        mail: {
          kind: 'smtp',
          url: mail.url.href,
          ca: mail.ca,
          from: 'icepack@example.com',
          user: mailLogin.user,
          password: { env: 'SMTP_PW' },
        },
        sms: { kind: 'gammu', ...spool },
      },
      escalation: {
        routes: [{ policy: 'all' }],
        policies: {
          all: {
            steps: [
              { at: '0m', to: ['primary'], by: ['mail', 'sms'] },
              { at: '4s', to: ['secondary'], by: ['mail'] },
            ],
          },
        },
      },
    });
  });
  Object.assign(rig.env, env);
  const outbox = spool['outbox'] ?? '';
  const texts = () => readdirSync(outbox).map((name) => readFileSync(join(outbox, name), 'utf8').replaceAll('\0', '')); // UTF-16
  const to = (name: string) => mail.mails.filter((each) => each.includes(`To: ${name} <`));
  return { rig, mails: mail.mails, to, texts };
}

async function watching<T>(rig: Rig, work: (watch: ReturnType<typeof startRun>) => Promise<T>): Promise<T> {
  const watch = startRun(rig, ['watch', '--batch']);
  try {
    return await work(watch);
  } finally {
    watch.kill('SIGTERM');
    await watch.ended;
  }
}

const full = (rig: Rig, fullPercent?: number) =>
  rig.mock.appliances[0]?.fail(fullPercent === undefined ? {} : { fullPercent });

describe('an incident', { timeout: 120_000 }, () => {
  it('is told to the primary, then to the secondary, and to nobody else once somebody has it (W26)', async () => {
    const { rig, to, texts, mails } = await pagingRig();
    await full(rig, 93);

    await watching(rig, async () => {
      await until(() => to('Lee Roe').length > 0);
      const ack = await rig.icepack(['ack', 'I1', '--by', 'kim']);
      expect(ack.code).toBe(0);
      const count = mails.length;
      await new Promise((resolve) => setTimeout(resolve, 6000));
      expect(mails.length).toBe(count);
    });

    const [first] = to('Kim Doe');
    expect(first).toMatch(/^Subject: \[I1\] Example AB, cluster east: data volume over/m);
    expect(first?.replaceAll(/=\r?\n/g, '')).toContain('icepack ack I1');
    expect(first).toMatch(/^Message-ID: <I1\.\d\.kim\.icepack-w-/im);
    expect(texts()).toEqual([expect.stringContaining('I1 Example AB')]);
  });

  it('has a ticket that is assigned to the primary contact of its server', async () => {
    const { rig, mails } = await pagingRig();
    await rig.configure((document) => {
      document.people = { kim: people.kim, lee: { ...people.lee, atDesk: 'lroe' } };
      document.appliances.ice01.primaryContact = 'lee';
    });
    await full(rig, 93);

    await watching(rig, () => until(() => mails.length > 0 && rig.mock.helpdesk?.tickets.length === 1));

    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    expect(ticket).toMatchObject({ assignee: 'lroe' });
    expect(ticket?.body).toContain('\nPrimary contact: Lee Roe\n');
  });

  it('tells the ticket in the page, where there is one, and goes out without one (W07)', async () => {
    const { rig, mails } = await pagingRig();
    const desk = rig.mock.helpdesk;
    for (let count = 0; count < 500; count++)
      desk?.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });
    await full(rig, 93);

    await watching(rig, () => until(() => mails.length > 0));

    expect(mails[0]).toMatch(/no ticket yet/i);
  });
});

describe('icepack watch test', () => {
  it('sends a page that is a test to everybody, and names who cannot be reached', async () => {
    const { rig, to, texts } = await pagingRig();

    const all = await rig.icepack(['watch', 'test']);
    const one = await rig.icepack(['watch', 'test', '--to', 'kim', '--json']);
    const nobody = await rig.icepack(['watch', 'test', '--to', 'mo']);

    expect([all.code, one.code, nobody.code]).toEqual([0, 0, 2]);
    expect(all.stdout).toMatch(/^✓ mail: Kim Doe: it was taken$/m);
    expect(one.json().pages.map(({ to: key }: { to: string }) => key)).toEqual(['kim', 'kim']);
    expect(nobody.stderr).toContain('There are: kim, lee');
    expect([to('Kim Doe').length, to('Lee Roe').length, texts().length]).toEqual([2, 1, 3]);
    await rig.configure((document) => {
      document.channels.sms.outbox = '/nowhere/outbox';
    });
    const broken = await rig.icepack(['watch', 'test', '--to', 'kim']);
    expect(broken.code).toBe(10);
    expect(broken.stdout).toMatch(/^✗ sms: Kim Doe: /m);
  });
});
