import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { mailLogin, startMailServer } from '../support/mail-server.ts';
import { lacks } from '../support/requirements.ts';
import { startRig } from '../support/rig.ts';

describe.skipIf(lacks('openssl'))('icepack doctor', () => {
  it('tries the channels of pages, pages nobody, and tells which is not ready', async () => {
    const rig = await startRig();
    const mail = await startMailServer();
    for (const folder of ['outbox', 'sent']) await mkdir(join(rig.folder, folder));
    const folders = {
      outbox: join(rig.folder, 'outbox'),
      sent: join(rig.folder, 'sent'),
      error: join(rig.folder, 'error'),
    };
    await rig.configure((document) => {
      document.channels = {
        mail: {
          ...{ kind: 'smtp', url: mail.url.href, user: mailLogin.user, password: { env: 'SMTP_PW' } },
          ...{ from: 'icepack <icepack@example.com>', ca: mail.ca, orElse: ['modem'] },
        },
        modem: { kind: 'gammu', ...folders },
      };
      document.weekly = { on: 'Mon 08:00', zone: 'Europe/Stockholm', to: ['it@example.org'] };
    });
    const env = { SMTP_PW: mailLogin.password };

    const lacking = await rig.icepack(['doctor', '--json'], { env });
    await mkdir(folders.error);
    const ready = await rig.icepack(['doctor'], { env });

    const checks: Check[] = lacking.json().checks;
    const found = checks.filter(({ check }) => check === 'channel');
    expect(lacking.code).toBe(3);
    expect(found.map(({ status }) => status)).toEqual(['ok', 'fail']);
    expect(ready.code).toBe(0);
    expect(ready.stdout).toMatch(/ok {4}weekly status to it@example\.org by mail, next \d{4}-\d\d-\d\d 08:00/);
    expect(ready.stdout).toMatch(
      /^channels of pages\n {2}ok {4}mail \(smtp\): 127\.0\.0\.2:\d+ speaks TLS, knows icepack/m,
    );
    expect([mail.logins, mail.mails, await readdir(folders.outbox)]).toEqual([2, [], []]);
  });

  it('names a credential of a channel that is not there, without a login', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.channels = { pd: { kind: 'ntfy', url: 'http://127.0.0.1:1', topic: 't', token: { env: 'NO_SUCH' } } };
    });

    const { stdout } = await rig.icepack(['config', 'check']);

    expect(stdout).toContain('channels.pd.token');
  });
});
