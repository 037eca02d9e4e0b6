import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { NewIncidentEntry } from '../../../src/domain/incident.ts';
import { NotifyError } from '../../../src/notify/channel.ts';
import { failedPages } from '../../../src/watch/escalation/failed-pages.ts';
import type { PagedIncident } from '../../../src/watch/escalation/paged-incident.ts';
import { settingOf } from '../../../src/watch/escalation/setting-of.ts';
import { temporaryFolder } from '../../support/rig.ts';
import { PagerRig } from './pager-rig.ts';
import { escalation, minute, night } from './simulated.ts';

function typesOf({ log }: PagedIncident): string[] {
  return log.entries.map(({ type }) => type);
}

async function started(): Promise<{ rig: PagerRig; incident: PagedIncident }> {
  const rig = new PagerRig();
  const incident = await rig.open('I42');
  rig.pass(minute);
  return { rig, incident };
}

const refused = async () => {
  throw new NotifyError('refused', 'the gateway refuses', { maybeSent: false });
};

describe('a pager', () => {
  it('notes each page before it leaves, and what came of it after', async () => {
    const { rig, incident } = await started();
    const noted: string[][] = [];
    const sms = rig.ways.get('sms');
    if (sms !== undefined)
      sms.answer = async () => {
        noted.push(typesOf(incident));
        return 'receipt';
      };

    await rig.look();
    await rig.look();

    expect(rig.told().sort()).toEqual(['I42.1 kim sms', 'I42.2 kim mail']);
    expect(noted[0]).toEqual(['opened', 'joined', 'routed', 'paging']);
    expect(typesOf(incident).slice(4)).toEqual(['paged', 'paging', 'paged']);
  });

  it('goes over the channels that stand in for one that refuses, and says why in the journal', async () => {
    const { rig, incident } = await started();
    Object.assign(rig.ways.get('sms') ?? {}, { answer: refused });

    await rig.look();

    expect(rig.told().sort()).toEqual(['I42.2 kim call', 'I42.3 kim mail']);
    expect(incident.log.entries).toContainEqual(
      expect.objectContaining({ type: 'page-failed', n: 1, maybeSent: false, reason: 'the gateway refuses' }),
    );
  });

  it('holds up no channel for another one that hangs (W19)', async () => {
    const { rig, incident } = await started();
    let release: (receipt: string) => void = () => undefined;
    const waiting = new Promise<string>((resolve) => {
      release = resolve;
    });
    Object.assign(rig.ways.get('sms') ?? {}, { answer: () => waiting });

    const looking = rig.look();
    await vi.waitFor(() => expect(rig.told()).toEqual(['I42.2 kim mail']), 5000);
    expect(typesOf(incident)).toContain('paged');
    release('at last');
    await looking;

    expect(rig.told()).toEqual(['I42.2 kim mail', 'I42.1 kim sms']);
  });

  it('gives a page up that takes longer than a minute, also where the channel does not listen (W19)', async () => {
    const { rig, incident } = await started();
    Object.assign(rig.ways.get('mail') ?? {}, { answer: () => new Promise(() => undefined) });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const looking = rig.look();
      await vi.advanceTimersByTimeAsync(61_000);
      await looking;
    } finally {
      vi.useRealTimers();
    }

    expect(incident.log.entries).toContainEqual(
      expect.objectContaining({ type: 'page-failed', maybeSent: true, reason: 'not done within 1 min' }),
    );
  });

  it('sends nothing that was answered between being due and being sent (W26)', async () => {
    const { rig, incident } = await started();
    const { write } = incident.log;
    incident.log.write = async (entry: NewIncidentEntry) => {
      await write(entry);
      if (entry.type !== 'paging' || entry.n !== 2) return;
      await write({ type: 'acknowledged', stamp: rig.stamp, by: 'lee', how: 'command', forMs: minute });
    };

    await rig.look();

    expect(rig.told().filter((each) => each.includes('I42.2'))).toEqual([]);
    expect(incident.log.entries).toContainEqual(
      expect.objectContaining({ type: 'page-failed', n: 2, maybeSent: false }),
    );
    expect(failedPages(incident.log, settingOf(rig.escalation, [], rig.configured, 60_000))).toEqual([]);
  });

  it('sends a page of which nobody knows again under its number (W18)', async () => {
    const { rig, incident } = await started();
    await rig.look();
    rig.pass(5 * minute);
    await incident.log.write({ type: 'paging', stamp: rig.stamp, n: 3, why: '2', person: 'kim', channel: 'call' });
    rig.restart();

    await rig.look();

    expect(rig.told(2).sort()).toEqual(['I42.3 kim call', 'I42.4 desk call']);
  });

  it('ends where it is stopped, and tells the rest when it begins again (W84)', async () => {
    const { rig } = await started();
    const stopping = new AbortController();
    const mail = rig.ways.get('mail');
    if (mail !== undefined) mail.answer = () => new Promise(() => stopping.abort(new Error('stopped')));

    await expect(rig.look(stopping.signal)).rejects.toThrow('stopped');
    if (mail !== undefined) mail.answer = async () => 'receipt';
    rig.restart();
    await rig.look();

    expect(rig.told().sort()).toEqual(['I42.1 kim sms', 'I42.2 kim mail']);
  });
});

describe('an hour that is over while a page is about to leave', () => {
  it('does not keep it from leaving', async () => {
    const { rig, incident } = await started();
    const { write } = incident.log;
    incident.log.write = async (entry: NewIncidentEntry) => {
      await write(entry);
      if (entry.type === 'paging' && entry.n === 1) rig.pass(60 * minute);
    };

    await rig.look();

    expect(incident.log.entries.filter(({ type }) => type === 'page-failed')).toHaveLength(1); // its step is over, too
    expect(typesOf(incident)).toContain('goal-missed');
    expect(rig.told().length).toBeGreaterThan(4);
  });
});

describe('a page that was taken', () => {
  async function taken(): Promise<{ rig: PagerRig; incident: PagedIncident; asked: string[] }> {
    const { rig, incident } = await started();
    const asked: string[] = [];
    const sms = rig.ways.get('sms');
    if (sms !== undefined) {
      sms.delivery = async () => 'waiting';
      sms.withdraw = async (receipt) => asked.push(`withdraw ${receipt}`) > 0;
    }
    await rig.look();
    return { rig, incident, asked };
  }

  it('and has not gone out in time is taken back, and a call goes out (W21, W22)', async () => {
    const { rig, asked } = await taken();
    rig.pass(2.9 * minute);
    await rig.look();
    expect(rig.told(2)).toEqual([]);
    rig.pass(0.25 * minute);
    await rig.look();

    expect(asked).toEqual(['withdraw receipt of I42.1']);
    expect(rig.told(2)).toEqual(['I42.3 kim call']);
  });

  it('and went out needs nothing more', async () => {
    const { rig, incident } = await taken();
    const sms = rig.ways.get('sms');
    if (sms !== undefined) sms.delivery = async () => 'sent';
    rig.pass(minute);
    await rig.look();
    rig.pass(3.5 * minute);
    await rig.look();

    expect(typesOf(incident).filter((type) => type === 'delivered')).toHaveLength(1);
    expect(rig.told(2)).toEqual([]);
  });

  it('and has failed is not waited for', async () => {
    const { rig } = await taken();
    const sms = rig.ways.get('sms');
    if (sms !== undefined) sms.delivery = async () => 'failed';
    rig.pass(20_000);
    await rig.look();

    expect(rig.told(2)).toEqual(['I42.3 kim call']);
  });

  it('is asked for every 15 seconds at most, and a channel that does not answer changes nothing', async () => {
    const { rig } = await taken();
    let asked = 0;
    const sms = rig.ways.get('sms');
    if (sms !== undefined)
      sms.delivery = async () => {
        asked++;
        throw new Error('no answer');
      };
    for (let second = 0; second < 60; second++) {
      rig.pass(1000);
      await rig.look();
    }

    expect(asked).toBe(4);
    expect(rig.told(2)).toEqual([]);
  });
});

describe('an engine', () => {
  it('that got a page while it cleared gets the end after it (W33)', async () => {
    const { rig, incident } = await started();
    const steps = [{ atMs: 0, to: ['primary'], by: ['pd'] }];
    rig.escalation = escalation({ policies: new Map([['night', { ...night, steps }]]) });
    const pd = rig.way('pd', 'nothing');
    pd.answer = async ({ status }) => {
      if (status === 'firing') await incident.log.write({ type: 'cleared', stamp: rig.stamp });
      return 'receipt';
    };

    await rig.look();

    expect(rig.told().filter((each) => each.includes('pd'))).toEqual([
      'I42.1 - pd',
      expect.stringMatching(/pd resolved$/),
    ]);
  });
});

describe('an engine that was told of an incident which another one replaces', () => {
  it('hears its end, in these words (W13)', async () => {
    const { rig, incident } = await started();
    const steps = [{ atMs: 0, to: ['primary'], by: ['pd'] }];
    rig.escalation = escalation({ policies: new Map([['night', { ...night, steps }]]) });
    rig.way('pd', 'nothing');
    await rig.look();
    await incident.log.write({ type: 'replaced', stamp: rig.stamp, by: 'kim' });
    const before = rig.sent.length;

    await rig.look();
    await rig.look();

    expect(rig.told(before)).toEqual([expect.stringMatching(/^I42\.\d+ - pd resolved$/)]);
    expect(rig.sent.at(-1)?.page.text).toContain('It goes on as another incident, with a new ticket.');
  });
});

describe('an engine that forgets what it is not told again', () => {
  it('is told again until it is over, also while somebody has it, under the same number, and then not', async () => {
    const { rig, incident } = await started();
    const steps = [{ atMs: 0, to: ['primary'], by: ['am'] }];
    rig.escalation = escalation({ policies: new Map([['night', { name: 'night', steps }]]) });
    rig.way('am', 'nothing').repeatMs = minute;
    await rig.look();
    await incident.log.write({
      type: 'acknowledged',
      stamp: rig.stamp,
      by: 'kim',
      how: 'command',
      forMs: 240 * minute,
    });
    const before = incident.log.entries.length;
    for (let half = 0; half < 6; half++) {
      rig.pass(minute / 2);
      await rig.look();
    }
    rig.restart();
    rig.pass(minute);
    await rig.look();
    expect(rig.told()).toEqual(Array(5).fill('I42.1 - am'));
    expect(incident.log.entries).toHaveLength(before);

    await incident.log.write({ type: 'cleared', stamp: rig.stamp });
    for (let minutes = 0; minutes < 3; minutes++) {
      rig.pass(minute);
      await rig.look();
    }
    expect(rig.told(5).filter((each) => each.includes(' am'))).toEqual([expect.stringMatching(/am resolved$/)]);
  });
});

describe('a person', () => {
  const smsOnly = escalation({
    policies: new Map([['night', { ...night, steps: [{ atMs: 0, to: ['primary'], by: ['sms'] }] }]]),
  });

  async function flooded(severities: ('high' | 'emergency')[]): Promise<PagerRig> {
    const rig = new PagerRig();
    rig.escalation = smsOnly;
    for (const [index, severity] of severities.entries()) await rig.open(`I${42 + index}`, severity);
    rig.pass(minute);
    await rig.look();
    return rig;
  }

  it('gets one SMS of all that is due, the worst first, with the numbers of the others', async () => {
    const rig = await flooded(['high', 'emergency', 'high']);

    expect(rig.told()).toEqual(['I43.1 kim sms']);
    expect(rig.sent[0]?.page.short).toContain('+2: I42, I44.');
    rig.pass(2 * minute);
    await rig.look();
    expect(rig.told(1)).toEqual([]);
  });

  it('gets one SMS a minute, and hears the rest within the next', async () => {
    const rig = await flooded(['high']);
    await rig.open('I50', 'high');
    await rig.open('I51', 'high');
    rig.stamp = { ...rig.stamp };
    for (const { log } of rig.incidents.slice(1)) {
      const [opened] = log.entries;
      if (opened?.type === 'opened') opened.stamp = { ...opened.stamp, upMs: opened.stamp.upMs - minute };
    }
    await rig.look();
    expect(rig.told(1)).toEqual([]);
    rig.pass(minute);
    await rig.look();

    expect(rig.told(1)).toEqual(['I50.1 kim sms']);
    expect(rig.sent[1]?.page.short).toContain('+1: I51.');
  });

  it('hears at once of each incident where nobody looks again, five times in 15 minutes, and of nothing twice', async () => {
    const rig = new PagerRig();
    rig.escalation = smsOnly;
    for (let index = 0; index < 7; index++) {
      rig.restart(); // each reported by an event of its own
      await rig.open(`I${42 + index}`, 'high');
      await rig.looks({ isLast: true });
    }

    expect(rig.told()).toEqual(['I42', 'I43', 'I44', 'I45', 'I46'].map((id) => `${id}.1 kim sms`));
    rig.pass(15 * minute);
    rig.restart();
    await rig.looks({ isLast: true });
    expect(rig.told(5)).toEqual(['I47.1 kim sms']);
    expect(rig.sent[5]?.page.short).toContain('+6: I48, ');
  });

  it('gets at most 5 SMS in 15 minutes and 11 in an hour, but an emergency at once', async () => {
    const rig = new PagerRig();
    rig.escalation = escalation({
      ...smsOnly,
      routes: [{ when: 'always', severity: ['high', 'emergency'], policy: 'night' }],
    });
    for (let index = 0; index < 58; index++) {
      await rig.open(`I${100 + index}`, 'high');
      rig.pass(minute);
      await rig.look();
    }
    expect(rig.sent.length).toBe(11);
    await rig.open('I999', 'emergency');
    rig.pass(minute);
    await rig.look();

    expect(rig.told(11)).toEqual(['I999.1 kim sms']);
  });
});

describe('a watch that is killed', () => {
  class Killed extends Error {}

  /** Does the work of some minutes and is killed at one of its writes, before or after it; then it begins again. */
  async function killedAt(kill: number, isAfter: boolean): Promise<{ rig: PagerRig; writes: number }> {
    const folder = await temporaryFolder();
    const rig = new PagerRig();
    let writes = 0;
    let isDead = false;
    const killing = (incident: PagedIncident) => {
      const { write } = incident.log;
      incident.log.write = async (entry) => {
        if (isDead) throw new Killed();
        const isNow = ++writes === kill;
        if (isNow && !isAfter) isDead = true;
        if (isDead) throw new Killed();
        await write(entry);
        if (isNow) isDead = true;
        if (isDead) throw new Killed();
      };
    };
    const begin = async () => {
      rig.restart();
      rig.incidents.length = 0;
      isDead = false;
      killing(await rig.open('I42', 'emergency', join(folder, 'journal.jsonl')));
    };
    await begin();
    for (const deed of [1, 1, 4, 1, 5, 'ack', 1, 30] as const) {
      if (deed !== 'ack') rig.pass(deed * minute);
      for (let tries = 0; tries < 3; tries++) {
        try {
          const [incident] = rig.incidents;
          if (deed !== 'ack') await rig.look();
          else if (!incident?.log.entries.some(({ type }) => type === 'acknowledged'))
            await incident?.log.write({
              type: 'acknowledged',
              stamp: rig.stamp,
              by: 'lee',
              how: 'command',
              forMs: 240 * minute,
            });
          break;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          await begin();
        }
      }
    }
    return { rig, writes };
  }

  it('at any write loses no page, repeats at most one, and tells nobody after an answer (W01)', async () => {
    const wanted = ['1 kim sms', '1 kim mail', '2 kim call', '2 desk call', '3 lee sms', '3 lee call'].sort();
    const { rig: whole, writes } = await killedAt(0, false);
    expect(whole.sent).toHaveLength(wanted.length);

    for (let kill = 1; kill <= writes; kill++) {
      for (const isAfter of [false, true]) {
        const { rig } = await killedAt(kill, isAfter);
        const told = rig.told();
        const what = `write ${kill}, ${isAfter ? 'after' : 'before'}: ${told.join('; ')}`;

        expect(new Set(told.map((each) => each.replace(/^I42\.\d+ /, ''))), what).toEqual(
          new Set(wanted.map((each) => each.replace(/^\d /, ''))),
        );
        expect(told.length - wanted.length, what).toBeLessThanOrEqual(1);
      }
    }
  });
});
