import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defined } from '../../src/domain/defined.ts';
import type { Escalation } from '../../src/domain/escalation.ts';
import { latest } from '../../src/domain/journal.ts';
import type { Stamp } from '../../src/domain/watch-event.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { type MockFault, startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { openTicketJournals } from '../../src/state/ticket-journals.ts';
import { openWatchNotes } from '../../src/state/watch-notes.ts';
import { FollowUp, type FollowUpTools } from '../../src/watch/follow-up.ts';
import { aboutOf } from '../../src/watch/incident/words.ts';
import type { Watching } from '../../src/watch/watching.ts';
import { temporaryFolder } from '../support/rig.ts';
import { FakeChannel, type Sent } from './escalation/pager-rig.ts';
import { escalation } from './escalation/simulated.ts';

const token = 'secret-token';
const second = 1000;

/** A watch that looks once a second, by a clock that the test turns. */
async function followingUp(paging = escalation()) {
  const folder = await temporaryFolder();
  const mock = await startMockHelpDesk({ port: 0, token, folder, maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  let passedMs = 0;
  const start = Date.parse('2026-11-20T10:00:00Z');
  const stamp = async (): Promise<Stamp> => ({ wallMs: start + passedMs, boot: 'a', upMs: 1_000_000 + passedMs });
  const now = () => new Date(start + passedMs);
  const notes = openWatchNotes(folder, now);
  onTestFinished(await notes.lock(now()));
  const silent = {
    ...{ name: 'silent', kind: 'reach', event: 'server silent', severity: 'emergency' },
    ...{ everyMs: 120_000, forMs: 900_000, clearForMs: 120_000 },
  };
  const watched = [
    { appliance: { name: 'ice01', id: 1, address: '192.0.2.1', cluster: 'east', via: [] }, checks: [silent] },
  ];
  const sent: Sent[] = [];
  const channels = ['mail', 'sms', 'call'].map((name) => ({
    channel: new FakeChannel(name, name === 'mail' ? 'email' : 'phone', sent),
    orElse: [],
    withinMs: 180_000,
  }));
  const desk = new RestDesk({ url: mock.url, token, env: {} });
  const settings = { desk, place: mock.url, licenses: {}, fields: [], attachmentLimit: 1 };
  const incidents = {
    ...{ tickets: true, bundles: false, groupBy: 'cluster', waitMs: 60_000, cap: { count: 10, perMs: 3_600_000 } },
    ...{ reopenMs: 7_200_000, flapping: { cycles: 4, withinMs: 7_200_000, calmMs: 1_800_000 } },
  };
  const watching = {
    ...{ watched, policy: { blind: { forMs: 1_800_000, severity: 'low' }, incidents }, escalation: paging },
    ...{ configPath: '', organization: 'Example AB', channels, settings: async () => settings },
    about: await aboutOf({ watched: watched as never, organization: 'Example AB', zone: 'UTC' }, true),
  } as unknown as Watching;
  const operator = { emit: () => undefined, sleep: async () => undefined, now, zone: 'UTC' };
  const tools = {
    ...{ operator, runs: openRunStore(folder, now), tickets: openTicketJournals(folder, now), watch: notes, stamp },
    ...{ tell: () => undefined, signal: new AbortController().signal },
  } as unknown as FollowUpTools;
  const badSince = await stamp();
  const event = { phase: 'firing', badSince, watchedMs: 0, looks: 3, seenAt: badSince, told: true };
  const answer = { is: 'bad', text: 'timed out' };
  const seen = [{ check: 'silent', answer, at: badSince, event }];
  const sighting = { schema: 1, servers: { ice01: { seen, refused: {}, hung: {} } } } as never;
  let followUp = await FollowUp.of(watching, tools);
  /** @returns after how many seconds something was so; undefined where it was not within these */
  const secondsUntil = async (isSo: () => Promise<boolean>, within: number): Promise<number | undefined> => {
    for (; passedMs <= within * second; passedMs += second) {
      await followUp.look(sighting, { isLast: false });
      if (await isSo()) return passedMs / second;
    }
    return undefined;
  };
  /** Another process, which looks once and ends. */
  const once = async () => {
    passedMs += 60 * second;
    followUp = await FollowUp.of(watching, tools);
    return followUp.look(sighting, { isLast: true });
  };
  const incidentsOpen = async () => (await notes.incidents.open()).known;
  const ticketOf = async () => {
    const [first] = await incidentsOpen();
    return first && latest(first.ticket, 'registered')?.key;
  };
  /** @param afterMs so long after the look before */
  const look = async (afterMs = second) => {
    passedMs += afterMs;
    await followUp.look(sighting, { isLast: false });
  };
  return {
    mock,
    sent,
    secondsUntil,
    once,
    incidentsOpen,
    ticketOf,
    look,
    notes,
    said: join(folder, 'watch', 'open', 'I1', 'said.jsonl'),
  };
}

/** People who are told of what is low by mail, and of all else by everything. */
function lowByMail() {
  const mailOnly = { name: 'mailOnly', steps: [{ atMs: 0, to: ['primary'], by: ['mail'] }] };
  const base = escalation();
  return escalation({
    routes: [
      { when: 'always', severity: ['low'], policy: 'mailOnly' },
      { when: 'always', severity: ['medium', 'high', 'emergency'], policy: 'night', answerMs: 3_600_000 },
    ],
    policies: new Map([...base.policies, ['mailOnly', mailOnly]]),
  } as Partial<Escalation>);
}

describe('what fires', () => {
  it('is told to the first person within 75 seconds, and has its ticket within 90', async () => {
    const { sent, secondsUntil, ticketOf } = await followingUp();

    const told = await secondsUntil(async () => sent.length > 0, 75);
    const registered = await secondsUntil(async () => (await ticketOf()) !== undefined, 90);

    expect(defined({ told, registered })).toEqual({ told: expect.any(Number), registered: expect.any(Number) });
    expect(sent[0]).toMatchObject({ person: expect.any(String) });
  });

  it('is told as soon while the help desk is down (W07)', async () => {
    const { mock, sent, secondsUntil, ticketOf } = await followingUp();
    for (let count = 0; count < 100; count++)
      mock.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });

    const told = await secondsUntil(async () => sent.length > 0, 75);

    expect(told).toEqual(expect.any(Number));
    expect(await ticketOf()).toBeUndefined();
  });
});

describe('an incident of which it cannot be read any more what people said', () => {
  it('is told to the primary contact once, and goes on when it can; the watch goes on all the time (W60, W76)', async () => {
    const { sent, secondsUntil, look, notes, said } = await followingUp();
    await secondsUntil(async () => sent.length > 0, 75);
    const before = sent.length;
    const warnings = () => sent.filter(({ page }) => page.incident.id === 'damage');
    writeFileSync(said, 'no line of a journal\n', { mode: 0o600 });

    for (let times = 0; times < 5; times++) await look();
    await look(61 * second);
    const once = warnings();
    rmSync(said);
    await notes.incidents.say('I1', {
      ...{ type: 'acknowledged', by: 'kim', how: 'command', forMs: 86_400_000 },
      stamp: { wallMs: Date.parse('2026-11-20T10:05:00Z'), boot: 'a', upMs: 1_300_000 },
    });
    await look(25 * 3_600_000);

    expect(before).toBeGreaterThan(0);
    expect(once.map(({ person }) => person)).toEqual(['kim']);
    expect(once[0]?.page.text).toContain(`${said}:1 is damaged`);
    expect(warnings()).toHaveLength(1);
    const [incident] = (await notes.incidents.open()).known;
    expect(incident?.log.entries.filter(({ type }) => type === 'acknowledged')).toHaveLength(1);
  });
});

describe('a help desk that asks to be left alone for ten minutes', () => {
  const busy = {
    route: 'GET /tickets',
    fault: 'status-before',
    status: 429,
    headers: { 'retry-after': '600' },
  } as const;

  it('is, while people are told; then there is one ticket (W09)', async () => {
    const { mock, sent, secondsUntil, ticketOf } = await followingUp();
    mock.faults.push(busy);

    const asked = (await secondsUntil(async () => mock.requests.length > 0, 100)) ?? 0;
    const registered = (await secondsUntil(async () => (await ticketOf()) !== undefined, 1000)) ?? 0;

    expect(registered - asked).toBeGreaterThanOrEqual(600);
    expect(registered - asked).toBeLessThan(610);
    expect(mock.requests.filter((request) => request === 'POST /api/v1/tickets')).toHaveLength(1);
    expect(new Set(sent.map(({ person }) => person))).toEqual(new Set(['kim', 'desk', 'lee']));
  });

  it('is asked by no other process before either, which owes a ticket until then (W09)', async () => {
    const { mock, once, ticketOf } = await followingUp();
    mock.faults.push(busy);

    const owed: boolean[] = [];
    for (let minutes = 0; minutes < 10; minutes++) owed.push((await once()).owesTicket);
    const asked = mock.requests.length;

    expect([asked, new Set(owed)]).toEqual([1, new Set([true])]);
    expect([await once(), mock.tickets.length]).toEqual([{ owesTicket: false }, 1]);
    expect(await ticketOf()).toBe('TIC-1001');
  });
});

describe('a help desk that does not let icepack in', () => {
  const refusing = ({ faults }: { faults: MockFault[] }, status: number) => {
    for (const route of ['GET /tickets', 'GET /account'])
      for (let count = 0; count < 100; count++) faults.push({ route, fault: 'status-before', status });
  };

  it('is a low incident of its own, told by mail, while pages of others go on (W10)', async () => {
    const { mock, sent, secondsUntil, incidentsOpen } = await followingUp(lowByMail());
    refusing(mock, 401);
    const told = (id: string) => sent.filter((page) => page.id.startsWith(`${id}.`));

    expect(await secondsUntil(async () => told('I2').length > 0, 200)).toBeDefined();
    expect(await secondsUntil(async () => told('I1').some(({ person }) => person === 'lee'), 700)).toBeDefined();

    expect(told('I2').map(({ channel, status: is, page }) => [channel, is, page.severity])).toEqual([
      ['mail', 'firing', 'low'],
    ]);
    expect(told('I2')[0]?.page.text).toContain('answered 401');
    expect(told('I2')[0]?.page.text).toContain('No ticket is opened for this.');
    expect(told('I1').map(({ channel }) => channel)).toContain('sms');
    mock.faults.splice(0);
    const isOver = async () => (await incidentsOpen()).map(({ id }) => id).join() === 'I1';
    expect(await secondsUntil(isOver, 3000)).toBeDefined();
    expect(told('I2').map(({ channel, status: is }) => [channel, is])).toEqual([
      ['mail', 'firing'],
      ['mail', 'resolved'],
    ]);
    expect(mock.tickets).toHaveLength(1);
  });

  it('that refuses a right is told by rounds of their own, too, and ends when it lets us in (W10)', async () => {
    const { mock, sent, once, incidentsOpen } = await followingUp(lowByMail());
    refusing(mock, 403);

    const told = () => sent.filter(({ id }) => id.startsWith('I2.')).map(({ channel }) => channel);

    expect([await once(), await once()]).toEqual([{ owesTicket: true }, { owesTicket: true }]);
    expect(told()).toEqual(['mail']);

    mock.faults.splice(0, mock.faults.length, ...mock.faults.filter(({ route }) => route === 'GET /account'));
    expect([await once(), (await incidentsOpen()).length]).toEqual([{ owesTicket: false }, 2]);
    await once();
    expect([(await incidentsOpen()).length, told()]).toEqual([2, ['mail']]);
    mock.faults.splice(0);
    for (let minutes = 0; minutes < 12; minutes++) await once();
    expect(told()).toEqual(['mail', 'mail']);
    expect(sent.findLast(({ id }) => id.startsWith('I2.'))?.status).toBe('resolved');
    expect((await incidentsOpen()).map(({ id }) => id)).toEqual(['I1']);
    expect(mock.tickets).toHaveLength(1);
  });

  it('is nothing of that while it is down or busy (W07)', async () => {
    const { mock, secondsUntil, incidentsOpen } = await followingUp();
    refusing(mock, 503);

    await secondsUntil(async () => false, 120);

    expect((await incidentsOpen()).map(({ id }) => id)).toEqual(['I1']);
  });
});
