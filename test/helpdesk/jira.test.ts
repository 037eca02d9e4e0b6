import { describe, expect, it } from 'vitest';
import { bundleMarker } from '../../src/domain/ticket.ts';
import { type JiraConfig, JiraDesk } from '../../src/helpdesk/jira/desk.ts';
import { jiraKeys } from '../../src/helpdesk/jira/keys.ts';
import { email, type FakeJira, startFakeJira } from '../support/desks/jira.ts';
import type { JiraTraps } from '../support/desks/jira-traps.ts';
import { faultsOf, startFaultProxy } from '../support/fault-proxy.ts';
import { bundleOf, draftOf, failureOf, testHelpDesk, withHours } from './contract.ts';
import { type FaultyRig, testFaults } from './faults.ts';

const never = new AbortController().signal;
const token = 'tok-canary-0123456789';

testHelpDesk('the jira provider', startJiraRig);
testFaults('the jira provider', startJiraRig);

async function startJiraRig(): Promise<FaultyRig> {
  const jira = await startFakeJira(token, { tenantInfo: false });
  const proxy = await startFaultProxy(jira.url);
  const withToken = (given: string) => deskOf(jira, { url: proxy.url, token: given });
  const routes = {
    account: /^GET \/rest\/api\/2\/myself$/,
    find: /^POST \/rest\/api\/3\/search\/jql$/,
    get: /^GET \/rest\/api\/2\/issue\/\d+\?/,
    create: /^POST \/rest\/api\/2\/issue$/,
    comment: /^POST .*\/comment$/,
    attach: /^POST .*\/attachments$/,
    'change state': /^POST .*\/transitions$/,
  };
  return {
    ...{ routes, proxy },
    desk: withToken(token),
    token,
    withToken,
    reference: (name) => name,
    ledger: async () => jira.ledger(),
    ...faultsOf(proxy, routes),
    hours: {
      of: async (id) => {
        const found = jira.issues.find((issue) => issue.id === id)?.worklogs ?? [];
        return found.reduce((sum, { timeSpentSeconds }) => sum + timeSpentSeconds / 60, 0);
      },
      loseAnswer: () => void proxy.faults.push({ route: /^POST .*\/worklog$/, how: 'lose-answer' }),
      loseRequest: () => void proxy.faults.push({ route: /^POST .*\/worklog$/, how: 'lose-request' }),
    },
    refuseTransition: () => {
      jira.traps.nextTransition = 'ignored';
    },
    dropFile: () => {
      jira.traps.nextFile = 'dropped';
    },
  };
}

function deskOf(jira: FakeJira, config: Partial<JiraConfig> = {}): JiraDesk {
  const { url, gateway } = jira;
  const who = jira.traps.dataCenter ? {} : { email };
  return new JiraDesk({ url, gateway, ...who, token, project: 'SUP', env: {}, ...config });
}

async function start(traps: Partial<JiraTraps> = {}, config: Partial<JiraConfig> = {}) {
  const jira = await startFakeJira(token, traps);
  return { jira, desk: deskOf(jira, config) };
}

async function withTicket(traps: Partial<JiraTraps> = {}, config: Partial<JiraConfig> = {}) {
  const { jira, desk } = await start(traps, config);
  const { id, key } = await desk.create(draftOf('REF-1'), never);
  const [issue] = jira.issues;
  if (issue === undefined) throw new Error('there is no issue');
  return { jira, desk, id, key, issue };
}

const note = (marker = '[note 1]') => ({ body: 'The evidence.', public: true, marker });

describe('a search that shows tickets late', () => {
  it('does not hide a ticket whose answer was lost: the keys after the newest one are read (F05)', async () => {
    const { jira } = await start();
    const proxy = await startFaultProxy(jira.url);
    const desk = deskOf(jira, { url: proxy.url });
    await desk.create(draftOf('REF-0'), never);
    jira.traps.searchLags = true;
    proxy.faults.push({ route: /^POST .*\/issue$/, how: 'lose-answer' });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));
    const found = await desk.findByReference('REF-1', never);

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    expect(found).toMatchObject([{ key: 'SUP-2', reference: 'REF-1' }]);
  });

  it('hides it from a desk that did not ask for it, which is why a person must look', async () => {
    const { jira, desk } = await withTicket({ searchLags: true });

    const other = deskOf(jira);
    const before = await other.findByReference('REF-1', never);
    jira.catchUp();

    expect(before).toEqual([]);
    expect(await other.findByReference('REF-1', never)).toHaveLength(1);
    expect(desk.caps).toMatchObject({ idempotencyKey: false, settleMs: 0, searchLagMs: 150_000 });
  });

  it('is what is left where many keys cannot be asked for', async () => {
    const { desk } = await withTicket({ bulkFetch: false });

    expect(await desk.findByReference('REF-1', never)).toHaveLength(1);
  });

  it('is the new one: the old one is gone from Cloud', async () => {
    const { jira, desk } = await withTicket();

    await desk.findByReference('REF-1', never);
    await desk.list({}, never);

    expect(jira.requests.filter((line) => / \/rest\/api\/\d\/search$/.test(line))).toEqual([]);
  });

  it('is asked page by page (F05)', async () => {
    const { jira, desk } = await start();
    for (const name of ['REF-1', 'REF-2', 'REF-3', 'REF-4', 'REF-5']) await desk.create(draftOf(name), never);

    const all = await desk.list({}, never);
    const three = await desk.list({ limit: 3 }, never);

    expect(all).toHaveLength(5);
    expect(three).toHaveLength(3);
    expect(jira.issues).toHaveLength(5);
  });
});

describe('a token', () => {
  it.each([
    ['search', (desk: JiraDesk) => desk.findByReference('REF-1', never)],
    ['a list', (desk: JiraDesk) => desk.list({}, never)],
    ['a ticket', (desk: JiraDesk) => desk.get('10001', never)],
    ['a creation', (desk: JiraDesk) => desk.create(draftOf('REF-2'), never)],
    ['a state', (desk: JiraDesk) => desk.setState('10001', 'closed', {}, never)],
  ])('that has expired is no empty answer: %s', async (_what, ask) => {
    const { jira, desk } = await withTicket();
    jira.traps.token = 'expired';

    const error = await failureOf(ask(desk));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('expired') });
  });

  it('of an account that is locked out says how it gets in again', async () => {
    const { desk } = await start({ token: 'locked' });

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('CAPTCHA') });
  });

  it('with scopes is found out by check, which says what to configure and goes on through the gateway', async () => {
    const { jira, desk } = await start({ token: 'scoped' });

    const { account, problems } = await desk.check(never);
    const ticket = await desk.create(draftOf('REF-1'), never);

    expect(account).toContain('Ice Pack');
    expect(problems).toEqual([expect.stringContaining(`helpdesk.cloudId: ${jira.cloudId}`)]);
    expect(desk.origin).toBe(jira.url);
    expect(ticket.url).toBe(`${jira.url}/browse/SUP-1`);
    expect(jira.requests.at(-1)).toContain('gateway POST ');
  });

  it('with scopes is refused elsewhere than in check: no token goes to the gateway unasked', async () => {
    const { jira, desk } = await start({ token: 'scoped' });

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'auth', message: expect.stringContaining('helpdesk.cloudId') });
    expect(jira.requests.filter((line) => line.startsWith('gateway'))).toEqual([]);
  });

  it('with scopes asks the gateway alone where cloudId is configured, and links lead to the site', async () => {
    const { jira } = await start({ token: 'scoped' });
    const desk = deskOf(jira, { cloudId: jira.cloudId });

    const { problems } = await desk.check(never);
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    await desk.attach(id, bundle, note(bundleMarker(bundle.sha256)), never);

    expect(problems).toEqual([]);
    expect((await desk.get(id, never)).url).toBe(`${jira.url}/browse/SUP-1`);
    expect(jira.requests.filter((line) => line.startsWith('site'))).toEqual([]);
  });

  it('that the gateway refuses, too, leaves the desk at its site', async () => {
    const { jira, desk } = await start();
    const wrong = deskOf(jira, { token: 'wrong' });

    const error = await failureOf(wrong.check(never));
    await failureOf(wrong.get('SUP-1', never));

    expect(error).toMatchObject({ kind: 'auth', status: 401 });
    expect(jira.requests.at(-1)).toContain('site GET ');
    expect(desk.origin).toBe(wrong.origin);
  });
});

describe('a request', () => {
  it('is never one of a browser, which Jira takes for a forged one', async () => {
    const { jira, desk } = await start();
    const call = { method: 'POST', body: '{}' };
    const pair = Buffer.from(`${email}:${token}`).toString('base64');
    const headers = { authorization: `Basic ${pair}`, 'user-agent': 'Mozilla/5.0', 'content-type': 'application/json' };

    const browser = await fetch(`${jira.url}/rest/api/2/issue`, { ...call, headers });
    const created = await desk.create(draftOf('REF-1'), never);

    expect(browser.status).toBe(403);
    expect(created.key).toBe('SUP-1');
  });

  it.each([
    'jira-burst-based',
    'jira-quota-tenant-based',
  ])('for which there is no room says why: %s', async (reason) => {
    const { jira, desk } = await start({ limited: reason });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 9000, maybeApplied: false });
    expect(error.message).toContain(reason);
    expect(jira.issues).toEqual([]);
  });

  it('for what we may not see says that it is not there, with the words of Jira', async () => {
    const { jira, desk, key } = await withTicket();
    jira.traps.hidden.add(key);

    const error = await failureOf(desk.get(key, never));

    expect(error).toMatchObject({ kind: 'not-found', message: expect.stringContaining('permission to see it') });
  });
});

describe('a new issue', () => {
  it('has what was configured, as far as its screen has it', async () => {
    const { issue } = await withTicket(
      {},
      {
        priority: { high: 'Medium' },
        labels: ['icepack'],
        components: ['VPN'],
        fields: { customfield_10050: '1234', customfield_10051: 'InCenter' },
      },
    );

    expect(issue.fields).toMatchObject({
      issuetype: { id: '10001' },
      priority: { name: 'Medium' },
      labels: ['ref-REF-1', 'icepack'],
      components: [{ name: 'VPN' }],
      customfield_10050: '1234',
      customfield_10051: { value: 'InCenter' },
    });
  });

  it('has no field that is not on the screen, and no value that it does not know: one would refuse the whole', async () => {
    const fields = { customfield_10050: '1234', customfield_10051: 'Sandwich', customfield_9: 'x' };
    const { jira, desk } = await start({}, { fields, priority: { high: 'Urgent' }, components: ['Oven'] });
    jira.projects[0].screen = jira.projects[0].screen.filter(({ fieldId }) => fieldId !== 'customfield_10050');

    await desk.create(draftOf('REF-1'), never);

    const sent = Object.keys(jira.issues[0]?.fields ?? {});
    expect(sent.toSorted()).toEqual(['description', 'issuetype', 'labels', 'project', 'summary']);
  });

  it('is refused in the words of Jira where the screen asks for more', async () => {
    const { jira, desk } = await start();
    jira.projects[0].screen.push({ fieldId: 'customfield_7', name: 'Region', type: 'string', required: true });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
    expect(error.message).toContain('Region is required');
  });

  it('gets its reference afterwards where labels are not on the screen, or are dropped', async () => {
    const { desk, id } = await withTicket({ labels: 'dropped at creation' });
    const before = await desk.get(id, never);

    await desk.setReference(id, 'REF-1', never);

    expect(before.reference).toBeUndefined();
    expect((await desk.get(id, never)).reference).toBe('REF-1');
  });

  it('claims no reference that nobody has read back', async () => {
    const { desk } = await start({ labels: 'never kept' });

    const created = await desk.create(draftOf('REF-1'), never);
    await desk.setReference(created.id, 'REF-1', never);

    expect(created.reference).toBeUndefined();
    expect((await desk.get(created.id, never)).reference).toBeUndefined();
  });

  it('has our reference also where a person gave it that of another one', async () => {
    const { desk, id, issue } = await withTicket();
    issue.labels = ['ref-ABC', 'ref-REF-1'];

    expect((await desk.get(id, never)).reference).toBe('REF-1');
  });

  it('has one line of at most 255 characters for a summary', async () => {
    const { jira, desk } = await start();

    await desk.create({ ...draftOf('REF-1'), subject: `VPN\ndown ${'x'.repeat(300)}` }, never);

    expect(String(jira.issues[0]?.fields['summary'])).toMatch(/^VPN down x{200,}…$/);
  });
});

describe('text', () => {
  it('of a device stays text: it cannot end the block that it is in (F26)', async () => {
    const { jira, desk } = await start();
    const evil = 'a{noformat}b {NoFormat:title=x} [click|http://evil.example] [~admin] {code}h1. x';

    await desk.create({ ...draftOf('REF-1'), body: evil }, never);
    await desk.comment('10001', { ...note(), body: evil }, never);

    for (const text of [String(jira.issues[0]?.fields['description']), jira.issues[0]?.comments[0]?.body]) {
      expect(text).toMatch(/^\{noformat\}\n[\s\S]*\n\{noformat\}$/);
      expect(text?.match(/\{noformat/gi)).toHaveLength(2);
      expect(text).toContain('[click|http://evil.example]');
    }
  });

  it('that is longer than Jira takes is cut, and says so; the marker stays', async () => {
    const { jira, desk } = await start();
    const long = 'x'.repeat(60_000);

    const { id } = await desk.create({ ...draftOf('REF-1'), body: long }, never);
    await desk.comment(id, { ...note(), body: `${long}\n[note 1]` }, never);
    await desk.comment(id, { ...note(), body: `${long}\n[note 1]` }, never);

    expect(jira.issues[0]?.fields['description']).toContain('cut here');
    expect(jira.issues[0]?.comments.map(({ body }) => body)).toEqual([expect.stringContaining('[note 1]')]);
  });
});

describe('a comment', () => {
  it('is public or internal, and is read back as the text that it was', async () => {
    const { desk, id, issue } = await withTicket();

    await desk.comment(id, note('[note 1]'), never);
    await desk.comment(id, { ...note('[note 2]'), public: false }, never);
    await desk.comment(id, note('[note 3]'), never);

    expect(issue.comments.map(({ internal }) => internal)).toEqual([false, true, false]);
    expect(await desk.comments(id, never)).toMatchObject([
      { body: 'The evidence.\n[note 1]', public: true, author: 'Ice Pack' },
      { body: 'The evidence.\n[note 2]', public: false },
      { body: 'The evidence.\n[note 3]', public: true },
    ]);
  });

  it('that was answered and is not shown is not believed', async () => {
    const { desk, id } = await withTicket({ dropComment: true });

    const error = await failureOf(desk.comment(id, note(), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
  });

  it('that was lost after its file is written by the second attempt, and the file is not sent again', async () => {
    const { jira, id } = await withTicket();
    const proxy = await startFaultProxy(jira.url);
    const desk = deskOf(jira, { url: proxy.url });
    const bundle = await bundleOf(1000);
    const comment = note(bundleMarker(bundle.sha256));
    proxy.faults.push({ route: /^POST .*\/comment$/, how: 'lose-request' });

    const error = await failureOf(desk.attach(id, bundle, comment, never));
    await desk.attach(id, bundle, comment, never);

    expect(error.maybeApplied).toBe(true);
    expect(proxy.requests.filter((line) => line.endsWith('/attachments'))).toHaveLength(1);
    expect(jira.ledger()[0]?.markers).toEqual([comment.marker]);
  });
});

describe('a file', () => {
  it.each([
    ['dropped', 'does not show it'],
    ['halved', 'shows 500 bytes instead of 1000'],
  ] as const)('that was answered as taken and is %s is not believed', async (nextFile, said) => {
    const { desk, id } = await withTicket({ nextFile });
    const bundle = await bundleOf(1000);

    const error = await failureOf(desk.attach(id, bundle, note(), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    expect(error.message).toContain(said);
  });

  it('over the limit is refused as too large, and check knows the limit', async () => {
    const { desk, id } = await withTicket({ attachments: { enabled: true, uploadLimit: 999 } });
    const bundle = await bundleOf(1000);

    expect((await desk.check(never)).maxFileBytes).toBe(999);
    expect(await failureOf(desk.attach(id, bundle, note(), never))).toMatchObject({ kind: 'too-large' });
  });

  it('is never downloaded: that leads to another host', async () => {
    const { jira, desk, id } = await withTicket();
    const bundle = await bundleOf(1000);

    await desk.attach(id, bundle, note(), never);
    await desk.attach(id, bundle, note(), never);

    expect(jira.requests.filter((line) => line.includes('/content/'))).toEqual([]);
  });
});

describe('a state', () => {
  it('is changed with the transitions that this project has from there', async () => {
    const { jira, desk } = await start({}, { project: 'OPS_2' });
    const { id, key } = await desk.create(draftOf('REF-1'), never);

    for (const state of ['awaiting-information', 'fixed', 'closed', 'open'] as const)
      expect(await desk.setState(id, state, {}, never)).toMatchObject({ state });
    expect(key).toBe('OPS_2-1');
    expect(jira.ledger()).toMatchObject([{ state: 'open' }]);
  });

  it('gets its resolution where the screen asks for one, and none where it does not', async () => {
    const { jira, desk, id, issue } = await withTicket({}, { resolution: "Won't Do" });
    for (const step of jira.projects[0].transitions) if (step.to === 'Closed') step.asks = ['resolution'];

    await desk.setState(id, 'fixed', {}, never);
    const before = issue.resolution;
    await desk.setState(id, 'closed', {}, never);

    expect(before).toBeUndefined();
    expect(issue).toMatchObject({ status: 'Closed', resolution: "Won't Do" });
  });

  it.each([
    [['resolution'], 'no resolution "Solved", but "Done", "Won\'t Do"; see helpdesk.resolution'],
    [['resolution', 'customfield_8'], 'it asks for customfield_8; do that in Jira'],
  ])('that asks for %j says what is missing', async (asks, said) => {
    const { jira, desk, id, issue } = await withTicket({}, { resolution: 'Solved' });
    for (const step of jira.projects[0].transitions) step.asks = asks;

    const error = await failureOf(desk.setState(id, 'closed', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: expect.stringContaining(said) });
    expect(issue.status).toBe('Waiting for support');
  });

  it('that cannot be reached from where it is says where it is, and where it can go', async () => {
    const { jira, desk, id } = await withTicket();
    const [project] = jira.projects;
    project.transitions = project.transitions.filter(({ to }) => to !== 'Closed');

    const error = await failureOf(desk.setState(id, 'closed', {}, never));

    expect(error.kind).toBe('refused-transition');
    expect(error.message).toBe(
      'SUP-1 stays "Waiting for support": from there it can become "Waiting for customer", "Resolved", and "closed" is none of them; see helpdesk.states',
    );
  });

  it.each([
    ['forbidden', { kind: 'refused-transition', status: 400 }],
    ['concurrent', { kind: 'conflict', status: 409 }],
  ] as const)('whose change is %s is as it was', async (nextTransition, failure) => {
    const { desk, id, issue } = await withTicket({ nextTransition });

    const error = await failureOf(desk.setState(id, 'closed', {}, never));

    expect(error).toMatchObject({ ...failure, maybeApplied: false });
    expect(issue.status).toBe('Waiting for support');
  });

  it('is what the configuration calls it, and where nobody calls it anything what its category is', async () => {
    const { jira, desk, id, issue } = await withTicket({}, { states: { open: ['Waiting for support'] } });
    jira.projects[0].statuses.push(
      { id: '7', name: 'Triage', category: 'indeterminate' },
      { id: '8', name: 'Canceled', category: 'done' },
    );

    const read = [];
    for (const status of ['Triage', 'Canceled', 'Waiting for support']) {
      issue.status = status;
      read.push((await desk.get(id, never)).state);
    }
    issue.status = 'Triage';
    const left = await desk.setState(id, 'open', {}, never);

    expect(read).toEqual(['open', 'closed', 'open']);
    expect(left.nativeState).toBe('Triage');
  });

  it('of a workflow with one end is fixed and closed at once', async () => {
    const { jira, desk, id, issue } = await withTicket();
    const [project] = jira.projects;
    project.statuses = [
      { id: '1', name: 'Waiting for support', category: 'new' },
      { id: '2', name: 'Done', category: 'done' },
    ];
    project.transitions = [{ id: '5', from: 'Waiting for support', to: 'Done' }];

    const closed = await desk.setState(id, 'closed', {}, never);
    const fixed = await desk.setState(id, 'fixed', {}, never);
    jira.catchUp();

    expect([closed.state, fixed.state, issue.status]).toEqual(['closed', 'fixed', 'Done']);
    expect(await desk.list({ state: ['closed'] }, never)).toHaveLength(1);
    expect(await desk.list({ state: ['awaiting-information'] }, never)).toEqual([]);
  });
});

describe('a list', () => {
  it('has what was changed since, to the millisecond, and what is ours', async () => {
    const { jira, desk } = await start();
    for (const name of ['REF-1', 'REF-2']) await desk.create(draftOf(name), never);
    const [old] = jira.issues;
    if (old !== undefined) old.updated = new Date(Date.now() - 30_000);
    jira.catchUp();

    const recent = await desk.list({ updatedSince: new Date(Date.now() - 20_000), scope: 'mine' }, never);

    expect(recent.map(({ key }) => key)).toEqual(['SUP-2']);
  });
});

describe('check', () => {
  it.each<[string, (jira: FakeJira) => void, Partial<JiraConfig>, RegExp]>([
    [
      'that files are switched off',
      ({ traps }) => (traps.attachments.enabled = false),
      {},
      /attachments are switched off/,
    ],
    ['a type that cannot be created', () => undefined, { issueType: 'Bug' }, /"Bug" cannot .* but "Epic", "Task"/],
    ['a right that is missing', ({ traps }) => traps.denied.add('CREATE_ATTACHMENTS'), {}, /no right to "create_att/],
    [
      'a state that is not there',
      () => undefined,
      { states: { fixed: ['Solved'] } },
      /no status is "fixed": name one of "W/,
    ],
    ['a priority that is not there', () => undefined, { priority: { low: 'Meh' } }, /no "Meh" in priority/],
    ['a component that is not there', () => undefined, { components: ['Oven'] }, /no "Oven" in components/],
    ['a field that is not there', () => undefined, { fields: { customfield_9: 'x' } }, /no field customfield_9/],
    [
      'a choice that is not there',
      () => undefined,
      { fields: { customfield_10051: 'x' } },
      /no "x" in customfield_10051/,
    ],
    ['a label that looks like a reference', () => undefined, { labels: ['ref-x'] }, /begins with "ref-"/],
    ['that labels are not on the screen', without('labels'), {}, /has no labels: the reference is written after/],
    ['that there is no place for a text', without('description'), {}, /has no description/],
    ['who is not asked for', () => undefined, { assignee: '5b10a' }, /has no field assignee: it is left out/],
  ])('says %s', async (_what, spoil, config, said) => {
    const { jira, desk } = await start({}, config);
    spoil(jira);

    const { account, problems } = await desk.check(never);

    expect(account).toBe(`Ice Pack (${email})`);
    expect(problems).toEqual([expect.stringMatching(said)]);
  });

  it('fails for a project that is not there, and changes nothing anywhere', async () => {
    const { jira } = await start();
    const desk = deskOf(jira, { project: 'NOPE' });

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'not-found', message: expect.stringContaining("key 'NOPE'") });
    expect(jira.requests.filter((line) => !/ (GET|POST .*\/search\/jql)/.test(line))).toEqual([]);
  });
});

function without(field: string): (jira: FakeJira) => void {
  return ({ projects: [project] }) => {
    project.screen = project.screen.filter(({ fieldId }) => fieldId !== field);
  };
}

const site = {
  fieldId: 'customfield_8',
  name: 'Site',
  type: 'option',
  values: [{ value: 'Lund' }, { value: 'Malmö' }],
};
const region = { fieldId: 'customfield_7', name: 'Region', type: 'string', required: true };

describe('a field that the create screen asks for', () => {
  it('and nobody gives is told with its choices; by name or id it can be given', async () => {
    const { jira, desk } = await start();
    jira.projects[0].screen.push(region, { ...site, required: true });

    const asked = await desk.check(never);
    const given = await deskOf(jira, { fields: { site: 'Lund', customfield_7: 'North' } }).check(never);

    expect(asked.problems).toEqual([]);
    expect(asked.required).toEqual([
      { field: 'customfield_7', label: 'Region' },
      { field: 'customfield_8', label: 'Site', choices: ['Lund', 'Malmö'] },
    ]);
    expect(given).toMatchObject({ problems: [], required: [] });
  });

  it('is known by its refusal where it is asked for by a rule; one with a wrong value is not called missing', async () => {
    const { jira, desk } = await start();
    jira.projects[0].screen.push(region);

    const missing = await failureOf(desk.create(draftOf('REF-1'), never));
    jira.projects[0].screen = jira.projects[0].screen.filter((field) => field !== region);
    const proxy = await startFaultProxy(jira.url);
    const body = JSON.stringify({ errorMessages: [], errors: { summary: 'Summary is too rude.' } });
    proxy.faults.push({ route: /^POST .*\/issue$/, how: 'answer', status: 400, body });
    const wrong = await failureOf(deskOf(jira, { url: proxy.url }).create(draftOf('REF-1'), never));

    expect(missing.required).toEqual([{ field: 'customfield_7', label: 'Region' }]);
    expect(wrong).toMatchObject({ kind: 'invalid', required: [] });
  });

  it('is taken from one ticket before the configuration, by its name, and never in the place of the reference', async () => {
    const { jira, desk } = await start({}, { fields: { customfield_8: 'Lund', labels: 'mine' } });
    jira.projects[0].screen.push(site);
    const draft = { ...draftOf('REF-1'), fields: { Site: 'Malmö', Labels: 'x' } };

    const { id } = await desk.create(draft, never);

    expect(jira.issues[0]).toMatchObject({ fields: { customfield_8: { value: 'Malmö' } }, labels: ['ref-REF-1'] });
    expect((await desk.get(id, never)).reference).toBe('REF-1');
  });
});

describe('an assignee and a requester', () => {
  const people = [
    { fieldId: 'assignee', name: 'Assignee', type: 'user' },
    { fieldId: 'reporter', name: 'Reporter', type: 'user' },
  ];
  const config = { assignee: '5b10a', requester: '5b10b' };

  it.each([
    [false, { assignee: { id: '5b10a' }, reporter: { id: '5b10b' } }],
    [true, { assignee: { name: '5b10a' }, reporter: { name: '5b10b' } }],
  ])('are set, at Data Center (%s) by their names', async (dataCenter, fields) => {
    const { jira, desk } = await start({ dataCenter }, config);
    jira.projects[0].screen.push(...people);

    const { id } = await desk.create(draftOf('REF-1'), never);

    expect(jira.issues[0]?.fields).toMatchObject(fields);
    expect(await desk.notTaken(id, draftOf('REF-1'), never)).toEqual([]);
  });

  it('that are not taken, as a field that a rule empties, are told', async () => {
    const { jira, desk } = await start({ emptied: new Set(['customfield_8', 'reporter']) }, config);
    jira.projects[0].screen.push(site, ...people.slice(1));
    const draft = { ...draftOf('REF-1'), fields: { Site: 'Lund', Colour: 'red' } };

    const { id } = await desk.create(draft, never);

    expect(await desk.notTaken(id, draft, never)).toEqual([
      'it did not take the assignee 5b10a (helpdesk.assignee)',
      'it did not take the reporter 5b10b (helpdesk.requester)',
      'it did not take the field Site',
      'it did not take the field Colour',
    ]);
  });
});

describe('an assignee of the ticket', () => {
  const screenOf = [{ fieldId: 'assignee', name: 'Assignee', type: 'user' }];

  it('goes before that of the configuration', async () => {
    const { jira, desk } = await start({}, { assignee: '5b10a' });
    jira.projects[0].screen.push(...screenOf);
    const draft = { ...draftOf('REF-1'), assignee: '5b10c' };

    const { id } = await desk.create(draft, never);

    expect(jira.issues[0]?.fields).toMatchObject({ assignee: { id: '5b10c' } });
    expect(await desk.notTaken(id, draft, never)).toEqual([]);
  });

  it('who cannot be assigned issues costs only that, and it is said', async () => {
    const { jira, desk } = await start({ unassignable: new Set(['5b10c']) });
    jira.projects[0].screen.push(...screenOf);
    const draft = { ...draftOf('REF-1'), assignee: '5b10c' };

    const { id } = await desk.create(draft, never);

    expect(jira.issues).toHaveLength(1);
    expect(await desk.notTaken(id, draft, never)).toEqual(['it did not take the assignee 5b10c (people: atDesk)']);
  });
});

describe('Data Center', () => {
  it('is asked with a personal token, by the old search, and by no call that it does not have', async () => {
    const { jira, desk } = await start({ dataCenter: true });
    const bundle = await bundleOf(1000);

    const { problems } = await desk.check(never);
    for (const name of ['REF-1', 'REF-2', 'REF-3']) await desk.create(draftOf(name), never);
    const [ticket] = await desk.findByReference('REF-1', never);
    await desk.attach('SUP-1', bundle, note(), never);
    await desk.setState('SUP-1', 'closed', {}, never);

    expect(problems).toEqual([]);
    expect(ticket).toMatchObject({ key: 'SUP-1', reference: 'REF-1' });
    expect(await desk.list({}, never)).toHaveLength(3);
    expect(await desk.comments('SUP-1', never)).toMatchObject([{ body: 'The evidence.\n[note 1]' }]);
    expect(jira.requests.filter((line) => /gateway|api\/3|tenant_info/.test(line))).toEqual([]);
  });

  it('answers a page of a login where the token is not good: that is no empty list', async () => {
    const { jira } = await start({ dataCenter: true });
    const proxy = await startFaultProxy(jira.url);
    const headers = { 'content-type': 'text/html;charset=UTF-8' };
    proxy.faults.push({ route: /search/, how: 'answer-after', status: 200, headers, body: '<html>Log in</html>' });

    const error = await failureOf(deskOf(jira, { url: proxy.url }).findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'auth', maybeApplied: false });
  });
});

describe('a key', () => {
  it.each([
    ['SUP-7', 'SUP-7'],
    [' sup-7 ', 'SUP-7'],
    ['7', 'SUP-7'],
    ['#7', 'SUP-7'],
    ['007', 'SUP-7'],
    ['R2_D2-15', 'R2_D2-15'],
    ['SUP', undefined],
    ['SUP-', undefined],
    ['SUP-7x', undefined],
    ['../SUP-7', undefined],
    ['INC0010023', undefined],
    ['2SUP-7', undefined],
    ['', undefined],
  ])('%j is %s', (typed, key) => {
    expect(jiraKeys('SUP').parse(typed)).toBe(key);
  });
});

describe('hours that Jira does not take', () => {
  it.each([
    ['time tracking is off', { timeTracking: false }, 'Time tracking is disabled'],
    ['the account may not log work', { denied: new Set(['WORK_ON_ISSUES']) }, 'permission to log work'],
  ])('stay in the comment, and that is told: %s', async (_what, traps, why) => {
    const { desk, id, issue } = await withTicket(traps);
    const { comment, told } = withHours();

    await desk.comment(id, comment, never);

    expect(told).toEqual([expect.stringContaining(why)]);
    expect(issue.worklogs).toEqual([]);
    expect(issue.comments[0]?.body).toContain('Hours: 3.5');
  });

  it('are found on a later page of the work that was logged', async () => {
    const { desk, id, issue } = await withTicket();
    for (const marker of ['[comment aa]', '[comment bb]', '[comment cc]', '[comment aa]', '[comment cc]'])
      await desk.comment(id, { ...withHours().comment, marker }, never);

    expect(issue.worklogs).toHaveLength(3);
  });
});
