import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rota } from '../../src/domain/escalation.ts';
import { assigneesOf, escalationRoute, primaryContact, whoIs } from '../../src/domain/on-duty.ts';
import { localTime } from '../../src/domain/zone.ts';

const people = new Map(['kim', 'lee', 'mo'].map((key) => [key, { key, name: key }]));
const day = 86_400_000;

function rota(zone: string, given: Partial<Rota> = {}): Rota {
  const from = { year: 2026, month: 3, day: 23, hour: 8, minute: 0, second: 0 };
  return { turns: ['kim', 'lee', 'mo'], from, everyMs: 7 * day, zone, ...given };
}

function onDuty(role: Rota, at: string | Date): string | undefined {
  return whoIs('primary', { roles: new Map([['primary', role]]), people }, new Date(at))[0]?.key;
}

describe('a rota', () => {
  it('turns at the same time of the day when the clocks go forward', () => {
    const stockholm = rota('Europe/Stockholm'); // summer time begins on 29 March

    expect(onDuty(stockholm, '2026-03-23T07:00:00Z')).toBe('kim');
    expect(onDuty(stockholm, '2026-03-30T05:59:59Z')).toBe('kim');
    expect(onDuty(stockholm, '2026-03-30T06:00:00Z')).toBe('lee');
    expect(onDuty(stockholm, '2026-04-06T06:00:00Z')).toBe('mo');
    expect(onDuty(stockholm, '2026-04-13T06:00:00Z')).toBe('kim');
  });

  it('turns at the same time of the day when the clocks go back', () => {
    const from = { year: 2026, month: 10, day: 19, hour: 8, minute: 0, second: 0 };
    const stockholm = rota('Europe/Stockholm', { from });

    expect(onDuty(stockholm, '2026-10-26T06:59:59Z')).toBe('kim');
    expect(onDuty(stockholm, '2026-10-26T07:00:00Z')).toBe('lee');
  });

  it('turns once in an hour that is repeated, and at its end where the hour is skipped', () => {
    const back = rota('Europe/Stockholm', { from: { year: 2026, month: 10, day: 18, hour: 2, minute: 30, second: 0 } });
    const skipped = rota('Europe/Stockholm', {
      from: { year: 2026, month: 3, day: 22, hour: 2, minute: 30, second: 0 },
    });

    expect(['00:29', '00:31', '01:10', '01:31'].map((time) => onDuty(back, `2026-10-25T${time}:00Z`))).toEqual([
      ...['kim', 'lee', 'lee', 'lee'],
    ]);
    expect(['00:59', '01:00'].map((time) => onDuty(skipped, `2026-03-29T${time}:00Z`))).toEqual(['kim', 'lee']);
  });

  it('goes on backwards before it begins', () => {
    expect(onDuty(rota('UTC'), '2026-03-22T08:00:00Z')).toBe('mo');
    expect(onDuty(rota('UTC'), '2020-01-01T00:00:00Z')).toBeDefined();
  });

  it.each([
    'Europe/Stockholm',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Pacific/Apia',
  ])('never goes back, and has each in their turn, in %s', (zone) => {
    const from = { year: 2026, month: 1, day: 1, hour: 1, minute: 45, second: 0 };
    const order = ['kim', 'lee', 'mo'];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * 365 * 24 * 60 }), fc.constantFrom(1, 7), (minutes, days) => {
        const role = rota(zone, { from, everyMs: days * day });
        const at = Date.UTC(2026, 0, 1) + minutes * 60_000;
        const [now = '', next = ''] = [at, at + 60_000].map((each) => onDuty(role, new Date(each)));
        const turned = (order.indexOf(next) - order.indexOf(now) + 3) % 3;
        expect(turned).toBeLessThan(2);
        const { hour, minute } = localTime(new Date(at + 60_000), zone);
        if (turned === 1) expect(hour * 60 + minute).toBeGreaterThanOrEqual(105);
      }),
      { numRuns: 300 },
    );
  });
});

describe('who is told', () => {
  it('is a person by their own key, and nobody where it is neither', () => {
    const roles = new Map([['both', { people: ['lee', 'gone', 'mo'] }]]);
    const keys = (name: string) => whoIs(name, { roles, people }, new Date()).map(({ key }) => key);

    expect([keys('kim'), keys('both'), keys('nobody')]).toEqual([['kim'], ['lee', 'mo'], []]);
  });

  it('has the first route that fits the hour and the severity', () => {
    const hours = { zone: 'UTC', on: [{ days: [1, 2, 3, 4, 5], from: 480, until: 1020 }], except: [] };
    const routes = [
      { when: 'business' as const, severity: ['low', 'emergency'] as const, policy: 'day' },
      { when: 'always' as const, severity: ['emergency'] as const, policy: 'night' },
    ];
    const policy = (severity: 'low' | 'emergency', at: string) =>
      escalationRoute({ routes, hours }, severity, new Date(at))?.policy;

    expect(policy('emergency', '2026-11-20T12:00Z')).toBe('day');
    expect(policy('emergency', '2026-11-20T22:00Z')).toBe('night');
    expect(policy('low', '2026-11-20T22:00Z')).toBeUndefined();
  });
});

describe('whom tickets are assigned to', () => {
  const week = rota('Europe/Stockholm', { turns: ['lee', 'mo'] });
  const atDesk = new Map([...people].map(([key, person]) => [key, { ...person, atDesk: `${key}-there` }]));
  const escalation = { roles: new Map([['primary', week]]), people: atDesk };

  it('is the primary contact of the server, else who has the role then', () => {
    const at = (when: string, contact?: string) =>
      primaryContact(contact === undefined ? {} : { primaryContact: contact }, escalation, new Date(when))?.key;

    expect(at('2026-03-24T12:00:00Z', 'kim')).toBe('kim');
    expect(at('2026-03-24T12:00:00Z')).toBe('lee');
    expect(at('2026-03-31T12:00:00Z')).toBe('mo');
    expect(primaryContact(undefined, { roles: new Map(), people }, new Date())).toBeUndefined();
  });

  it('is known before, of all who may be it', () => {
    expect(assigneesOf(escalation, [{ primaryContact: 'kim' }])).toEqual(['kim-there']);
    expect(assigneesOf(escalation, [{ primaryContact: 'kim' }, {}])).toEqual(['kim-there', 'lee-there', 'mo-there']);
    expect(assigneesOf(undefined, [{}])).toEqual([]);
  });
});
