import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/domain/escalation.ts';
import { failedPages } from '../../../src/watch/escalation/failed-pages.ts';
import { escalation, minute, night, Simulated, start } from './simulated.ts';

const step0 = ['1 kim sms', '1 kim mail'];
const step1 = ['6 kim call', '6 desk call'];
const step2 = ['11 lee sms', '11 lee call'];
const step3 = ['21 mo sms', '21 mo call'];

describe('an incident that nobody answers', () => {
  it('is told to nobody before others could have joined it', () => {
    expect(new Simulated().until(0.9).told()).toEqual([]);
  });

  it('is told step by step, and then to all of them again and again', () => {
    const told = new Simulated().until(52).told();

    expect(told.slice(0, 8)).toEqual([...step0, ...step1, ...step2, ...step3]);
    const everybody = ['kim sms', 'kim mail', 'kim call', 'desk call', 'lee sms', 'lee call', 'mo sms', 'mo call'];
    const rounds = told.filter((each) => /^(36|51) /.test(each));
    expect(rounds).toEqual([36, 51].flatMap((at) => everybody.map((each) => `${at} ${each}`)));
  });

  it('is told every 15 minutes for two hours, then every hour, and never not', () => {
    const { sent } = new Simulated().until(21 + 120 + 5 * 60, minute);

    const rounds = sent.filter(({ why, channel, person }) => /again/.test(why) && `${person} ${channel}` === 'kim sms');
    const minutes = rounds.map(({ atMs }) => atMs / minute - 21);
    expect(minutes).toEqual([15, 30, 45, 60, 75, 90, 105, 120, 180, 240, 300, 360, 420]);
  });

  it('is told once over each channel, however often one looks', () => {
    const told = new Simulated().until(5, 1000).told();

    expect(told).toEqual(step0);
  });

  it('goes to whoever has the role when the step is due', () => {
    const from = { year: 2026, month: 11, day: 20, hour: 9, minute: 23, second: 0 };
    const rota = { turns: ['lee', 'mo'], from, everyMs: 86_400_000, zone: 'UTC' };
    const { roles } = escalation();

    const told = new Simulated({ escalation: escalation({ roles: new Map([...roles, ['primary', rota]]) }) })
      .until(6.5)
      .told();

    expect(told).toEqual(['1 mo sms', '1 mo mail', '5 lee sms', '5 lee mail', '6 lee call', '6 desk call']);
  });
});

describe('an acknowledgement', () => {
  it('ends all further steps, and those it interrupts (W27)', () => {
    const incident = new Simulated().until(7);
    incident.acknowledge();

    expect(incident.until(200).told(4)).toEqual([]);
  });

  it('that is taken back begins the policy again', () => {
    const incident = new Simulated().until(2);
    incident.acknowledge();
    incident.until(30).end('unacknowledged');

    expect(incident.until(31).told(2)).toEqual(['30 kim sms', '30 kim mail']);
  });

  it('that is over is asked for again once, and after ten minutes the policy begins again (W32)', () => {
    const incident = new Simulated().until(2);
    incident.acknowledge('lee', 60 * minute);

    const told = incident.until(78).told(2);

    expect(told).toEqual(['62 lee sms', '62 lee mail', '72 kim sms', '72 kim mail', '77 kim call', '77 desk call']);
  });

  it('of somebody who cannot be asked is over with its time', () => {
    const incident = new Simulated().until(2);
    incident.acknowledge('somebody at the desk', 60 * minute);

    expect(incident.until(63).told(2)).toEqual(['62 kim sms', '62 kim mail']);
  });

  it('before anybody was told keeps everybody in peace', () => {
    const incident = new Simulated();
    incident.acknowledge();

    expect(incident.until(100).told()).toEqual([]);
  });

  it('ends where something worse joins', () => {
    const incident = new Simulated();
    incident.log.entries.pop();
    incident.join('high');
    incident.until(2).acknowledge();
    incident.until(10).join('high', 'ice02');
    incident.until(20).join('emergency', 'ice03');

    expect(incident.until(21).told(2)).toEqual(['20 kim sms', '20 kim mail']);
  });
});

describe('the end of an incident', () => {
  it('is told once, by mail, to the primary contact where nobody had answered', () => {
    const incident = new Simulated({ primaryContacts: new Map([['ice01', 'lee']]) }).until(7);
    incident.end('cleared');

    expect(incident.until(300).told(4)).toEqual(['7 lee mail']);
  });

  it('is told to who had it', () => {
    const incident = new Simulated().until(7);
    incident.acknowledge('mo');
    incident.end('cleared');

    expect(incident.until(300).told(4)).toEqual(['7 mo mail']);
  });

  it('comes to an engine that was told, again and again until it has it (W33)', () => {
    const policy: Policy = { ...night, steps: [{ atMs: 0, to: ['primary'], by: ['pd'] }] };
    const answers: ('sent' | 'failed')[] = ['sent', 'failed', 'failed', 'sent'];
    const told = escalation({ policies: new Map([['night', policy]]) });
    const incident = new Simulated({ escalation: told }, (page) =>
      page.channel === 'pd' ? (answers.shift() ?? 'failed') : 'sent',
    ).until(2);
    incident.acknowledge();
    incident.end('cleared');

    const ends = incident.until(30).sent.filter(({ why, channel }) => channel === 'pd' && why === 'over');
    expect(ends.map(({ atMs }) => atMs / minute)).toEqual([8]);
  });

  it('comes to an engine also where nobody knows whether it was told (W33)', () => {
    const policy: Policy = { ...night, steps: [{ atMs: 0, to: ['primary'], by: ['pd'] }] };
    const told = escalation({ policies: new Map([['night', policy]]) });
    const incident = new Simulated({ escalation: told });
    incident.look();
    incident.pass(2 * minute);
    incident.write({ type: 'paging', stamp: incident.stamp, n: 1, why: '1', channel: 'pd' });
    incident.end('cleared');
    incident.look();

    expect(incident.sent.map(({ why, channel }) => `${why} ${channel}`)).toContain('over pd');
  });

  it('that is not the end begins the policy again', () => {
    const incident = new Simulated().until(7);
    incident.end('cleared');
    incident.until(30).join('emergency');

    expect(incident.until(31).told(5)).toEqual(['30 kim sms', '30 kim mail']);
  });
});

describe('an answer', () => {
  it('was to what was bad then, and not to what is bad again', () => {
    const incident = new Simulated().until(7);
    incident.acknowledge();
    incident.end('cleared');
    incident.until(8).join('emergency');

    expect(incident.until(9).told(5)).toEqual(['8 kim sms', '8 kim mail']);
  });
});

describe('a page that fails', () => {
  it('goes over the channels that stand in for it, at once (W20)', () => {
    const incident = new Simulated({}, ({ channel }) => (channel === 'call' || channel === 'mail' ? 'sent' : 'failed'));

    expect(incident.until(2).told()).toEqual(['1 kim mail', '1 kim call']);
  });

  it('that was not delivered goes over those, too (W21)', () => {
    const incident = new Simulated().until(4);
    incident.write({ type: 'page-failed', stamp: incident.stamp, n: 1, maybeSent: true, reason: 'not delivered' });

    expect(incident.until(4.5).told(2)).toEqual(['4 kim modem']);
  });

  it('everywhere has the next step at once, and is tried again (W23, W24)', () => {
    const incident = new Simulated({}, ({ person }) => (person === 'kim' || person === 'desk' ? 'failed' : 'sent'));

    expect(incident.until(1.5).told()).toEqual(['1 lee sms', '1 lee call']);
    const tries = incident.until(10).log.entries.filter((entry) => entry.type === 'paging' && entry.person === 'kim');
    expect(tries.length).toBeGreaterThan(6);
  });

  it('everywhere is said with its reasons, until it has gone out', () => {
    let isDown = true;
    const incident = new Simulated({}, ({ person }) => (isDown && person === 'kim' ? 'failed' : 'sent')).until(2);

    expect(failedPages(incident.log, incident.setting)).toEqual([
      'kim doe was not told by sms (no), mail (no), modem (no), call (no)',
    ]);
    isDown = false;
    expect(failedPages(incident.until(37).log, incident.setting)).toEqual(['kim doe was not told by modem (no)']);
  });

  it('of the only step there is comes again until it goes out', () => {
    const only: Policy = { name: 'night', steps: [{ atMs: 0, to: ['primary'], by: ['mail'] }] };
    let failures = 4;
    const told = escalation({ policies: new Map([['night', only]]) });
    const incident = new Simulated({ escalation: told }, () => (failures-- > 0 ? 'failed' : 'sent'));

    expect(incident.until(600, minute).told()).toEqual(['30 kim mail', '45 kim mail', '60 kim mail']); // it, the reminder, and that it is late
  });

  it('whose end nobody knows is sent again under its number (W18)', () => {
    let lost = true;
    const incident = new Simulated({}, () => (lost ? 'lost' : 'sent'));
    incident.setting = { ...incident.setting, channels: new Map([['mail', { needs: 'email', orElse: [] }]]) };
    incident.look();
    incident.pass(minute);
    expect(() => incident.look()).toThrow();
    lost = false;
    incident.look();

    expect(new Set(incident.sent.map(({ n }) => n))).toEqual(new Set([1]));
    expect(incident.log.entries.filter(({ type }) => type === 'paging')).toHaveLength(1);
  });
});

describe('a step with nobody', () => {
  it('is passed over at once, and noted once (W25)', () => {
    const { roles } = escalation();
    const emptied = escalation({ roles: new Map([...roles, ['primary', { people: ['gone'] }]]) });
    const incident = new Simulated({ escalation: emptied }).until(3);

    expect(incident.told()).toEqual(['1 desk call']);
    expect(incident.log.entries.filter(({ type }) => type === 'nobody')).toHaveLength(1);
  });
});

describe('a watch that was off', () => {
  it('tells only what is due now, and how late it is', () => {
    const incident = new Simulated().until(7);
    incident.pass(240 * minute, { boot: 'b' });
    incident.look();

    const late = incident.sent.slice(4).filter(({ kind }) => kind === 'step');
    expect(new Set(late.map(({ why }) => why))).toEqual(new Set(['again 9'])); // at 201 min of the policy, after the last of 8
    expect(late[0]?.lateMs).toBe((7 + 240 - 1 - 200) * minute);
    expect(late.filter(({ person, channel }) => `${person} ${channel}` === 'kim sms')).toHaveLength(1);
  });

  it('with a machine that slept tells once what is due when it wakes', () => {
    const incident = new Simulated().until(2);
    incident.pass(8 * 60 * minute);

    const told = incident.until(482).sent.slice(2);
    expect(told.filter(({ kind, person, channel }) => `${kind} ${person} ${channel}` === 'step kim sms')).toHaveLength(
      1,
    );
  });

  it('for two minutes loses nothing', () => {
    const incident = new Simulated().until(5);
    incident.pass(2 * minute);
    incident.look();

    expect(incident.told(2)).toEqual(['7 kim call', '7 desk call']);
    expect(incident.sent.at(-1)?.lateMs).toBe(0);
  });

  it('tells what is next at once where the clock went back over a boot, and goes on in its time', () => {
    const incident = new Simulated().until(2);
    incident.pass(minute, { boot: 'b', wallMs: start - 86_400_000 });
    incident.look();
    expect(incident.told(2)).toEqual(['3 kim call', '3 desk call']);

    expect(incident.until(9).told(4)).toEqual(['8 lee sms', '8 lee call']);
  });
});

describe('the hour', () => {
  it('that is nearly over is said to whom it was told, and management hears of one that is (seed 003)', () => {
    const only: Policy = {
      name: 'night',
      steps: [
        { atMs: 0, to: ['primary'], by: ['mail', 'pd'] },
        { atMs: 100 * minute, to: ['management'], by: ['sms'] },
      ],
    };
    const incident = new Simulated({ escalation: escalation({ policies: new Map([['night', only]]) }) }).until(70);

    expect(incident.told(2)).toEqual(['45 kim mail', '60 mo sms']);
    expect(incident.log.entries.filter(({ type }) => type === 'goal-missed')).toHaveLength(1);
  });

  it('is kept by an answer in time', () => {
    const incident = new Simulated().until(50);
    incident.acknowledge();

    expect(incident.until(100).log.entries.map(({ type }) => type)).not.toContain('goal-missed');
  });

  it('has nothing to do with the summary, which is reminded of and then missed', () => {
    const wanted = escalation({ summary: { withinMs: 24 * 60 * minute, to: ['management'] } });
    const incident = new Simulated({ escalation: wanted }).until(2);
    incident.acknowledge('lee');
    incident.end('resolved');

    expect(incident.until(26 * 60, 10 * minute).told(2)).toEqual(['1202 lee mail', '1442 mo mail']);
  });
});

describe('routes', () => {
  const mailOnly: Policy = { name: 'mailOnly', steps: [{ atMs: 0, to: ['primary'], by: ['mail'] }] };
  const hours = { zone: 'UTC', on: [{ days: [1, 2, 3, 4, 5], from: 10 * 60, until: 17 * 60 }], except: [] };
  const routed = escalation({
    hours,
    policies: new Map([
      ['day', { ...night, name: 'day' }],
      ['mailOnly', mailOnly],
    ]),
    routes: [
      { when: 'business', severity: ['low', 'emergency'], policy: 'day' },
      { when: 'always', severity: ['low', 'emergency'], policy: 'mailOnly' },
    ],
  });

  it('put off what is not urgent until business hours begin', () => {
    expect(new Simulated({ escalation: routed }).until(44).told()).toEqual(['1 kim mail', '42 kim sms', '42 kim mail']);
  });

  it('never change to one that does less, when business hours are over', () => {
    const incident = new Simulated({ escalation: routed });
    incident.pass(0, { wallMs: Date.parse('2026-11-20T16:58:00Z') });
    incident.log.entries.splice(0);
    incident.write({ ...opened(incident) });
    incident.join('low');

    expect(incident.until(7).told()).toEqual([...step0, ...step1]);
  });

  function opened({ stamp }: Simulated) {
    const group = { kind: 'ticket' as const, group: 'g', place: 'east', event: 'e', reference: 'r' };
    return { type: 'opened' as const, schema: 1 as const, stamp, id: 'I42', ...group };
  }
});

describe('a customer', () => {
  const customers = new Map([
    ['ice01', { email: 'it@example.org' }],
    ['ice02', { email: 'ops@example.net' }],
    ['ice03', { email: 'it@example.org' }],
  ]);
  const copied = escalation({ copies: [{ on: ['opened', 'resolved'], by: ['mail'] }] });

  it('is told of their own servers, once each, and of the end (W74)', () => {
    const incident = new Simulated({ escalation: copied, customers });
    incident.join('emergency', 'ice03');
    incident.until(3).join('emergency', 'ice04');
    incident.acknowledge();
    incident.until(4).end('resolved');

    expect(
      incident
        .until(10)
        .sent.filter(({ kind }) => kind === 'copy')
        .map(({ why, person }) => `${why}: ${person}`),
    ).toEqual(['copy opened: customer of ice01', 'copy resolved: customer of ice01']);
  });

  it('is not told that it is resolved where another incident takes its place, and nobody is asked any more (W13)', () => {
    const incident = new Simulated({ escalation: copied, customers });
    incident.until(3).write({ type: 'replaced', stamp: incident.stamp, by: 'kim' });
    const before = incident.sent.length;

    expect(incident.until(60).sent.slice(before)).toEqual([]);
    expect(before).toBeGreaterThan(0);
  });
});
