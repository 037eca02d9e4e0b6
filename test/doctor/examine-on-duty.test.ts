import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { examineOnDuty } from '../../src/doctor/examine-on-duty.ts';
import type { Needs } from '../../src/domain/escalation.ts';
import { providers } from '../../src/helpdesk/providers.ts';

const text = `
appliances: { ice01: { id: 1, address: 192.0.2.10 } }
people:
  kim: { name: Kim Doe, email: kim@example.com, phone: "+46660299200" }
  lee: { name: Lee Roe, phone: "+46660299201" }
roles:
  primary: { rota: [kim, lee], from: "2026-11-02 08:00", every: 7d, zone: Europe/Stockholm }
  secondary: lee
channels:
  mail: { kind: smtp, url: "smtp://mail.example.com", from: icepack@example.com }
  sms: { kind: gammu, outbox: /spool/o, sent: /spool/s, error: /spool/e }
escalation:
  routes: [{ policy: night }]
  policies: { night: { steps: [{ at: 0m, to: [primary], by: [sms] }, { at: 5m, to: [secondary], by: [sms] }] } }
`;

function said(at: string, channels?: Map<string, Needs>) {
  const { escalation } = parseConfig(text, '/icepack.yaml', undefined, providers);
  if (escalation === undefined) throw new Error('there is none');
  return examineOnDuty(escalation, new Date(at), 'Europe/Stockholm', channels);
}

describe('who is told of incidents, as doctor shows it', () => {
  it('is who has each role now, with what is known of them', () => {
    expect(said('2026-11-03T09:00:00Z').map((check) => check.text)).toEqual([
      'primary: Kim Doe (e-mail, phone) now',
      'secondary: Lee Roe (phone) now',
      'an emergency at 2026-11-03 10:00: policy night',
    ]);
    expect(said('2026-11-10T09:00:00Z')[0]?.text).toBe('primary: Lee Roe (phone) now');
  });

  it('names the channels that reach them, where these are known', () => {
    const channels = new Map<string, Needs>([
      ['mail', 'email'],
      ['sms', 'phone'],
    ]);

    expect(said('2026-11-10T09:00:00Z', channels)[0]?.text).toBe('primary: Lee Roe (sms) now');
  });

  it('is a warning where no channel reaches a phone', () => {
    const checks = said('2026-11-10T09:00:00Z', new Map([['mail', 'email']]));

    expect(checks.at(-1)).toMatchObject({ status: 'warn', text: 'no channel reaches a phone' });
  });
});
