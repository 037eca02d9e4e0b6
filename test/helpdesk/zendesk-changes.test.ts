import { describe, expect, it } from 'vitest';
import type { ZendeskConfig } from '../../src/helpdesk/zendesk/desk.ts';
import { bundleOf, draftOf, failureOf } from './contract.ts';
import { startZendeskRig } from './zendesk-rig.ts';

const never = new AbortController().signal;
const note = { body: 'Seen again.', public: true, marker: '[note 1]' };

/** With one ticket. */
async function start(config: Partial<ZendeskConfig> = {}) {
  const rig = await startZendeskRig(config);
  const { id } = await rig.desk.create(draftOf('REF-1'), never);
  const ticket = rig.zendesk.store.tickets[0];
  if (ticket === undefined) throw new Error('no ticket');
  const { store } = rig.zendesk;
  const uploads = () => rig.zendesk.requests.filter(({ call }) => call === 'POST /api/v2/uploads').length;
  const writes = () => rig.zendesk.requests.filter(({ call }) => call.startsWith('PUT')).length;
  return { ...rig, id, ticket, store, faults: store.faults, uploads, writes };
}

describe('a file at Zendesk', () => {
  it('is sent again with a new token after a lost request: a token is good once (F23)', async () => {
    const { desk, proxy, id, uploads } = await start();
    const bundle = await bundleOf(1000);
    proxy.faults.push({ route: /^PUT/, how: 'lose-request' });

    await failureOf(desk.attach(id, bundle, note, never));
    await desk.attach(id, bundle, note, never);

    expect((await desk.get(id, never)).files).toHaveLength(1);
    expect(uploads()).toBe(2);
  });

  it('whose answer was lost before it was attached leaves no doubt: nothing of the ticket has changed', async () => {
    const { desk, proxy, id } = await start();
    proxy.faults.push({ route: /uploads/, how: 'lose-answer' });

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
  });

  it('whose token is too old is refused, and certainly not attached', async () => {
    const { desk, store, faults, id, ticket } = await start();
    faults.before = () => store.pass(61 * 60_000);

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
    expect(ticket.comments).toHaveLength(1);
  });

  it('whose token is ignored with 200 is missed', async () => {
    const { desk, store, faults, id } = await start();
    faults.spentToken = 'is ignored';
    faults.before = () => store.pass(61 * 60_000);

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
  });

  it('that was not attached does not lie about for everybody who is logged in', async () => {
    const { desk, proxy, store, id } = await start();
    proxy.faults.push({ route: /^PUT/, how: 'answer', status: 422, body: '{"error":"RecordInvalid"}' });

    await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(store.uploads.unused).toBe(0);
  });

  it('is not taken back where it may be attached all the same', async () => {
    const { desk, proxy, id } = await start();
    proxy.faults.push({ route: /^PUT/, how: 'lose-answer' });

    await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(proxy.requests.filter((each) => each.startsWith('DELETE'))).toEqual([]);
    expect((await desk.get(id, never)).files).toHaveLength(1);
  });

  it('of a type that is not allowed is refused with what to do', async () => {
    const { desk, faults, id, writes } = await start();
    faults.refusedTypes = ['zip'];

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('administrator can allow zip') });
    expect(writes()).toBe(0);
  });

  it('that is too large is known as that, whatever the status', async () => {
    const { desk, faults, id } = await start();
    faults.maxFileBytes = 999;

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'too-large', status: 422, maybeApplied: false });
  });

  it('that arrives cut is not attached', async () => {
    const { desk, faults, id, store, writes } = await start();
    faults.files = 'cut';

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('500 of 1000 bytes') });
    expect([writes(), store.uploads.unused]).toEqual([0, 0]);
  });

  it('that is held for malware at once is not attached', async () => {
    const { desk, faults, id, store, writes } = await start();
    faults.malware = 'at once';

    const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('malware') });
    expect([writes(), store.uploads.unused]).toEqual([0, 0]);
  });

  it('that is held for malware later counts as not there, and is not sent again', async () => {
    const { desk, faults, id, uploads } = await start();
    const bundle = await bundleOf(1000);
    faults.malware = 'later';

    const first = await failureOf(desk.attach(id, bundle, note, never));
    const second = await failureOf(desk.attach(id, bundle, note, never));

    expect([first, second].map(({ kind, maybeApplied }) => [kind, maybeApplied])).toEqual(
      Array(2).fill(['invalid', false]),
    );
    expect((await desk.get(id, never)).files).toEqual([]);
    expect(uploads()).toBe(1);
  });

  it('is seen behind however many comments, and so is a comment', async () => {
    const { desk, id, ticket, store } = await start();
    const bundle = await bundleOf(1000);
    for (let count = 0; count < 60; count++)
      ticket.comments.push({ id: 5000 + count, html: '', plain: 'ok', public: true, at: store.now, files: [] });
    store.touch(ticket);

    for (let time = 0; time < 2; time++) await desk.attach(id, bundle, note, never);
    await desk.comment(id, note, never);

    expect(ticket.comments).toHaveLength(62);
    expect((await desk.comments(id, never)).at(-1)).toMatchObject({ author: 'Ice Bot', public: true });
  });
});

describe('a comment at Zendesk', () => {
  it('that is not shown may be there: a list of comments without its end is a failure', async () => {
    const { desk, proxy, id, writes } = await start();
    const body = '{"comments":[],"meta":{"has_more":true,"after_cursor":null}}';
    proxy.faults.push({ route: /comments/, how: 'answer', status: 200, body });

    const error = await failureOf(desk.comment(id, note, never));

    expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
    expect(writes()).toBe(0);
  });

  it('that arrives late, after it was looked for, is not written twice', async () => {
    const { desk, faults, id, ticket, store } = await start();
    faults.before = () => {
      faults.before = undefined;
      ticket.comments.push({ id: 6000, html: '', plain: 'late [note 1]', public: true, at: store.now, files: [] });
      store.touch(ticket);
    };

    const error = await failureOf(desk.comment(id, note, never));
    await desk.comment(id, note, never);

    expect(error).toMatchObject({ kind: 'unavailable', status: 409, maybeApplied: false });
    expect(ticket.comments).toHaveLength(2);
  });

  it('to a ticket as it was read is a conflict when it is not that any more', async () => {
    const { desk, id, ticket, store } = await start();
    const { revision } = await desk.get(id, never);
    store.touch(ticket);

    const error = await failureOf(desk.comment(id, { ...note, ...(revision && { ifRevision: revision }) }, never));

    expect(error).toMatchObject({ kind: 'conflict', maybeApplied: false });
  });

  it('that is ignored with 200 is missed', async () => {
    const { desk, faults, id } = await start();
    faults.ignored = ['comment'];

    const error = await failureOf(desk.comment(id, note, never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
  });

  it('to a closed ticket is refused with the reason', async () => {
    const { desk, id, ticket } = await start();
    ticket.status = 'closed';

    const error = await failureOf(desk.comment(id, note, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('the ticket is closed') });
  });
});

describe('a state at Zendesk', () => {
  it('that a trigger changes in the same request is not what was asked for', async () => {
    const { desk, faults, id } = await start();
    faults.trigger = (ticket) => {
      ticket.status = 'hold';
    };

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error).toMatchObject({
      kind: 'refused-transition',
      message: expect.stringMatching(/is hold and not solved/),
    });
  });

  it('that is ignored with 200 is not what was asked for either', async () => {
    const { desk, faults, id } = await start();
    faults.ignored = ['status'];

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error.kind).toBe('refused-transition');
  });

  it('that needs a field to be filled in before is refused in its words', async () => {
    const { desk, proxy, id } = await start();
    const body = '{"error":"RecordInvalid","details":{"base":[{"description":"Cause: is required when solving"}]}}';
    proxy.faults.push({ route: /^PUT/, how: 'answer', status: 422, body });

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: expect.stringContaining('Cause: is required') });
  });

  it('"closed" is left to Zendesk: the ticket is solved, and that is said', async () => {
    const { desk, id, ticket } = await start();

    const error = await failureOf(desk.setState(id, 'closed', {}, never));

    expect(error).toMatchObject({
      kind: 'refused-transition',
      message: expect.stringContaining('closes it by itself'),
    });
    expect(ticket.status).toBe('solved');
  });

  it('"closed" is what Zendesk made of it later, and a ticket in it is found', async () => {
    const { desk, id, ticket, writes } = await start();
    ticket.status = 'closed';

    const same = await desk.setState(id, 'closed', {}, never);
    const found = await desk.findByReference('REF-1', never);

    expect([same, ...found].map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(writes()).toBe(0);
  });

  it('"closed" is final: such a ticket is not opened again', async () => {
    const { desk, id, ticket, writes } = await start();
    ticket.status = 'closed';

    const error = await failureOf(desk.setState(id, 'open', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: expect.stringContaining('follow it up') });
    expect(desk.caps.reopenFrom).not.toContain('closed');
    expect(writes()).toBe(0);
  });

  it('cannot be changed any more when the ticket was closed in this moment', async () => {
    const { desk, faults, id } = await start();
    faults.before = (ticket) => {
      ticket.status = 'closed';
    };

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error.kind).toBe('refused-transition');
  });

  it('may be a custom status: the first is set, each is read', async () => {
    const { desk, id, ticket } = await start({ states: { fixed: ['13', 'solved'] } });

    const set = await desk.setState(id, 'fixed', {}, never);
    const custom = ticket.customStatus;
    Object.assign(ticket, { status: 'solved', customStatus: 12 });
    const read = await desk.get(id, never);

    expect([set.state, set.nativeState, custom]).toEqual(['fixed', 'solved (13)', 13]);
    expect([read.state, read.nativeState]).toEqual(['fixed', 'solved']);
  });

  it.each([
    ['new', 'open'],
    ['hold', 'open'],
    ['pending', 'awaiting-information'],
    ['solved', 'fixed'],
  ] as const)('"%s" there is "%s" here', async (native, state) => {
    const { desk, id, ticket } = await start();
    ticket.status = native;

    expect(await desk.get(id, never)).toMatchObject({ state, nativeState: native });
  });
});

describe('a list of tickets at Zendesk', () => {
  it('goes on to its end, the newest change first, and no further than it has to', async () => {
    const { desk, ticket, store, zendesk } = await start();
    const day = 24 * 60 * 60_000;
    for (let count = 1; count < 250; count++)
      store.tickets.push({ ...ticket, id: ticket.id + count, updatedAt: ticket.updatedAt + count * day });
    const pages = () => zendesk.requests.filter(({ call }) => call === 'GET /api/v2/tickets').length;

    const all = await desk.list({}, never);
    const before = pages();
    const three = await desk.list({ limit: 3 }, never);
    const recent = await desk.list({ updatedSince: new Date(ticket.updatedAt + 247 * day) }, never);

    expect(all).toHaveLength(250);
    expect([before, pages()]).toEqual([3, 5]);
    expect(three.map(({ id }) => Number(id) - ticket.id)).toEqual([249, 248, 247]);
    expect(recent).toHaveLength(3);
  });

  it.each([
    ['mine', 'GET /api/v2/users/{id}/tickets/requested'],
    ['organization', 'GET /api/v2/organizations/{id}/tickets'],
  ] as const)('may be of %s only', async (scope, call) => {
    const { desk, zendesk } = await start();

    const listed = await desk.list({ scope, state: ['open'] }, never);

    expect(listed).toHaveLength(1);
    expect(zendesk.requests.map((each) => each.call)).toContain(call);
  });

  it('of an organization is not that of everybody where the account has none', async () => {
    const { desk, zendesk } = await start();
    Object.assign(zendesk.account.me, { organization_id: null });

    const error = await failureOf(desk.list({ scope: 'organization' }, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('no organization') });
  });
});
