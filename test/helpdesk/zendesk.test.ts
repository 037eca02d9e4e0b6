import { describe, expect, it } from 'vitest';
import { zendesk as provider } from '../../src/helpdesk/zendesk/provider.ts';
import { emailOfBot, secrets } from '../support/desks/zendesk.ts';
import { bundleOf, draftOf, everythingIn, failureOf, testHelpDesk } from './contract.ts';
import { testFaults } from './faults.ts';
import { startContractRig, startZendeskRig } from './zendesk-rig.ts';

const never = new AbortController().signal;
const hourMs = 60 * 60_000;

testHelpDesk('the zendesk provider', startContractRig);
testFaults('the zendesk provider', startContractRig);

describe('the credential for Zendesk', () => {
  const grants = (requests: { call: string }[]) => requests.filter(({ call }) => call === 'POST /oauth/tokens').length;

  it('is got once for many requests, and again after it ran out', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create(draftOf('REF-1'), never);
    await desk.findByReference('REF-1', never);
    const before = grants(zendesk.requests);
    zendesk.account.expire();

    const found = await desk.get(id, never);

    expect(found.reference).toBe('REF-1');
    expect([before, grants(zendesk.requests)]).toEqual([1, 2]);
  });

  it('that runs out while a file is attached costs a second try, and no second file', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(300_000);
    zendesk.account.expire();

    await desk.attach(id, bundle, { body: 'b', public: true, marker: '[note 1]' }, never);

    expect((await desk.get(id, never)).files).toHaveLength(1);
  });

  it('is not asked for twice when the secret is wrong, and the secret is in no message', async () => {
    const { open, zendesk } = await startZendeskRig();
    const desk = open({ proof: { clientId: 'icepack', clientSecret: 'wrong-canary', scope: 'read' } });

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('OAuth client') });
    expect(grants(zendesk.requests)).toBe(1);
    expect(everythingIn(error)).not.toContain('canary');
  });

  it('that cannot be had just now may be had later, and nothing was registered', async () => {
    const { desk, proxy, zendesk } = await startZendeskRig();
    proxy.faults.push({
      ...{ route: /oauth/, how: 'answer', status: 503, headers: { 'retry-after': '30' }, body: '{"error":"busy"}' },
    });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false, retryAfterMs: 30_000 });
    expect(zendesk.store.tickets).toEqual([]);
  });

  it('goes nowhere but to the help desk: files are at another host', async () => {
    const elsewhere = await startZendeskRig();
    const { desk, zendesk } = await startZendeskRig();
    zendesk.store.faults.filesAt = elsewhere.zendesk.url;
    const { id } = await desk.create(draftOf('REF-1'), never);

    await desk.attach(id, await bundleOf(1000), { body: 'b', public: true, marker: '[note 1]' }, never);
    await desk.comments(id, never);
    await desk.findByReference('REF-1', never);

    expect(elsewhere.zendesk.requests).toEqual([]);
  });

  it('may be an API token of a user, as long as Zendesk has them', async () => {
    const { open } = await startZendeskRig();
    const desk = open({ proof: { email: emailOfBot, token: secrets.token } });

    const { account, problems } = await desk.check(never);

    expect(account).toBe(`Ice Bot <${emailOfBot}>, agent`);
    expect(problems).toEqual([expect.stringMatching(/API tokens on 30 April 2027.*clientId/)]);
  });

  it('that is refused in plain text is refused', async () => {
    const { open, zendesk } = await startZendeskRig();
    zendesk.account.isPlain = true;
    const desk = open({ proof: { email: emailOfBot, token: 'wrong-canary' } });

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining("Couldn't authenticate you") });
  });

  const from = (name: string) => ({ kind: 'env', name }) as const;
  const usual = {
    url: 'https://example.zendesk.com',
    scope: 'read',
    prefix: 'ZD',
    priorities: {},
    states: {},
    fields: {},
  };
  it.each([
    ['neither', {}],
    ['half of an OAuth client', { clientId: 'icepack' }],
    ['half of a token', { token: from('T') }],
    ['both', { clientId: 'icepack', clientSecret: from('S'), email: emailOfBot, token: from('T') }],
    ['one and a half', { clientId: 'icepack', clientSecret: from('S'), email: emailOfBot }],
  ])('is refused where the configuration has %s', async (_what, given) => {
    const opening = provider.open({ ...usual, ...given } as Parameters<typeof provider.open>[0], {
      env: {},
      secret: async () => 'secret',
    });

    await expect(opening).rejects.toMatchObject({
      code: 'bad-config',
      message: 'Zendesk needs either clientId and clientSecret, or email and token',
    });
  });
});

describe('a check of Zendesk', () => {
  it('does not take an answer to nobody for ours: that is a 200', async () => {
    const { desk, zendesk } = await startZendeskRig();
    zendesk.account.isAnonymous = true;

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('as to nobody') });
  });

  it.each([
    [{ role: 'end-user' }, 'give it the role of an agent'],
    [{ suspended: true }, 'suspended'],
    [{ ticket_restriction: 'groups' }, 'only tickets of its groups'],
    [{ only_private_comments: true }, 'internal'],
  ])('says what the account cannot do: %j', async (me, said) => {
    const { desk, zendesk } = await startZendeskRig();
    Object.assign(zendesk.account.me, me);

    const { problems } = await desk.check(never);

    expect(problems).toEqual([expect.stringContaining(said)]);
  });

  it('says that whoever has the address of a file can open it', async () => {
    const { desk, zendesk } = await startZendeskRig();
    zendesk.account.privateAttachments = false;

    const { problems } = await desk.check(never);

    expect(problems).toEqual([expect.stringContaining('private attachments')]);
  });

  it('says how large a file may be, and what is usual where it may not be asked', async () => {
    const { desk, zendesk } = await startZendeskRig();
    zendesk.store.faults.maxFileBytes = 20_000_000;

    const asked = await desk.check(never);
    zendesk.account.maySeeSettings = false;
    const unknown = await desk.check(never);

    expect([asked.maxFileBytes, unknown.maxFileBytes]).toEqual([20_000_000, 50_000_000]);
    expect(unknown.problems).toEqual([]);
  });

  it('says which ids of the configuration it does not know: it ignores them with 201', async () => {
    const { open } = await startZendeskRig();
    const right = open({ group: 21, form: 22, fields: { 31: 'x' }, states: { fixed: ['13', 'solved'] } });
    const wrong = open({ group: 91, form: 92, fields: { 93: 'x' }, states: { fixed: ['94'], open: ['14'] } });

    const [good, bad] = [await right.check(never), await wrong.check(never)];

    expect(good.problems).toEqual([]);
    expect(bad.problems.map((each) => /\d+/.exec(each)?.[0])).toEqual(['14', '94', '91', '92', '93']);
  });

  it('finds out that references cannot be looked for', async () => {
    const { desk, proxy } = await startZendeskRig();
    proxy.faults.push({ route: /external_id/, how: 'answer', status: 403, body: '{"error":"Forbidden"}' });

    const error = await failureOf(desk.check(never));

    expect(error.kind).toBe('forbidden');
  });
});

describe('the reference of a ticket at Zendesk', () => {
  it('is found at once, though the search shows the ticket minutes later (F05)', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create(draftOf('REF-1'), never);

    const found = await desk.findByReference('REF-1', never);

    expect(found.map((each) => each.id)).toEqual([id]);
    expect(zendesk.store.faults.searchLagMs).toBeGreaterThan(desk.caps.searchLagMs);
  });

  it('need not be unique: all that have it are found, the oldest first, with their files', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const bundle = await bundleOf(100);
    for (const reference of ['REF-1', 'REF-2']) await desk.create(draftOf(reference), never);
    const [first, second] = zendesk.store.tickets;
    if (first !== undefined && second !== undefined) second.externalId = first.externalId;
    await desk.attach(`${first?.id}`, bundle, { body: 'b', public: true, marker: '[note 1]' }, never);
    zendesk.store.tickets.reverse();

    const found = await desk.findByReference('REF-1', never);

    expect(found.map(({ id, files }) => [id, files.length])).toEqual([
      [`${first?.id}`, 1],
      [`${second?.id}`, 0],
    ]);
  });

  it('is compared exactly, where Zendesk does not tell ref-1 from REF-1', async () => {
    const { desk, zendesk } = await startZendeskRig();
    for (const reference of ['ref-1', 'REF-1']) await desk.create(draftOf(reference), never);
    zendesk.store.faults.externalId = 'in any case';

    const found = await desk.findByReference('REF-1', never);

    expect(found.map(({ reference }) => reference)).toEqual(['REF-1']);
  });

  it('that is ignored in a question means a failure, and not that there is no such ticket', async () => {
    const { desk, zendesk } = await startZendeskRig();
    await desk.create(draftOf('REF-2'), never);
    zendesk.store.faults.externalId = 'ignored';

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false, message: expect.stringContaining('may hide') });
  });

  it('that was dropped with 201 is told as dropped, and given once more', async () => {
    const { desk, zendesk } = await startZendeskRig();
    zendesk.store.faults.ignored = ['external_id'];

    const created = await desk.create(draftOf('REF-1'), never);
    zendesk.store.faults.ignored = [];
    await desk.setReference(created.id, 'REF-1', never);

    expect(created).not.toHaveProperty('reference');
    expect((await desk.get(created.id, never)).reference).toBe('REF-1');
  });
});

describe('a registration at Zendesk', () => {
  it('is known by its key as long as the desk says, and not for ever', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create(draftOf('REF-1'), never);

    zendesk.store.pass((desk.caps.idempotencyMs ?? Number.POSITIVE_INFINITY) - 60_000);
    const again = await desk.create(draftOf('REF-1'), never);
    zendesk.store.pass(hourMs);
    const later = await desk.create(draftOf('REF-1'), never);

    expect(again.id).toBe(id);
    expect(later.id).not.toBe(id);
  });

  it('with the same key and other words is a conflict: the ticket is looked for, not made again (F11)', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create(draftOf('REF-1'), never);

    const error = await failureOf(desk.create({ ...draftOf('REF-1'), body: 'All is down, still.' }, never));

    expect(error).toMatchObject({ kind: 'conflict', maybeApplied: false });
    expect((await desk.findByReference('REF-1', never)).map((each) => each.id)).toEqual([id]);
    expect(zendesk.store.tickets).toHaveLength(1);
  });

  it('answered with 503 may have been made, and is not repeated before it says', async () => {
    const { desk, proxy } = await startZendeskRig();
    proxy.faults.push({ route: /^POST.*tickets/, how: 'answer-after', status: 503, headers: { 'retry-after': '20' } });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true, retryAfterMs: 20_000 });
  });

  it('has what the configuration says of it', async () => {
    const { open, zendesk } = await startZendeskRig();
    const desk = open({ group: 21, form: 22, fields: { 31: 'v{version}', 32: '{license}' }, prefix: 'SUP' });

    const created = await desk.create({ ...draftOf('REF-1'), version: '2.2.5', requester: 'kim@example.com' }, never);

    expect(created.key).toBe(`SUP-${created.id}`);
    expect(created.url).toBe(`${desk.origin}/agent/tickets/${created.id}`);
    expect(zendesk.store.tickets[0]?.sent).toMatchObject({
      ...{ priority: 'high', group_id: 21, ticket_form_id: 22, custom_fields: [{ id: 31, value: 'v2.2.5' }] },
      requester: { name: 'kim@example.com', email: 'kim@example.com' },
    });
  });

  it.each([
    ['low', 'low', 'low'],
    ['medium', 'normal', 'normal'],
    ['high', 'high', 'high'],
    ['emergency', 'urgent', 'high'],
  ] as const)('has a priority for the severity %s: %s, or %s as configured', async (severity, usual, configured) => {
    const { open, zendesk } = await startZendeskRig();

    await open().create({ ...draftOf('REF-1'), severity }, never);
    await open({ priorities: { emergency: 'high' } }).create({ ...draftOf('REF-2'), severity }, never);

    expect(zendesk.store.tickets.map(({ sent }) => sent['priority'])).toEqual([usual, configured]);
  });

  it('shows the words of a device as they are: no Markdown, no HTML, nothing filled in (F26)', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const odd = '*bold* <img src="//x"> &lt; {{ticket.requester.email}} {%raw%} [a](http://x)\n  # two blanks';

    const { id } = await desk.create({ ...draftOf('REF-1'), subject: `VPN ${odd}`, body: odd }, never);
    await desk.comment(id, { body: `said ${odd}`, public: true, marker: '[note <1>]' }, never);

    const { subject, comments } = zendesk.store.tickets[0] ?? { comments: [] };
    expect(comments.map(({ plain }) => plain)).toEqual([odd, `said ${odd}\n[note <1>]`]);
    expect(subject).not.toContain('FILLED IN');
    expect(subject).toContain('ticket.requester.email');
  });

  it('and a comment of any length fit, and keep what they are known by', async () => {
    const { desk, zendesk } = await startZendeskRig();
    const { id } = await desk.create({ ...draftOf('REF-1'), body: '<&>'.repeat(20_000) }, never);

    for (let time = 0; time < 2; time++)
      await desk.comment(
        id,
        { body: `${'\u{1f9ca}<'.repeat(20_000)}\n[note 1]`, public: true, marker: '[note 1]' },
        never,
      );

    const { comments } = zendesk.store.tickets[0] ?? { comments: [] };
    expect(comments).toHaveLength(2);
    for (const { html } of comments) expect(Buffer.byteLength(html)).toBeLessThanOrEqual(65_535);
    expect(comments[1]?.plain).toMatch(/cut here[\s\S]*\[note 1\]$/);
    expect(comments[1]?.plain).not.toContain('\u{fffd}');
  });
});

describe('a ticket number of Zendesk', () => {
  it.each(['1234', '#1234', 'ZD-1234', 'zd-1234'])('is read as people write it: %s', async (text) => {
    const { desk } = await startZendeskRig();

    expect(desk.keys.parse(text)).toBe('ZD-1234');
  });

  it('of another help desk is none of it, and is not asked for', async () => {
    const { desk, zendesk } = await startZendeskRig();

    const error = await failureOf(desk.get('TIC-1001', never));

    expect(error.kind).toBe('not-found');
    expect(zendesk.requests).toEqual([]);
  });
});
