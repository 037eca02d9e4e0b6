import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { UserError } from '../../src/errors.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { projectRoot } from '../support/rig.ts';

const servers = 'appliances: { ice01: { id: 1, address: 192.0.2.10 } }\n';

function channelsOf(text: string) {
  return parseConfig(`${servers}${text}`, '/icepack.yaml', '/home/kim', providers).channels;
}

/** The faults, each with the line it is told of. */
function faultsOf(text: string): string[] {
  try {
    channelsOf(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = `${servers}${text}`.split('\n');
    return error.message.split('\n').map((fault) => {
      const [, line, told] = /^\/icepack\.yaml:(\d+): (.*)$/.exec(fault) ?? [];
      return `${lines[Number(line) - 1]?.trim()} | ${told}`;
    });
  }
  return [];
}

const gammu = '{ kind: gammu, outbox: /a, sent: /b, error: /c';

describe('the channels of a configuration', () => {
  it('are valid as the example shows them', async () => {
    const example = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');
    const block = /^# channels:[\s\S]*?(?=\n\n)/m.exec(example)?.[0].replace(/^# /gm, '') ?? '';

    const channels = channelsOf(block);

    expect(Object.values(channels).map(({ kind }) => kind)).toEqual([
      ...['smtp', 'http', 'http', 'http', 'gammu', 'smstools', 'ntfy', 'pagerduty', 'alertmanager', 'webhook'],
    ]);
    expect(channels['sms']).toMatchObject({ orElse: ['modem', 'call'], within: 180_000 });
    expect(channels['mail']).toMatchObject({ from: { name: 'icepack', address: 'icepack@example.com' } });
    expect(channels['gateway']).toMatchObject({
      okWhen: { status: ['queued', 'sent'] },
      status: { failed: ['failed'] },
    });
  });

  it('are none where none are named', () => {
    expect(channelsOf('')).toEqual({});
  });

  it('that come next must be there, and not lead back', () => {
    const text = [
      'channels:',
      `  sms: ${gammu}, orElse: [modme] }`,
      `  modem: ${gammu}, orElse: [call] }`,
      `  call: ${gammu},`,
      '    orElse: [modem] }',
      `  own: ${gammu}, orElse: [own] }`,
    ];

    expect(faultsOf(text.join('\n'))).toEqual([
      `${text[1]?.trim()} | "channels.sms.orElse.0": no channel is called "modme"; did you mean "modem"?`,
      `${text[2]?.trim()} | "channels.modem.orElse.0": "call" leads back to "modem"`,
      `${text[4]?.trim()} | "channels.call.orElse.0": "modem" leads back to "call"`,
      `${text[5]?.trim()} | "channels.own.orElse.0": "own" leads back to "own"`,
    ]);
  });

  it.each([
    ['mail: { kind: pigeon }', /one of: smtp, http, gammu/],
    ['mail: { kind: smtp, url: "https://mail", from: a@b.c }', /a URL such as smtp:/],
    ['mail: { kind: smtp, url: "smtp://me:pw@mail", from: a@b.c }', /without user and password/],
    ['mail: { kind: smtp, url: "smtp://mail", from: "a@b.c, d@e.f" }', /a mail address such as/],
    ['mail: { kind: smtp, url: "smtp://mail", from: a@b.c, password: secret }', /a secret is a reference/],
    ['mail: { kind: smtp, url: "smtp://mail", from: a@b.c, user: me }', /"channels.mail.user": it needs "password"/],
    ['mail: { kind: smtp, url: "smtp://mail", from: a@b.c, password: { env: X } }', /password": it needs "user"/],
    ['am: { kind: alertmanager, url: "https://am", user: me }', /"channels.am.user": it needs "token"/],
    ['gw: { kind: http, url: "https://x/", user: me }', /"channels.gw.user": it needs "token"/],
    ['mail: { kind: smtp, url: "smtp://mail", from: a@b.c, pasword: { env: X } }', /did you mean "password"/],
    [
      'hook: { kind: webhook, url: "http://192.0.2.1/", secret: { env: X } }',
      /nothing is sent over plain http to 192.0.2.1/,
    ],
    ['am: { kind: alertmanager, url: "http://am.example.com" }', /write https/],
    ['gw: { kind: http, url: "http://sms.example.com/{phone}" }', /plain http only to this machine/],
    ['gw: { kind: http, url: "https://{phone}/" }', /whose host is no template/],
    ['gw: { kind: http, url: "https://x/", json: { to: ["{fone}"] } }', /in braces one of: phone/],
    ['gw: { kind: http, url: "https://x/", okWhen: "(" }', /okWhen/],
    ['gw: { kind: http, url: "https://x/", form: { a: b }, json: { a: b } }', /either "form" or "json"/],
    ['gw: { kind: http }', /needs its URL/],
    [
      'gw: { kind: http, preset: twilio-sms, account: AC1, from: "+46" }',
      /"channels.gw.token": the preset twilio-sms needs it/,
    ],
    [
      'gw: { kind: http, preset: twilio-sms, account: AC1, from: "+46", token: { env: X }, receipt: id }',
      /"channels.gw.receipt": the preset says that/,
    ],
    ['modem: { kind: gammu, outbox: out, sent: /b, error: /c }', /a path that begins with/],
    ['push: { kind: ntfy, url: "https://n", topic: "a/b" }', /a topic/],
    ['pd: { kind: pagerduty }', /routingKey/],
    [`modem: ${gammu}, within: soon }`, /a duration such as/],
  ])('are refused with their line: %s', (line, fault) => {
    const [told = '', ...others] = faultsOf(`channels:\n  ${line}\n`);

    expect(others).toEqual([]);
    expect(told.startsWith(`${line} | `)).toBe(true);
    expect(told).toMatch(fault);
  });
});
