import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { openChannels } from '../../src/context/open-channels.ts';
import { examineChannels } from '../../src/doctor/examine-channels.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { startHttp } from '../notify/http-rig.ts';
import { failureOf, never, pageOf } from '../notify/pages.ts';
import { temporaryFolder } from '../support/rig.ts';

function channelsOf(lines: string[], env: Record<string, string> = {}, maskSecret = (_secret: string) => {}) {
  const text = ['appliances: { ice01: { id: 1, address: 192.0.2.10 } }', 'channels:', ...lines].join('\n');
  return openChannels(parseConfig(text, '/icepack.yaml', '/home/kim', providers).channels, env, maskSecret);
}

describe('channels that are opened', () => {
  it('are those of the configuration, in its order, with what comes next', () => {
    const channels = channelsOf([
      '  mail: { kind: smtp, url: "smtp://127.0.0.1", from: a@example.com, orElse: [modem], within: 1m }',
      '  modem: { kind: smstools, outgoing: /a, checked: /d, sent: /b, failed: /c }',
      '  push: { kind: ntfy, url: "https://ntfy.example.com", topic: t }',
      '  am: { kind: alertmanager, url: "http://127.0.0.1:9093" }',
    ]);

    expect(
      channels.map(({ channel, orElse, withinMs }) => [channel.name, channel.kind, channel.needs, orElse, withinMs]),
    ).toEqual([
      ['mail', 'smtp', 'email', ['modem'], 60_000],
      ['modem', 'smstools', 'phone', [], 180_000],
      ['push', 'ntfy', 'nothing', [], 180_000],
      ['am', 'alertmanager', 'nothing', [], 180_000],
    ]);
  });

  it('read a secret when a page is sent, anew for each, and have it masked first', async () => {
    const { base, requests } = await startHttp(() => ({ body: { sid: 'S', status: 'queued' } }));
    const file = join(await temporaryFolder(), 'token');
    const told: string[] = [];
    const line = `  sms: { kind: http, preset: twilio-sms, url: "${base}/", account: AC1, from: "+46", token: { file: "${file}" } }`;
    const [sms] = channelsOf([line], {}, (secret) => told.push(`${secret} before ${requests.length + 1}`));

    await writeFile(file, 'one-canary\n', { mode: 0o600 });
    await sms?.channel.send(pageOf(), never);
    await writeFile(file, 'two-canary\n', { mode: 0o600 });
    await sms?.channel.send(pageOf(), never);

    expect(told).toEqual(['one-canary before 1', 'two-canary before 2']);
    expect(
      requests.map(({ headers }) => Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString()),
    ).toEqual(['AC1:one-canary', 'AC1:two-canary']);
  });

  it.each([
    ['{ env: NONE }', {}, 'the environment variable NONE is not set'],
    ['{ env: ODD }', { ODD: 'clé canary' }, 'no header can carry that'],
  ])('fail as for a refused login where the secret is %s', async (reference, env, reason) => {
    const line = `  push: { kind: ntfy, url: "http://127.0.0.1:1", topic: t, token: ${reference} }`;
    const [push] = channelsOf([line], env);

    const error = await failureOf(push?.channel.send(pageOf(), never) ?? Promise.resolve());

    expect(error).toMatchObject({ kind: 'auth', maybeSent: false });
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('canary');
  });
});

describe('doctor', () => {
  it('has a line for each channel, and what to do where one is not ready', async () => {
    const { base } = await startHttp(() => ({ status: 401 }));
    const channels = channelsOf([
      '  modem: { kind: gammu, outbox: /nowhere/out, sent: /b, error: /c, orElse: [hook] }',
      `  hook: { kind: webhook, url: "${base}/", secret: { env: X } }`,
      `  am: { kind: alertmanager, url: "${base}/" }`,
    ]);

    const checks = await examineChannels(channels, never);

    expect(checks.map(({ status }) => status)).toEqual(['fail', 'ok', 'fail']);
    expect(checks.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^modem \(gammu\): .*\/nowhere\/out/),
      `hook (webhook): ${base} answers; that it takes the signature is not proven until a page is sent`,
      expect.stringMatching(/^am \(alertmanager\): .* answered 401/),
    ]);
    expect(checks.map(({ hint }) => hint)).toEqual([
      'Check that it runs, and that it can be reached from here (channels.modem); not delivered within 3 min: hook',
      null,
      'Check its credential (channels.am)',
    ]);
  });
});
