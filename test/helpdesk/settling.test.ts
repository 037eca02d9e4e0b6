import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { latest } from '../../src/domain/journal.ts';
import { isOutcomeUnknown } from '../../src/domain/owed.ts';
import { type ApiHelpDesk, HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { type RestConfig, RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { type MockFault, type MockSwitches, startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { settleByHand } from '../../src/runs/resume.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { register } from '../../src/tickets/register.ts';
import { runAsOwner } from '../../src/tickets/settle.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { temporaryFolder } from '../support/rig.ts';
import { draftOf } from './contract.ts';

const never = new AbortController().signal;
const token = 'tok-canary-0123456789';
const start = Date.parse('2026-03-01T12:00:00Z');

/** A mock help desk and a run that registers there; what is waited for passes in no time. */
async function startSettling(
  config: Partial<RestConfig> & { searchLagMs?: number; idempotencyMs?: number } = {},
  switches: Partial<MockSwitches> = {},
  change: (desk: RestDesk) => ApiHelpDesk = (desk) => desk,
) {
  const folder = await temporaryFolder();
  const mock = await startMockHelpDesk({ port: 0, token, folder, maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  Object.assign(mock.switches, switches);
  let passedMs = 0;
  const now = () => new Date(start + passedMs);
  const sleep = async (ms: number) => {
    passedMs += ms;
    mock.switches.searchLagMs = Math.max(0, mock.switches.searchLagMs - ms);
  };
  const said: string[] = [];
  const emit: Operator['emit'] = (event) => void said.push('text' in event ? String(event.text) : event.type);
  const operator = { emit, sleep, now } as unknown as Operator;
  const run = await openRunStore(folder, now).create('ice01', now(), 'UTC');
  const { searchLagMs = 0, idempotencyMs, ...rest } = config;
  const deskAt = (url: string) => {
    const desk = new RestDesk({ url, token, env: {}, ...rest });
    Object.assign(desk.caps, { searchLagMs }, idempotencyMs === undefined ? {} : { idempotencyMs });
    return change(desk);
  };
  return {
    mock,
    run,
    said,
    passedMs: () => passedMs,
    wait: (ms: number) => sleep(ms),
    fault: (route: string, fault: MockFault['fault'], status?: number, more: Partial<MockFault> = {}) =>
      void mock.faults.push({ route, fault, ...(status === undefined ? {} : { status }), ...more }),
    register: (url = mock.url, reference = 'REF-1') =>
      register(draftOf(reference), { owner: runAsOwner(run), desk: deskAt(url), operator, signal: never }),
    posts: () => mock.requests.filter((request) => request.startsWith('POST')).length,
  };
}

const noKeys = { idempotencyKeys: false };

describe('a registration in doubt', () => {
  it.each([
    ['a broken connection', 'reset-after', undefined],
    ['a 500', 'status-after', 500],
    ['a 503', 'status-after', 503],
    ['a 409', 'status-after', 409],
    ['a page that is no ticket', 'status-after', 200],
  ] as const)('by %s is settled by looking: the ticket is there, and is taken (F01, F07, F11, F14)', async (_what, fault, status) => {
    const { register, fault: goes, mock, posts } = await startSettling(noKeys);
    goes('POST /tickets', fault, status, { body: status === 200 ? '<html>Sign in</html>' : undefined });

    const { ticket, created } = await register();

    expect({ key: ticket.key, created }).toEqual({ key: 'TIC-1001', created: true });
    expect(mock.tickets).toHaveLength(1);
    expect(posts()).toBe(1);
  });

  it.each([
    ['a request that was lost', 'reset-before', undefined],
    ['a 500', 'status-before', 500],
    ['a 409', 'status-before', 409],
  ] as const)('by %s is repeated under its key when nothing is found (F11, F14)', async (_what, fault, status) => {
    const { register, fault: goes, mock, passedMs, posts } = await startSettling();
    goes('POST /tickets', fault, status);

    await register();

    expect(mock.tickets).toHaveLength(1);
    expect(posts()).toBe(2);
    expect(passedMs(), 'it looked for a while before').toBe(14_000);
  });

  it('is left to a person where the help desk knows no keys and the ticket is not found (F02)', async () => {
    const { register, fault, mock, posts } = await startSettling(noKeys);
    fault('POST /tickets', 'reset-before');

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown', exit: 6 });

    expect(mock.tickets).toEqual([]);
    expect(posts()).toBe(1);
  });

  it('because the help desk is still at work is settled when that has ended, without a second request (F04)', async () => {
    const { register, mock, posts } = await startSettling({ ...noKeys, timeoutMs: 300 }, { preCommitMs: 1500 });

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });
    await vi.waitUntil(() => mock.tickets.length === 1, { timeout: 10_000 });
    const { ticket } = await register();

    expect(ticket.key).toBe('TIC-1001');
    expect(posts()).toBe(1);
  });

  it.each([
    0, 5000, 13_000,
  ])('is settled although tickets are found only %i ms after they were made (F05)', async (searchLagMs) => {
    const { register, fault, mock, posts } = await startSettling(noKeys, { searchLagMs });
    fault('POST /tickets', 'reset-after');

    const { ticket } = await register();

    expect(ticket.key).toBe('TIC-1001');
    expect([mock.tickets.length, posts()]).toEqual([1, 1]);
  });

  it('is settled by the next try, after the time the help desk may need, although tickets are found only after 60 s (F05)', async () => {
    const { register, fault, mock, passedMs, posts } = await startSettling(noKeys, { searchLagMs: 60_000 });
    fault('POST /tickets', 'reset-after');

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });
    const { ticket } = await register();

    expect(ticket.key).toBe('TIC-1001');
    expect([mock.tickets.length, posts()]).toEqual([1, 1]);
    expect(passedMs()).toBeGreaterThanOrEqual(60_000);
  });

  it.each([
    [0, 14],
    [30_000, 44],
    [150_000, 60],
  ])('is looked for until a lag of %i ms has passed once, and never longer than a minute: %i s', async (searchLagMs, seconds) => {
    const { register, fault, passedMs } = await startSettling({ ...noKeys, searchLagMs }, { searchLagMs: 10 * 60_000 });
    fault('POST /tickets', 'reset-after');

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });

    expect(passedMs()).toBe(seconds * 1000);
  });

  it('is repeated under its key only as long as the help desk knows it: later it is looked for, and waited', async () => {
    const { register, fault, mock, posts, wait } = await startSettling(
      { idempotencyMs: 20_000 },
      { searchLagMs: 60_000 },
    );
    for (let times = 0; times < 2; times++) fault('POST /tickets', 'reset-after');
    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });
    await wait(10_000);

    const { ticket } = await register();

    expect(ticket.key).toBe('TIC-1001');
    expect([mock.tickets.length, posts()]).toEqual([1, 2]);
  });

  it.each([
    ['asked to wait', 429],
    ['not let in', 401],
  ])('stays so where the help desk, asked again, does not look at it: %s', async (_what, status) => {
    const { register, fault, mock, run, said } = await startSettling({}, { searchLagMs: 10 * 60_000 });
    fault('POST /tickets', 'reset-after');
    for (let times = 0; times < 4; times++) fault('POST /tickets', 'status-before', status);

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown', exit: 6 });

    expect(isOutcomeUnknown(run.journal)).toBe(true);
    expect(said.at(-1)).toMatch(`registering again failed: ${new URL(mock.url).origin} answered ${status}`);
    mock.faults.length = 0;
    expect((await register()).ticket.key).toBe('TIC-1001');
    expect(mock.tickets).toHaveLength(1);
  });

  it('stays so where a later try, under the same key, does not get there', async () => {
    const { register, fault, mock, run } = await startSettling({}, { searchLagMs: 10 * 60_000 });
    for (let times = 0; times < 2; times++) fault('POST /tickets', 'reset-after');
    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });
    for (let times = 0; times < 4; times++) fault('POST /tickets', 'status-before', 429);

    await expect(register()).rejects.toMatchObject({ code: 'outcome-unknown' });

    expect(isOutcomeUnknown(run.journal)).toBe(true);
    expect(mock.tickets).toHaveLength(1);
  });

  it('has ended where the help desk, asked again, says what the ticket lacks', async () => {
    const { register, fault, run } = await startSettling({}, {}, (desk) => {
      const create = desk.create.bind(desk);
      let times = 0;
      const lacks = new HelpDeskError('invalid', 'Site is required', { required: [{ field: 'Site', label: 'Site' }] });
      return Object.assign(desk, {
        create: (...given: Parameters<typeof create>) => (++times === 1 ? create(...given) : Promise.reject(lacks)),
      });
    });
    fault('POST /tickets', 'reset-before');

    await expect(register()).rejects.toMatchObject({ message: 'Site is required' });

    expect(latest(run.journal, 'not-registered')).toMatchObject({ reason: 'Site is required' });
    expect(isOutcomeUnknown(run.journal)).toBe(false);
  });

  it('is made one ticket by the key where tickets are found only after 60 s (F05)', async () => {
    const { register, fault, mock } = await startSettling({}, { searchLagMs: 60_000 });
    fault('POST /tickets', 'reset-after');

    await register();

    expect(mock.tickets).toHaveLength(1);
  });

  it.each([
    ['keys', {}],
    ['no keys', noKeys],
  ])('makes one ticket at a desk with %s, wherever the connection is cut on the way there or back (F01, F02)', async (_what, config) => {
    const { mock, register, run } = await startSettling(config);
    const port = Number(new URL(mock.url).port);
    const proxy = await startChaosProxy(port);
    const url = mock.url.replace(String(port), String(proxy.port));
    const cuts = (['up', 'down'] as const).flatMap((way) => [...Array(10).keys()].map((n) => ({ way, at: n * 61 })));

    for (const [index, { way, at }] of cuts.entries()) {
      const reference = `cut-${index}`;
      proxy.change({ up: {}, down: {}, [way]: { cut: { afterBytes: at, by: 'rst' } } });
      await register(url, reference).catch(() => undefined);
      proxy.change({ up: {}, down: {} });
      await register(url, reference);
      await run.journal.write({ type: 'registered', origin: 'elsewhere', id: '', key: '', url: '', created: false });
    }

    const made = cuts.map((_cut, index) => mock.tickets.filter(({ reference }) => reference === `cut-${index}`).length);
    expect(made).toEqual(cuts.map(() => 1));
  });
});

describe('a help desk that drops the reference', () => {
  it('is asked for one ticket, however often the registration is tried', async () => {
    const { register, mock, posts } = await startSettling(noKeys, { dropReference: true });

    for (let times = 0; times < 3; times++)
      await expect(register()).rejects.toMatchObject({ code: 'reference-not-kept', exit: 6 });

    expect([mock.tickets.length, posts()]).toEqual([1, 1]);
  });

  it('is asked for one ticket although it could not be read back at first', async () => {
    const { register, fault, mock, posts } = await startSettling(noKeys);
    for (let times = 0; times < 4; times++) fault('GET /tickets/{id}', 'status-before', 500);

    await expect(register()).rejects.toMatchObject({ kind: 'unavailable' });
    const { ticket, created } = await register();

    expect([ticket.key, created]).toEqual(['TIC-1001', true]);
    expect([mock.tickets.length, posts()]).toEqual([1, 1]);
  });

  it('is asked once more to keep it, where it can be', async () => {
    const { register, mock } = await startSettling(noKeys, { dropReference: true }, (desk) => {
      const setReference = async (id: string, reference: string) => {
        const ticket = mock.tickets.find((each) => each.id === id);
        if (ticket !== undefined) ticket.reference = reference;
      };
      return Object.assign(desk, { setReference });
    });

    const { ticket, created } = await register();

    expect([ticket.reference, created]).toEqual(['REF-1', true]);
  });

  it('may be told that the ticket is gone: then another one is registered', async () => {
    const { register, run, mock } = await startSettling(noKeys, { dropReference: true, idempotency: false });
    await expect(register()).rejects.toMatchObject({ code: 'reference-not-kept' });
    mock.switches.dropReference = false;

    await settleByHand(run, { doesNotExist: true });
    const { ticket } = await register();

    expect(ticket.key).toBe('TIC-1002');
  });
});

describe('a help desk that asks to wait', () => {
  it.each([
    ['seconds', '20', [20]],
    ['an HTTP date', 'Sun, 01 Mar 2026 12:00:30 GMT', [30]],
    ['no time', undefined, [0]],
    ['nonsense', 'soon', [0]],
    ['less than nothing', '-5', [0]],
    ['a time that is over', 'Sun, 01 Mar 2026 11:00:00 GMT', [0]],
  ])('for %s is waited for, and a little longer (F13)', async (_what, wait, [atLeastS]) => {
    const { register, fault, mock, passedMs } = await startSettling();
    const headers = { date: new Date(start).toUTCString(), ...(wait === undefined ? {} : { 'retry-after': wait }) };
    fault('POST /tickets', 'status-before', 429, { headers });

    await register();

    expect(mock.tickets).toHaveLength(1);
    expect(passedMs()).toBeGreaterThan((atLeastS ?? 0) * 1000 + 500);
    expect(passedMs()).toBeLessThan((atLeastS ?? 0) * 1000 + 1500);
  });

  it('is not asked at the same moment by all who were told the same (F13)', async () => {
    const waits = new Set<number>();

    for (let machine = 0; machine < 5; machine++) {
      const { register, fault, passedMs } = await startSettling();
      fault('POST /tickets', 'status-before', 429, { headers: { 'retry-after': '10' } });
      await register();
      waits.add(Math.round(passedMs()));
    }

    expect(waits.size).toBeGreaterThan(1);
  });

  it('again and again is waited for two minutes at most (F13)', async () => {
    const { register, fault, passedMs, posts } = await startSettling();
    for (let times = 0; times < 4; times++)
      fault('POST /tickets', 'status-before', 429, { headers: { 'retry-after': '50' } });

    await expect(register()).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 50_000 });

    expect(posts()).toBe(3);
    expect(passedMs()).toBeLessThan(120_000);
  });

  it('without saying how long is asked four times, and nothing is registered (F13)', async () => {
    const { register, fault, mock, posts } = await startSettling();
    for (let times = 0; times < 4; times++) fault('POST /tickets', 'status-before', 429);

    await expect(register()).rejects.toMatchObject({ kind: 'rate-limited', maybeApplied: false });

    expect(posts()).toBe(4);
    expect(mock.tickets).toEqual([]);
  });
});
