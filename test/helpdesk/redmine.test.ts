import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RedmineApi } from '../../src/helpdesk/redmine/api.ts';
import { startRedmineRig } from '../support/desks/redmine-rig.ts';
import { sharedDesk } from '../support/desks/shared-desk.ts';
import { lacks } from '../support/requirements.ts';
import { bundleOf, draftOf, failureOf, testHelpDesk, withHours } from './contract.ts';
import { testFaults } from './faults.ts';

const never = new AbortController().signal;
const note = { body: 'The evidence.', public: true, marker: '[note 1]' };

describe.skipIf(lacks('redmine'))('Redmine 5', () => {
  beforeAll(async () => void (await sharedDesk('redmine')), 240_000); // it takes its time to start

  testHelpDesk('the redmine provider', startRedmineRig);
  testFaults('the redmine provider', startRedmineRig);

  describe('that does not know us', () => {
    it('shows an empty list, which is not taken for "no ticket"', async () => {
      const { desk, withToken, real, reference, ids } = await startRedmineRig();
      await desk.create(draftOf(reference('REF-1')), never);
      const query = `/issues.json?status_id=*&cf_${ids.cf_id}=${reference('REF-1')}`;
      expect(await real.ask(query, { as: 'wrong' })).toMatchObject({ status: 200, total_count: 0 });
      const stranger = withToken('wrong');

      const find = await failureOf(stranger.findByReference(reference('REF-1'), never));
      const list = await failureOf(stranger.list({}, never));
      const get = await failureOf(stranger.get('4711', never));

      expect([find, list, get].map(({ kind }) => kind)).toEqual(['auth', 'auth', 'auth']);
    });

    it('because its REST API is switched off says so, instead of finding nothing', async () => {
      const { desk, proxy, reference } = await startRedmineRig();
      const off = () =>
        proxy.faults.push(
          { route: /^GET \/users\/current/, how: 'answer', status: 403 },
          { route: /^GET \/issues\.json/, how: 'answer', status: 200, body: '{"issues":[],"total_count":0}' },
        );

      off();
      const find = await failureOf(desk.findByReference(reference('REF-1'), never));
      off();
      const check = await failureOf(desk.check(never));

      for (const error of [find, check])
        expect(error).toMatchObject({
          kind: 'forbidden',
          maybeApplied: false,
          message: expect.stringContaining('REST API is switched off (Administration → Settings → API)'),
        });
    });
  });

  describe('a project that asks for fields', () => {
    const strict = { project: 'strict', tracker: 'Strict ticket' };

    it('refuses a ticket without them, and which they are is told', async () => {
      const { deskWith, ledger, reference } = await startRedmineRig();

      const error = await failureOf(deskWith(strict).create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
      expect(error.required).toEqual([
        { field: 'Site', label: 'Site' },
        { field: 'Contract', label: 'Contract' },
      ]);
      expect(await ledger()).toEqual([]);
    });

    it('does not call a field missing whose value it does not take', async () => {
      const { deskWith, reference } = await startRedmineRig();
      const desk = deskWith({ ...strict, fields: { Site: 'Nowhere' } });

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error.message).toContain('Site is not included in the list');
      expect(error.required.map(({ field }) => field)).toEqual(['Contract']);
    });

    it('tells them to an administrator before, and to nobody else', async () => {
      const { deskWith, ids } = await startRedmineRig();

      const agent = await deskWith(strict).check(never);
      const administrator = await deskWith({ ...strict, token: ids.admin_token, fields: { Contract: 'x' } }).check(
        never,
      );

      expect(agent.required).toBeUndefined();
      expect(administrator.required).toEqual([{ field: 'Site', label: 'Site', choices: ['Lund', 'Malmo'] }]);
    });

    it('gets those of one ticket, which go before those of the configuration', async () => {
      const { deskWith, real, reference } = await startRedmineRig();
      const desk = deskWith({ ...strict, fields: { Site: 'Malmo', Contract: 'C-7' } });
      const draft = { ...draftOf(reference('REF-1')), fields: { site: 'Lund', Colour: 'red' } };

      const { id } = await desk.create(draft, never);

      const { issue } = await real.ask(`/issues/${id}.json`);
      const values = issue.custom_fields.map(({ name, value }: { name: string; value: string }) => [name, value]);
      expect(Object.fromEntries(values)).toMatchObject({ Site: 'Lund', Contract: 'C-7' });
      expect(await desk.notTaken(id, draft, never)).toEqual(['it did not take the field Colour']);
    });
  });

  describe('a new issue', () => {
    const filled = { project: 'strict', tracker: 'Strict ticket', fields: { Site: 'Lund', Contract: 'C-7' } };

    it.each(['Kim Agent', 'network team'])('is for %s, in its category, for its version', async (assignee) => {
      const { deskWith, real, reference } = await startRedmineRig();
      const desk = deskWith({ ...filled, assignee, category: 'VPN', targetVersion: '2.2.6' });
      const draft = draftOf(reference('REF-1'));

      const { problems } = await desk.check(never);
      const { id } = await desk.create(draft, never);

      const { issue } = await real.ask(`/issues/${id}.json`);
      expect(problems).toEqual([]);
      expect(issue.assigned_to.name.toLowerCase()).toBe(assignee.toLowerCase());
      expect(issue).toMatchObject({ category: { name: 'VPN' }, fixed_version: { name: '2.2.6' } });
      expect(await desk.notTaken(id, draft, never)).toEqual([]);
    });

    it.each([
      ['is not there', 'Nobody Here'],
      ['may not work on issues', 'Robin Watcher'],
    ])('for somebody who %s is made all the same, once, and that is said', async (_what, assignee) => {
      const { deskWith, reference } = await startRedmineRig();
      const desk = deskWith({ ...filled, assignee, category: 'Gone' });
      const draft = draftOf(reference('REF-1'));

      const { id } = await desk.create(draft, never);

      expect(await desk.findByReference(reference('REF-1'), never)).toHaveLength(1);
      expect(await desk.notTaken(id, draft, never)).toEqual([
        `it did not take the assignee ${assignee} (helpdesk.assignee)`,
        'it did not take the category Gone (helpdesk.category)',
      ]);
    });

    it('is for whom the ticket itself names', async () => {
      const { deskWith, real, reference } = await startRedmineRig();
      const desk = deskWith({ ...filled, assignee: 'Network team' });
      const [kim, nobody] = ['Kim Agent', 'Nobody Here'].map((assignee, number) => ({
        ...draftOf(reference(`REF-${number}`)),
        assignee,
      }));
      if (kim === undefined || nobody === undefined) throw new Error('there are two drafts');

      const [hers, nobodys] = [await desk.create(kim, never), await desk.create(nobody, never)];

      expect((await real.ask(`/issues/${hers.id}.json`)).issue.assigned_to.name).toBe('Kim Agent');
      expect(await desk.notTaken(hers.id, kim, never)).toEqual([]);
      expect(await desk.notTaken(nobodys.id, nobody, never)).toEqual([
        'it did not take the assignee Nobody Here (people: atDesk)',
      ]);
      expect((await desk.check(never, ['Kim Agent', 'Nobody Here'])).problems).toEqual([
        expect.stringContaining('no member Nobody Here, but Kim Agent, Robin'),
      ]);
    });

    it('for somebody who is not there is said before', async () => {
      const { deskWith } = await startRedmineRig();

      const { problems } = await deskWith({ ...filled, assignee: 'Nobody Here' }).check(never);

      expect(problems).toEqual([
        expect.stringContaining('the project has no member Nobody Here, but Kim Agent, Robin'),
      ]);
    });
  });

  describe('the search', () => {
    it.each([
      ['does not exist', () => '99'],
      ['is not "used as a filter"', (ids: { unsearched_cf_id: number }) => String(ids.unsearched_cf_id)],
    ])('by a field that %s shows all tickets, of which none is taken for ours', async (_what, field) => {
      const { desk, deskWith, ids, reference } = await startRedmineRig();
      await desk.create(draftOf(reference('REF-1')), never);
      const mistaken = deskWith({ referenceField: field(ids) });

      const error = await failureOf(mistaken.findByReference(reference('REF-2'), never));

      expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('"used as a filter"') });
    });

    it('finds a ticket that support moved to another project', async () => {
      const { desk, real, reference } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      await real.administer(id, { project_id: 'escalations' });

      const found = await desk.findByReference(reference('REF-1'), never);

      expect(found.map((ticket) => ticket.id)).toEqual([id]);
    });

    it('shows the files of what it found', async () => {
      const { desk, reference } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      await desk.attach(id, bundle, note, never);

      const [found] = await desk.findByReference(reference('REF-1'), never);

      expect(found?.files).toMatchObject([{ name: bundle.name, sizeBytes: 1000 }]);
    });

    it('has the oldest first of several', async () => {
      const { desk, reference } = await startRedmineRig();
      const [first, second] = [
        await desk.create(draftOf(reference('REF-1')), never),
        await desk.create(draftOf(reference('REF-1')), never),
      ];

      const found = await desk.findByReference(reference('REF-1'), never);

      expect(found.map(({ id }) => id)).toEqual([first.id, second.id]);
    });
  });

  describe('a list', () => {
    it('is of one page after the other, the newest change first, as long as it is wanted (F05)', async () => {
      const { desk, proxy, reference } = await startRedmineRig();
      const made = [];
      for (const name of ['REF-1', 'REF-2', 'REF-3']) made.push(await desk.create(draftOf(reference(name)), never));
      proxy.requests.length = 0;

      const all = await desk.list({ scope: 'mine' }, never);
      const two = await desk.list({ limit: 2 }, never);
      const recent = await desk.list({ updatedSince: new Date(Date.now() + 3_600_000) }, never);

      const ids = made.map(({ id }) => id);
      expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      expect(two).toHaveLength(2);
      expect(recent).toEqual([]);
      expect(proxy.requests[0]).toContain('author_id=me');
    });
  });

  describe('a new ticket', () => {
    it('loses a reference in a field that is not known, is told apart by that, and gets it afterwards', async () => {
      const { desk, deskWith, reference } = await startRedmineRig();
      const created = await deskWith({ referenceField: '99' }).create(draftOf(reference('REF-1')), never);
      expect(created.reference).toBeUndefined();

      await desk.setReference(created.id, reference('REF-1'), never);

      expect(await desk.get(created.id, never)).toMatchObject({ reference: reference('REF-1') });
    });

    it('is not made in another tracker than the one that is configured', async () => {
      const { deskWith, reference, ledger } = await startRedmineRig();

      const error = await failureOf(deskWith({ tracker: 'Incident' }).create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
      expect(error.message).toContain('no tracker Incident');
      expect(await ledger()).toEqual([]);
    });

    it('has the priority of its severity, and the fields of the configuration', async () => {
      const { deskWith, real, reference } = await startRedmineRig();
      const fields = { 'Serial Number': '{product} {version}', Colour: 'red', 'External Reference': '{license}' };
      const desk = deskWith({ fields });
      await desk.create(draftOf(reference('REF-1')), never); // shows which fields there are

      const { id } = await desk.create({ ...draftOf(reference('REF-2')), product: 'InCenter', version: '2.2' }, never);

      const { issue } = await real.ask(`/issues/${id}.json`);
      expect(issue.priority.name).toBe('High');
      expect(issue.custom_fields).toMatchObject([
        { name: 'External Reference', value: reference('REF-2') },
        { name: 'Serial Number', value: 'InCenter 2.2' },
      ]);
    });

    it('is made of a subject that is too long or has line ends', async () => {
      const { desk, reference } = await startRedmineRig();
      const subject = `first\nsecond ${'x'.repeat(300)}`;

      const { id } = await desk.create({ ...draftOf(reference('REF-1')), subject }, never);

      expect((await desk.get(id, never)).subject).toMatch(/^first second x{241}…$/);
    });

    it('finds its reference field by name, where an issue shows it', async () => {
      const { desk, deskWith, reference } = await startRedmineRig();
      await desk.create(draftOf(reference('REF-1')), never);
      const byName = deskWith({ referenceField: 'external reference' });

      const created = await byName.create(draftOf(reference('REF-2')), never);

      expect(created.reference).toBe(reference('REF-2'));
      expect(await byName.findByReference(reference('REF-2'), never)).toHaveLength(1);
    });

    it('is not made where the name of the field is not known; it is said how to find its number', async () => {
      const { deskWith, reference, ledger } = await startRedmineRig();

      const error = await failureOf(deskWith({ referenceField: 'Case' }).create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
      expect(error.message).toContain('…/custom_fields/NUMBER/edit');
      expect(await ledger()).toEqual([]);
    });
  });

  describe('a key', () => {
    it.each(['1234', '#1234', 'RM-1234', 'rm-1234', ' RM-1234 '])('is typed as %j', async (text) => {
      const { desk } = await startRedmineRig();

      expect(desk.keys.parse(text)).toBe('RM-1234');
    });

    it('has the prefix of the configuration, and is known in every form', async () => {
      const { deskWith, reference } = await startRedmineRig();
      const desk = deskWith({ prefix: 'HELP' });
      const { id, key } = await desk.create(draftOf(reference('REF-1')), never);

      const found = [];
      for (const text of [id, `#${id}`, `help-${id}`]) found.push((await desk.get(text, never)).key);

      expect(key).toBe(`HELP-${id}`);
      expect(found).toEqual([key, key, key]);
    });

    it('of another help desk is not found, whatever its number', async () => {
      const { desk, reference, proxy } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      proxy.requests.length = 0;

      const errors = [
        await failureOf(desk.get(`TIC-${id}`, never)),
        await failureOf(desk.comment('../users/1', note, never)),
      ];

      expect(errors.map(({ kind }) => kind)).toEqual(['not-found', 'not-found']);
      expect(proxy.requests).toEqual([]);
    });
  });

  describe('a change of state', () => {
    it('that its workflow forbids is answered with 204, and refused here, with the states it leads to', async () => {
      const { desk, reference } = await startRedmineRig();
      const { id, key } = await desk.create(draftOf(reference('REF-1')), never);
      await desk.setState(id, 'closed', {}, never);

      const error = await failureOf(desk.setState(id, 'fixed', {}, never));

      expect(error.kind).toBe('refused-transition');
      expect(error.message).toContain(`${key} stays Closed`);
      expect(error.message).toMatch(/leads from there to Open,/);
    });

    it('to a state that has no status there names those that there are', async () => {
      const { deskWith, reference } = await startRedmineRig();
      const desk = deskWith({ states: { fixed: ['Repaired'] } });
      const { id } = await desk.create(draftOf(reference('REF-1')), never);

      const error = await failureOf(desk.setState(id, 'fixed', {}, never));

      expect(error).toMatchObject({ kind: 'refused-transition' });
      expect(error.message).toMatch(/no status Repaired, but New, In Progress, Resolved/);
    });

    it('to a state that nobody named is read by whether it is closed', async () => {
      const { deskWith, reference } = await startRedmineRig();
      const desk = deskWith({ states: { closed: ['Rejected'], fixed: ['Resolved'] } });
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const ordinary = deskWith({});

      await ordinary.setState(id, 'fixed', {}, never);
      expect(await desk.get(id, never)).toMatchObject({ state: 'other', nativeState: 'Fixed' });
      await ordinary.setState(id, 'closed', {}, never);
      expect(await desk.get(id, never)).toMatchObject({ state: 'closed', nativeState: 'Closed' });
    });
  });

  describe('a file', () => {
    it('over the limit is too large, with what the administrator does about it, and leaves no comment', async () => {
      const { desk, reference, ledger } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(31_500_000);

      const error = await failureOf(desk.attach(id, bundle, note, never));

      expect(error).toMatchObject({ kind: 'too-large', status: 422, maybeApplied: false });
      expect(error.message).toMatch(/31457280.*Administration → Settings → Files/);
      expect(await ledger()).toMatchObject([{ files: [], markers: [] }]);
    });

    it('of a kind that is not taken is not called too large', async () => {
      const { desk, reference, proxy } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const body = '{"errors":["Attachment extension .zip is not allowed"]}';
      proxy.faults.push({ route: /^POST \/uploads/, how: 'answer', status: 422, body });

      const error = await failureOf(desk.attach(id, await bundleOf(1000), note, never));

      expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('.zip is not allowed') });
    });

    it('whose upload was answered by nobody has no effect: it is simply sent again', async () => {
      const { desk, reference, proxy, ledger } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      proxy.faults.push({ route: /^POST \/uploads/, how: 'lose-answer' });

      const error = await failureOf(desk.attach(id, bundle, note, never));
      await desk.attach(id, bundle, note, never);

      expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
      expect(await ledger()).toMatchObject([{ files: [{ sha256: bundle.sha256 }], markers: ['[note 1]'] }]);
    });

    it('is uploaded anew for a second attempt: what was uploaded can be used once, and a comment goes down with it (F23)', async () => {
      const { desk, reference, proxy, ledger, real } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      const { upload } = await usedUpload(real.ask, id);
      const body = JSON.stringify({ upload });
      proxy.faults.push({ route: /^POST \/uploads/, how: 'answer', status: 201, body });

      const error = await failureOf(desk.attach(id, bundle, note, never));
      const between = await ledger();
      await desk.attach(id, bundle, note, never);

      expect(error).toMatchObject({ kind: 'invalid', status: 422, maybeApplied: false });
      expect(between).toMatchObject([{ files: [{ name: 'used.txt' }], markers: [] }]);
      expect(await ledger()).toMatchObject([
        { files: [{ name: 'used.txt' }, { sha256: bundle.sha256 }], markers: ['[note 1]'] },
      ]);
    });

    it('that is there without its comment is not sent again', async () => {
      const { desk, reference, ledger, proxy } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      await desk.attach(id, bundle, note, never);
      proxy.requests.length = 0;

      await desk.attach(id, bundle, { ...note, marker: '[note 2]' }, never);

      expect(await ledger()).toMatchObject([{ files: [{}], markers: ['[note 1]', '[note 2]'] }]);
      expect(proxy.requests.filter((line) => line.startsWith('POST'))).toEqual([]);
    });

    it('that another run attached while it was uploaded is there once', async () => {
      const { desk, deskWith, reference, ledger } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      const { upload } = RedmineApi.prototype;
      const spy = vi.spyOn(RedmineApi.prototype, 'upload').mockImplementationOnce(async function (
        this: RedmineApi,
        ...args
      ) {
        await deskWith({}).attach(id, bundle, note, never);
        return upload.apply(this, args);
      });
      onTestFinished(() => spy.mockRestore());

      await desk.attach(id, bundle, note, never);

      expect(await ledger()).toMatchObject([{ files: [{ sha256: bundle.sha256 }], markers: ['[note 1]'] }]);
    });

    it('or a comment that is taken and not there is a failure', async () => {
      const { desk, reference, dropFile } = await startRedmineRig();
      const { id, key } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);

      dropFile();
      const file = await failureOf(desk.attach(id, bundle, note, never));
      dropFile();
      const comment = await failureOf(desk.comment(id, note, never));

      expect(file).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
      expect(file.message).toContain(`${bundle.name}, but it is not at ${key}`);
      expect(comment).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    });
  });

  describe('a comment', () => {
    it('is private where it is not for everybody, and public else', async () => {
      const { desk, reference } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);

      await desk.comment(id, { ...note, public: false }, never);
      await desk.comment(id, { body: 'For all.\n[note 2]', public: true, marker: '[note 2]' }, never);

      expect(await desk.comments(id, never)).toMatchObject([
        { body: 'The evidence.\n\n[note 1]', public: false, author: 'Support Bot' },
        { body: 'For all.\n[note 2]', public: true },
      ]);
    });

    it('that everybody can read although it should be private is a failure', async () => {
      const { desk, withToken, ids, reference } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);

      const error = await failureOf(withToken(ids.guest_token).comment(id, { ...note, public: false }, never));

      expect(error).toMatchObject({
        kind: 'forbidden',
        message: expect.stringContaining('everybody there can read it'),
      });
    });
  });

  describe('hours that Redmine does not take', () => {
    it.each([
      ['without the right to see them', { token: 'guest' }, 'the account lacks the right "View spent time"'],
      ['of an activity that the project has not', { timeActivity: 'Nope' }, 'the project has no activity Nope'],
    ])('stay in the comment, and that is told: %s', async (_what, given, why) => {
      const { desk, deskWith, ids, hours, reference } = await startRedmineRig();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const settings = 'token' in given ? { token: ids.guest_token } : given;
      const { comment, told } = withHours();

      await deskWith(settings).comment(id, comment, never);

      expect(told).toEqual([expect.stringContaining(why)]);
      expect(await hours?.of(id)).toBe(0);
      expect(await desk.comments(id, never)).toMatchObject([{ body: expect.stringContaining('Hours: 3.5') }]);
    });

    it('is known of an activity before anything is written', async () => {
      const { deskWith } = await startRedmineRig();

      const { problems } = await deskWith({ timeActivity: 'Nope' }).check(never);

      expect(problems).toEqual([
        expect.stringMatching(/no activity Nope, but .*Support.*correct helpdesk.timeActivity/),
      ]);
    });
  });

  describe('text of a server', () => {
    const evil = [
      'h1. Heading',
      '*bold* _it_ @code@ "link":http://evil.example.com !http://evil.example.com/x.png!',
      '#1 r12 user:admin @admin attachment:x.zip commit:abc [[Wiki]] http://evil.example.com',
      '{{toc}} {{collapse(x)}} {{hello_world}} {{macro(0)}}',
      '|a|table|',
      '# list',
      '<b>b</b> <script>alert(1)</script> <a href="x">y</a> <!-- hidden -->',
      '</pre> </PRE> </code> <pre> <code class="ruby"> puts 1 </code> <notextile><b>x</b></notextile>',
      '<\u212abd>kelvin</\u212abd> <redpre#0> </pre><h1>out</h1>',
      '&lt;b&gt; &amp; "quoted" \'single\'',
      '{{collapse',
      'many lines',
      '}}',
    ];

    it('is shown as it is, in descriptions and comments: no markup, no link, no macro (F26)', async () => {
      const { desk, real, reference } = await startRedmineRig();
      const body = evil.join('\n');
      const { id } = await desk.create({ ...draftOf(reference('REF-1')), body }, never);
      await desk.comment(id, { ...note, body }, never);

      const page = await real.page(id);

      const shown = page.match(/<div(?=[^>]* class="wiki")[^>]*>[\s\S]*?<\/div>/g) ?? [];
      const asShown = body.replace(/<(?=\/?(?:code|pre|kbd|notextile))/giu, '< ');
      expect(shown.map(withinPre)).toEqual([asShown, `${asShown}\n\n[note 1]`]);
      expect((await desk.comments(id, never))?.[0]?.body).toBe(`${asShown}\n\n[note 1]`);
    });
  });

  describe('the check', () => {
    it.each([
      [{ project: 'nowhere' }, /sees no project nowhere: correct helpdesk\.project/],
      [{ tracker: 'Incident' }, /no tracker Incident, but Support ticket: correct helpdesk\.tracker/],
      [{ referenceField: '99' }, /shows a custom field 99; its number is in its address/],
      [{ referenceField: 'Case' }, /shows a custom field Case; its number is in its address/],
      [{ referenceField: 'Serial Number' }, /cannot be searched by Serial Number: .* "used as a filter"/],
      [
        { states: { fixed: ['Repaired'] as [string] } },
        /no status is called Repaired, but New, .*helpdesk\.states\.fixed/,
      ],
      [{ fields: { Colour: 'red' } }, /no custom field Colour, but External Reference/],
      [
        { priorities: { low: 'Low', medium: 'Normal', high: 'High', emergency: 'Panic' } },
        /no priority Panic, but Low, .*helpdesk\.priorities\.emergency/,
      ],
    ])('says what will go wrong with %j, and what to do', async (settings, expected) => {
      const { desk, deskWith, reference } = await startRedmineRig();
      await desk.create(draftOf(reference('REF-1')), never);

      const { problems } = await deskWith(settings).check(never);

      expect(problems).toEqual([expect.stringMatching(expected)]);
    });

    it('says which rights the account lacks', async () => {
      const { withToken, ids, proxy } = await startRedmineRig();

      const { account, problems } = await withToken(ids.guest_token).check(never);

      expect(account).toBe('guest');
      expect(problems).toEqual(['the role Guest lacks "Edit issues": have the administrator add it']);
      expect(proxy.requests.filter((line) => !line.startsWith('GET'))).toEqual([]);
    });
  });
});

/** What a page has within its only `pre`; anything else in it would be markup. */
function withinPre(html: string): string | undefined {
  const within = /^<div[^>]*>\s*<pre>\n?([^<>]*)<\/pre>\s*<\/div>$/.exec(html)?.[1];
  const signs: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#38': '&', '#39': "'" };
  return within
    ?.replace(/&(lt|gt|quot|amp|#38|#39);/g, (all, name: string) => signs[name] ?? all)
    .replaceAll('\r\n', '\n')
    .trimEnd();
}

type Ask = Awaited<ReturnType<typeof startRedmineRig>>['real']['ask'];

/** An upload that an issue has used already. */
async function usedUpload(ask: Ask, id: string): Promise<{ upload: { token: string } }> {
  const answer = await ask('/uploads.json?filename=used.txt', {
    method: 'POST',
    body: 'used',
    type: 'application/octet-stream',
  });
  const uploads = [{ token: answer.upload.token, filename: 'used.txt' }];
  await ask(`/issues/${id}.json`, { method: 'PUT', body: { issue: { uploads } } });
  return { upload: answer.upload };
}
