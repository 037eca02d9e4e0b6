import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Maintenance } from '../../src/domain/maintenance.ts';
import { type Letter, NotifyError } from '../../src/notify/channel.ts';
import { openReminded, type Reminded } from '../../src/state/reminded.ts';
import { Reminder } from '../../src/watch/maintenance/reminder.ts';
import type { Watching } from '../../src/watch/watching.ts';
import { temporaryFolder } from '../support/rig.ts';
import { escalation } from './escalation/simulated.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-11-20T09:00:00Z');
const inMs = (ms: number) => new Date(start + ms).toISOString();

const m8: Maintenance = {
  ...{ schema: 1, id: 'M8', targets: ['ice03'], check: 'vms', instance: 'dc01', zone: 'UTC', created: inMs(0) },
  ...{ reason: 'its <disk> is ordered, password: hunter2', by: 'lee' },
  when: { kind: 'until-ok', from: inMs(0), until: inMs(30 * day) },
};
const watched = [
  { appliance: { name: 'ice03', id: 3, address: '192.0.2.3', via: [], primaryContact: 'mo' }, checks: [] },
];
const about = {
  ...{ watched, organization: 'Example AB', zone: 'UTC' },
  mask: (text: string) => text.replace('hunter2', '•••'),
};

type Outcome = 'sent' | 'refused' | 'perhaps';

/** A watch over days, by a clock that the test turns; what is noted outlasts it. */
class World {
  passedMs = 0;
  outcome: Outcome = 'sent';
  maintenances: Maintenance[] = [m8];
  servers = {};
  /** The mails that left or may have, and when. */
  readonly mails: { at: number; letter: Letter; noted: Date | undefined }[] = [];
  readonly told: unknown[] = [];
  private readonly reminded: Reminded;
  private reminder: Reminder;

  constructor(reminded: Reminded) {
    this.reminded = reminded;
    this.reminder = this.started();
  }

  restart(): void {
    this.reminder = this.started();
  }

  async look(restMs: number): Promise<void> {
    this.passedMs += restMs;
    await this.reminder.look(this.watching(), { schema: 1, servers: this.servers });
  }

  private started(): Reminder {
    const { reminded } = this;
    const list = async () => ({ known: this.maintenances, damaged: [] });
    return new Reminder({
      watch: { reminded, maintenances: { list } as never },
      stamp: async () => ({ wallMs: start + this.passedMs, boot: 'a', upMs: this.passedMs }),
      tell: (line) => void this.told.push(line.text),
      signal: new AbortController().signal,
    });
  }

  private watching(): Watching {
    const mail = async (letter: Letter) => {
      if (this.outcome === 'refused') throw new NotifyError('unavailable', 'it is down');
      this.mails.push({ at: this.passedMs, letter, noted: await this.reminded.at() });
      if (this.outcome === 'perhaps') throw new NotifyError('unavailable', 'it was cut', { maybeSent: true });
    };
    const channels = [{ channel: { name: 'sms' } }, { channel: { name: 'mail', mail } }];
    return { watched, about, channels, escalation: escalation() } as never;
  }
}

function inMemory(): Reminded {
  let noted: Date | undefined;
  return {
    at: async () => noted,
    note: async (at) => {
      noted = at;
    },
  };
}

describe('maintenance until something is well that is never ended (W41)', () => {
  it('is told of once a day by mail, also where the watch is restarted, to who announced it and who works there', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'watch'));
    const world = new World(openReminded(folder));

    for (let hours = 0; hours < 71; hours++) {
      world.restart();
      await world.look(hour);
    }

    expect(world.mails.map(({ at }) => at / hour)).toEqual([24, 48]);
    expect(world.mails[1]?.letter).toMatchObject({
      to: ['lee@example.com', 'mo@example.com'],
      subject: 'Example AB: nobody is told of ICE03, vms dc01',
      text: expect.stringContaining('M8: nobody is told of ICE03, vms dc01 until it is well, for 2 days now\n'),
    });
    const { text = '', html = '' } = world.mails[1]?.letter ?? {};
    expect(text).toContain(
      'its <disk> is ordered, password: ••• (lee); since 2026-11-20 09:00, ends by itself 2026-12-20',
    );
    expect(text).toContain('End it: icepack maintenance end M8\n');
    expect(text).toContain('times are those of UTC');
    expect(html).toContain('its &lt;disk&gt; is ordered');
  });

  it('has each mail noted before it leaves: a watch that is killed then sends no second one', async () => {
    const world = new World(inMemory());

    await world.look(25 * hour);

    expect(world.mails).toMatchObject([{ noted: new Date(start + 25 * hour) }]);
  });

  it('ends by itself after 30 days, which is said once', async () => {
    const world = new World(inMemory());

    for (let hours = 0; hours < 34 * 24; hours += 6) await world.look(6 * hour);

    const texts = world.mails.map(({ letter }) => letter.text);
    expect(texts).toHaveLength(30);
    expect(texts.filter((text) => text.includes('ended by itself'))).toEqual([texts.at(-1)]);
    expect(texts.at(-1)).toContain('M8: ended by itself 2026-12-20 09:00, after 30 days: ICE03, vms dc01 was not seen');
  });

  it('is told of no more once it was ended, or where it lasts for less than a day', async () => {
    const world = new World(inMemory());
    const ended = { at: inMs(30 * hour), by: 'lee' };
    const short: Maintenance = { ...m8, id: 'M9', when: { kind: 'until-ok', from: inMs(0), until: inMs(2 * hour) } };
    world.maintenances = [{ ...m8, ended }, short];

    for (let hours = 0; hours < 96; hours++) await world.look(hour);

    expect(world.mails.map(({ at }) => at / hour)).toEqual([24]);
  });

  it('is told of as well where somebody stopped a machine', async () => {
    const world = new World(inMemory());
    const at = { wallMs: start, boot: 'a', upMs: 0 };
    const event = { phase: 'firing', badSince: at, watchedMs: 0, looks: 1, seenAt: at, onPurpose: true };
    const seen = [
      {
        check: 'vms',
        instance: 'dc01',
        answer: { is: 'bad', text: '' },
        at,
        event: { ...event, suppressed: 'stopped' },
      },
    ];
    world.maintenances = [];
    world.servers = { ice03: { seen, refused: {}, hung: {} } };

    await world.look(25 * hour);

    expect(world.mails[0]?.letter).toMatchObject({
      to: ['mo@example.com'],
      text: expect.stringMatching(
        /^nobody is told of vms dc01 on ICE03 until it is well, for 1 day now\nstopped on purpose;/,
      ),
    });
  });

  it('is never told of twice within a day, whatever fails and how often the watch is restarted; and is told of again', async () => {
    const outcome = fc.constantFrom<Outcome>('sent', 'refused', 'perhaps');
    const looks = fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 900 }), isNew: fc.boolean(), outcome }));
    await fc.assert(
      fc.asyncProperty(looks, async (all) => {
        const world = new World(inMemory());
        for (const { minutes, isNew, outcome: next } of all) {
          world.outcome = next;
          if (isNew) world.restart();
          await world.look(minutes * 60_000);
        }
        world.outcome = 'sent';
        if (world.passedMs < 28 * day) await world.look(day);

        const times = world.mails.map(({ at }) => at);
        for (const [index, at] of times.entries())
          if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(day);
        if (world.passedMs < 29 * day) expect(world.passedMs - (times.at(-1) ?? 0)).toBeLessThan(day);
      }),
    );
  });

  it('whose mail is refused is told of when it goes, and the failure is shown once', async () => {
    const world = new World(inMemory());
    world.outcome = 'refused';
    for (let hours = 0; hours < 30; hours++) await world.look(hour);
    world.outcome = 'sent';
    await world.look(hour);

    expect(world.mails.map(({ at }) => at / hour)).toEqual([31]);
    expect(world.told).toEqual([
      'the reminder of what nobody is told of was not sent: it is down',
      'Example AB: nobody is told of ICE03, vms dc01: lee@example.com, mo@example.com reminded',
    ]);
  });
});
