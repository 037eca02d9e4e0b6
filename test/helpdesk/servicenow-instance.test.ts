import { describe, expect, it } from 'vitest';
import { servicenowLogin, startServiceNow } from '../support/desks/servicenow.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { bundleOf, draftOf, everythingIn, failureOf } from './contract.ts';
import { byKey, byPassword, byToken, deskAt, note, start } from './servicenow-rig.ts';

const never = new AbortController().signal;

describe('a search at ServiceNow', () => {
  it.each([
    ['ignores a field that may not be read, and finds everything', false],
    ['finds nothing at all for such a field', true],
  ])('that %s is no answer (trap 1)', async (_what, noneWhenInvalid) => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    faults.unreadable.add('correlation_id');
    faults.noneWhenInvalid = noneWhenInvalid;

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'forbidden', message: expect.stringContaining('correlation_id') });
  });

  it('for our own tickets that ignores who opened them is no answer (trap 1)', async () => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    const mine = await desk.list({ scope: 'mine' }, never);
    faults.unreadable.add('opened_by');

    const error = await failureOf(desk.list({ scope: 'mine' }, never));

    expect(mine).toHaveLength(1);
    expect(error.kind).toBe('forbidden');
  });

  it('that counts a ticket and does not show it never means that there is none (trap 2)', async () => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    faults.hidden = (row) => row['correlation_id'] === 'REF-1';

    const errors = [
      await failureOf(desk.findByReference('REF-1', never)),
      await failureOf(desk.get('INC0010001', never)),
      await failureOf(desk.list({}, never)),
    ];

    expect(errors.map(({ kind }) => kind)).toEqual(Array(3).fill('forbidden'));
  });

  it('that counts files and shows none does not mean that nothing is attached (trap 2)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    await desk.attach(id, bundle, note, never);
    faults.hidden = (row) => row['file_name'] === bundle.name;

    const error = await failureOf(desk.get(id, never));

    expect(error.kind).toBe('forbidden');
  });

  it('by a number that two tickets have chooses none of them (trap 14)', async () => {
    const { desk, incident } = await start();
    const [first, second] = [await desk.create(draftOf('REF-1'), never), await desk.create(draftOf('REF-2'), never)];
    for (const row of incident) row['number'] = first.key;

    const error = await failureOf(desk.get(first.key, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining(second.id) });
    expect((await desk.get(second.id, never)).reference).toBe('REF-2');
  });

  it('asks for nothing that would be read as another condition', async () => {
    const { desk, fake } = await start();

    const errors = [
      await failureOf(desk.get('INC0010001^ORstate=1', never)),
      await failureOf(desk.findByReference('REF-1^ORstate=1', never)),
    ];

    expect(errors.map(({ kind }) => kind)).toEqual(['not-found', 'invalid']);
    expect(fake.requests).toEqual([]);
  });

  it('for what was changed since finds that, the newest first and no more than asked for', async () => {
    const { desk, incident } = await start();
    for (const name of ['REF-1', 'REF-2', 'REF-3', 'REF-4']) await desk.create(draftOf(name), never);
    for (const [index, row] of incident.entries()) row['sys_updated_on'] = `2026-03-01 0${index}:00:00`;
    const updatedSince = new Date('2026-03-01T01:00:00Z');

    const [all, two] = [await desk.list({ updatedSince }, never), await desk.list({ updatedSince, limit: 2 }, never)];

    expect(all.map(({ reference }) => reference)).toEqual(['REF-4', 'REF-3', 'REF-2']);
    expect(two.map(({ reference }) => reference)).toEqual(['REF-4', 'REF-3']);
  });

  it('gives the files of all that it finds, each to its ticket', async () => {
    const { desk } = await start();
    const bundle = await bundleOf(1000);
    await desk.create(draftOf('REF-1'), never);
    const { id } = await desk.create(draftOf('REF-2'), never);
    await desk.attach(id, bundle, note, never);

    const found = await desk.list({}, never);

    const filesOf = Object.fromEntries(found.map(({ reference = '', files }) => [reference, files.length]));
    expect(filesOf).toEqual({ 'REF-1': 0, 'REF-2': 1 });
  });
});

describe('an instance of ServiceNow', () => {
  it('that is asleep is said to be, and has registered nothing for sure only where nothing was sent (trap 8)', async () => {
    const { desk, faults } = await start();
    faults.asleep = 'page';

    const errors = [
      await failureOf(desk.check(never)),
      await failureOf(desk.findByReference('REF-1', never)),
      await failureOf(desk.create(draftOf('REF-1'), never)),
    ];

    expect(errors.map(({ kind, maybeApplied }) => [kind, maybeApplied])).toEqual([
      ['unavailable', false],
      ['unavailable', false],
      ['outcome-unknown', true],
    ]);
    for (const { message } of errors) expect(message).toContain('asleep');
  });

  it('that is asleep and sends elsewhere was not reached (trap 8)', async () => {
    const { desk, faults } = await start();
    faults.asleep = 'redirect';

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({
      kind: 'unavailable',
      maybeApplied: false,
      message: expect.stringContaining('asleep'),
    });
  });

  it('that is asleep when a token is fetched was not asked for a ticket (trap 8)', async () => {
    const { desk, faults } = await start(byToken, servicenowLogin.clientSecret);
    faults.asleep = 'page';

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
  });

  it('may be at work on a request for two minutes, or as long as is configured (trap 9)', async () => {
    const [usual, other] = [await start(), await start(`${byPassword}, settle: 5m`)];

    expect([usual.desk.caps.settleMs, other.desk.caps.settleMs]).toEqual([120_000, 300_000]);
    expect(usual.desk.caps).toMatchObject({ idempotencyKey: false, searchLagMs: 0 });
  });

  it.each([
    ['for an hour’s limit', 'rule', 90_000],
    ['for a queue that is full, without a word on how long', 'queue', undefined],
  ] as const)('that is busy %s has done nothing (trap 10)', async (_what, busy, retryAfterMs) => {
    const { desk, faults, incident } = await start();
    faults.busy = busy;

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'rate-limited', maybeApplied: false });
    expect(error.retryAfterMs).toBe(retryAfterMs);
    expect(incident).toEqual([]);
  });

  it('takes no request that does not say what it sends and takes (trap 15)', async () => {
    const { fake } = await start();
    const proof = `Basic ${Buffer.from(`icepack:${servicenowLogin.password}`).toString('base64')}`;
    const fields = 'sysparm_fields=sys_id&sysparm_display_value=false&sysparm_exclude_reference_link=true';
    const ask = (accept: string) =>
      fetch(`${fake.url}/api/now/table/incident?sysparm_query=number=X1&sysparm_limit=1&${fields}`, {
        headers: { authorization: proof, accept },
      });

    const [vague, plain] = [await ask('*/*'), await ask('application/json')];

    expect([vague.status, plain.status]).toEqual([400, 200]);
  });
});

describe('an account at ServiceNow', () => {
  it('by OAuth has one token, and another one once it is refused', async () => {
    const { desk, fake, incident } = await start(byToken, servicenowLogin.clientSecret);
    const tokens = () => fake.requests.filter((line) => line.startsWith('POST /oauth_token.do')).length;

    await desk.check(never);
    const before = tokens();
    fake.expireTokens();
    await desk.create(draftOf('REF-1'), never);

    expect([before, tokens()]).toEqual([1, 2]);
    expect(incident).toHaveLength(1);
  });

  it('whose token cannot be had from there is not a ticket that is not there', async () => {
    const fake = await startServiceNow();
    const proxy = await startFaultProxy(fake.url);
    const desk = await deskAt(proxy.url, servicenowLogin.clientSecret, byToken);
    proxy.faults.push({ route: /oauth_token/, how: 'answer', status: 404, body: '{}' });

    const error = await failureOf(desk.get('INC0010001', never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('no token') });
  });

  it.each([
    ['OAuth', byToken],
    ['key', byKey],
    ['password', byPassword],
  ])('whose %s is wrong is not let in, and is not shown', async (_what, settings) => {
    const { desk } = await start(settings, 'wrong-canary');

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'auth', maybeApplied: false });
    expect(everythingIn(error)).not.toContain('canary');
  });

  it('with a key sends nothing else', async () => {
    const { desk, fake } = await start(byKey, servicenowLogin.apiKey);

    const { account } = await desk.check(never);

    expect(account).toBe('icepack');
    for (const { headers } of fake.sent) {
      expect(headers['x-sn-apikey']).toBe(servicenowLogin.apiKey);
      expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
    }
  });

  it.each([
    ['', 'none of them'],
    ['user: icepack', 'user'],
    ['user: icepack, clientSecret: { env: S }', 'user, clientSecret'],
    [`${byPassword}, apiKey: { env: S }`, 'user, password, apiKey'],
  ])('is entered in exactly one way: %j is not', async (settings, has) => {
    await expect(deskAt('https://acme.service-now.com', 's', settings)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(`there is ${has}`),
      hint: expect.stringContaining('or apiKey alone'),
    });
  });

  it('that must show a second factor has the right password', async () => {
    const { desk, faults } = await start();
    faults.secondFactor = true;

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('the password is right') });
  });

  it('that is nobody finds no tickets, and that means nothing', async () => {
    const { desk, faults } = await start();
    faults.guest = true;

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error.kind).toBe('auth');
  });
});

describe('a look at ServiceNow beforehand', () => {
  it('changes nothing, and is content with little', async () => {
    const { desk, fake, faults, incident } = await start();
    for (const table of ['sys_user', 'sys_choice', 'sys_properties']) faults.closedTables.set(table, 'forbidden');

    const looked = await desk.check(never);

    expect(looked).toEqual({ account: 'icepack', problems: [], required: [] });
    expect(fake.requests.every((line) => line.startsWith('GET '))).toBe(true);
    expect(incident).toEqual([]);
  });

  it.each([
    'correlation_id',
    'state',
    'comments',
    'work_notes',
  ])('says that %s may not be read (trap 3)', async (field) => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    faults.unreadable.add(field);

    const { problems } = await desk.check(never);

    expect(problems).toEqual([expect.stringContaining(`may not read the field ${field}`)]);
  });

  it('says that tickets are hidden (trap 2)', async () => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    faults.hidden = (row) => row['correlation_id'] !== undefined;

    const { problems } = await desk.check(never);

    expect(problems).toEqual([expect.stringContaining('may not be seen by this account')]);
  });

  it('says which values there are where a configured one is not among them (trap 6)', async () => {
    const settings = 'closeCode: Solved (Permanently), states: { open: "12" }, severities: { low: 4/3 }';
    const { desk } = await start(`${byPassword}, ${settings}`);

    const { problems } = await desk.check(never);

    expect(problems).toEqual([
      expect.stringMatching(/^helpdesk\.states\.open: state has no 12; it has 1 \(New\), 2 \(In Progress\)/),
      'helpdesk.closeCode: close_code has no Solved (Permanently); it has Solution provided, Workaround provided, Resolved by caller',
      'helpdesk.severities.low: impact has no 4; it has 1, 2, 3',
    ]);
  });

  it('says that no file can be attached where that API alone is closed (trap 13)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.closedApi = 'attachment';

    const { problems } = await desk.check(never);
    const error = await failureOf(desk.attach(id, await bundleOf(10), note, never));

    expect(problems).toEqual([expect.stringContaining('Attachment API')]);
    expect(error.kind).toBe('forbidden');
  });

  it('fails where the Table API is closed (trap 13)', async () => {
    const { desk, faults } = await start();
    faults.closedApi = 'table';

    const error = await failureOf(desk.check(never));

    expect(error.kind).toBe('forbidden');
  });

  it('says that a caller or a group is not there', async () => {
    const ids = ['1'.repeat(32), '2'.repeat(32)];
    const { desk } = await start(`${byPassword}, callerId: "${ids[0]}", assignmentGroup: "${ids[1]}"`);

    const { problems } = await desk.check(never);

    expect(problems).toEqual([
      expect.stringContaining(`helpdesk.callerId: sys_user has no ${ids[0]}`),
      expect.stringContaining(`helpdesk.assignmentGroup: sys_user_group has no ${ids[1]}`),
    ]);
  });

  it('takes nobody else for us where the question who we are is ignored (trap 1)', async () => {
    const { desk, faults } = await start();
    faults.unreadable.add('sys_user.sys_id');

    const { account } = await desk.check(never);

    expect(account).toBe('icepack');
  });

  it.each([
    ['com.glide.attachment.max_size', '10', 10 * 1024 * 1024],
    ['com.glide.attachment.max_size', 'lots', undefined],
    ['com.glide.other', '10', undefined],
  ])('knows the size of files where it may read it: %s is %s', async (name, value, maxFileBytes) => {
    const { desk, fake, faults } = await start();
    fake.tables['sys_properties']?.push({ sys_id: '0', name, value });
    if (name === 'com.glide.other') faults.unreadable.add('sys_properties.name');

    const looked = await desk.check(never);

    expect(looked.maxFileBytes).toBe(maxFileBytes);
  });
});
