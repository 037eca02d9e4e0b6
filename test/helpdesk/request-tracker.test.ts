import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf } from '../../src/helpdesk/request-tracker/answers.ts';
import { type RequestTrackerConfig, RequestTrackerDesk } from '../../src/helpdesk/request-tracker/desk.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { register } from '../../src/tickets/register.ts';
import { runAsOwner } from '../../src/tickets/settle.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { type Json, routes, startRt, startRtRig } from '../support/desks/request-tracker-rig.ts';
import { sharedDesk } from '../support/desks/shared-desk.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { bundleOf, draftOf, failureOf, testHelpDesk } from './contract.ts';
import { testFaults } from './faults.ts';

describe.skipIf(lacks('request-tracker'))('Request Tracker 5', () => {
  testHelpDesk('the request-tracker provider', startRtRig);
  testFaults('the request-tracker provider', startRtRig);

  const never = new AbortController().signal;
  const comment = (marker: string) => ({ body: 'The evidence.', public: true, marker });

  /** A desk of its own settings, at the shared server. */
  async function startDesk(settings: Partial<RequestTrackerConfig> = {}) {
    const { url, token, ask } = await startRt();
    const desk = new RequestTrackerDesk({ url, token, queue: 'Support', env: {}, ...settings });
    return { desk, ask, reference: `REF-${randomBytes(6).toString('hex')}` };
  }

  it('knows a queue without the reference field before anything is registered', async () => {
    const { desk } = await startDesk({ referenceField: 'Nope', fields: { Colour: 'red' } });

    const { problems } = await desk.check(never);

    expect(problems).toEqual([
      expect.stringContaining('queue Support has no custom field "Nope", by which tickets are found again'),
      expect.stringContaining('queue Support has no custom field "Colour"; have it applied'),
    ]);
  });

  describe('a queue whose forms ask for fields', () => {
    const strict = async (settings: Partial<RequestTrackerConfig> = {}, tokenFile = 'reader-token') => {
      const { home } = await sharedDesk('request-tracker');
      const token = await readFile(join(home, tokenFile), 'utf8');
      return startDesk({ queue: 'Strict', token, ...settings });
    };

    it('says which nobody gives, with their values, to an account that may read them', async () => {
      const { desk } = await strict({ fields: { Contract: 'C-7' } });

      const { required, problems } = await desk.check(never);

      expect(required).toEqual([{ field: 'Site', label: 'Site', choices: ['Lund', 'Malmo'] }]);
      expect(problems).toEqual([]);
    });

    it('of which the account may not read any is not said to need none', async () => {
      const { desk } = await strict({}, 'token');

      expect((await desk.check(never)).required).toBeUndefined();
    });

    it('gets those of one ticket, which go before those of the configuration', async () => {
      const { desk, ask, reference } = await strict({ fields: { Contract: 'C-7', Site: 'Malmo' } });
      const draft = { ...draftOf(reference), fields: { Site: 'Lund' } };

      const { id } = await desk.create(draft, never);

      const { CustomFields } = await ask(`ticket/${id}`);
      expect(CustomFields).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'Site', values: ['Lund'] }),
          expect.objectContaining({ name: 'Contract', values: ['C-7'] }),
        ]),
      );
      expect(await desk.notTaken(id, draft, never)).toEqual([]);
    });
  });

  describe('a ticket', () => {
    it('has the owner and the watchers of the configuration, and is from whom it is said to be', async () => {
      const { desk, ask, reference } = await startDesk({ owner: 'kim', adminCc: ['watch@localhelp.invalid'] });
      const draft = { ...draftOf(reference), requester: 'guest@localhelp.invalid' };

      const { id } = await desk.create(draft, never);

      expect(await ask(`ticket/${id}`)).toMatchObject({
        Owner: { id: 'kim' },
        AdminCc: [{ id: 'watch@localhelp.invalid' }],
        Requestor: [{ id: 'guest@localhelp.invalid' }],
      });
      expect(await desk.notTaken(id, draft, never)).toEqual([]);
    });

    it('that RT gave no owner, watcher or value, with 201, is a ticket all the same, and that is said', async () => {
      const settings = { owner: 'stranger', adminCc: ['no address'], fields: { Colour: 'red' } };
      const { desk, reference } = await startDesk(settings);
      const folder = await temporaryFolder();
      const run = await openRunStore(folder, () => new Date()).create('ice01', new Date(), 'UTC');
      const said: string[] = [];
      const emit = (event: { type: string; text?: string }) => void said.push(`${event.type}: ${event.text}`);
      const operator = { emit, sleep: async () => {}, now: () => new Date() } as unknown as Operator;

      const { ticket, created } = await register(draftOf(reference), {
        owner: runAsOwner(run),
        desk,
        operator,
        signal: never,
      });

      expect(created).toBe(true);
      expect(said).toEqual([
        `warning: ${ticket.key}: it did not take the owner stranger (helpdesk.owner)`,
        `warning: ${ticket.key}: it did not take the watcher no address (helpdesk.adminCc)`,
        `warning: ${ticket.key}: it did not take the field Colour`,
      ]);
      expect(await desk.findByReference(reference, never)).toHaveLength(1);
    });

    it('has the owner that it names itself; one whom RT does not know is said', async () => {
      const { desk, ask, reference } = await startDesk({ owner: 'root' });
      const draft = { ...draftOf(reference), assignee: 'kim' };
      const strange = { ...draftOf(`${reference}-2`), assignee: 'stranger' };

      const [{ id }, other] = [await desk.create(draft, never), await desk.create(strange, never)];

      expect(await ask(`ticket/${id}`)).toMatchObject({ Owner: { id: 'kim' } });
      expect(await desk.notTaken(id, draft, never)).toEqual([]);
      expect(await desk.notTaken(other.id, strange, never)).toEqual([
        'it did not take the owner stranger (people: atDesk)',
      ]);
      expect((await desk.check(never, ['kim', 'nobody-there'])).problems).toEqual([
        'there is no user nobody-there: tickets get no owner; see people: atDesk',
      ]);
    });

    it('whose owner is not known there is said before', async () => {
      const { desk } = await startDesk({ owner: 'nobody-here' });

      const { problems } = await desk.check(never);

      expect(problems).toEqual([expect.stringContaining('there is no user nobody-here')]);
    });
  });

  it('that drops the reference gets one ticket, however often it is tried, and says so', async () => {
    const { desk, ask, reference } = await startDesk({ referenceField: 'Nope' });
    const folder = await temporaryFolder();
    const run = await openRunStore(folder, () => new Date()).create('ice01', new Date(), 'UTC');
    const operator = { emit: () => {}, sleep: async () => {}, now: () => new Date() } as unknown as Operator;
    const draft = { ...draftOf(reference), subject: `of ${reference}` };

    for (let times = 0; times < 3; times++)
      await expect(register(draft, { owner: runAsOwner(run), desk, operator, signal: never })).rejects.toMatchObject({
        code: 'reference-not-kept',
      });

    const query = encodeURIComponent(`Subject = 'of ${reference}'`);
    expect(await ask(`tickets?query=${query}`)).toMatchObject({ count: 1 });
  });

  it('that lost the reference of one ticket is given it once more, and read back', async () => {
    const { desk, ask, reference } = await startDesk();
    const { id } = await ask('ticket', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Queue: 'Support', Subject: 'x', Content: 'y' }),
    });

    await desk.setReference(String(id), reference, never);

    expect(await desk.findByReference(reference, never)).toMatchObject([{ id, reference }]);
  });

  it.each([
    ['it asks for a login', 302, 'auth'],
    ['a gateway takes no such file', 413, 'too-large'],
  ])('is understood when %s: a %i is %s', async (_what, status, kind) => {
    const { desk, proxy, reference } = await startRtRig();
    const { id } = await desk.create(draftOf(reference('REF-1')), never);
    const bundle = await bundleOf(100);
    proxy.faults.push({ route: routes.attach, how: 'answer', status, headers: { location: '/' } });

    const error = await failureOf(desk.attach(id, bundle, comment('[b]'), never));

    expect(error).toMatchObject({ kind, maybeApplied: false });
  });

  it('has no right to a queue, or has no such queue: nothing is registered', async () => {
    const { desk, reference } = await startDesk({ queue: "No'Such" });

    const error = await failureOf(desk.create(draftOf(reference), never));
    const found = await desk.findByReference(reference, never);

    expect(error).toMatchObject({ kind: 'forbidden', maybeApplied: false });
    expect(found).toEqual([]);
  });

  it('refuses a change of state with 200: its words and what it offers are said', async () => {
    const { desk, reference } = await startDesk();
    const { id, key } = await desk.create(draftOf(reference), never);
    await desk.setState(id, 'closed', {}, never);

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error.kind).toBe('refused-transition');
    expect(error.message).toMatch(
      new RegExp(`^${key} stays closed \\(.*can't change status from 'closed' to 'fixed'.*\\); it offers: open$`),
    );
  });

  it('keeps a closed ticket closed when it is commented, and mails nobody of a file', async () => {
    const { desk, reference, ask } = await startDesk();
    const { id } = await desk.create(draftOf(reference), never);
    await desk.attach(id, await bundleOf(100), comment('[file]'), never);
    await desk.comment(id, comment('[open]'), never);
    await desk.setState(id, 'closed', {}, never);

    await desk.comment(id, comment('[closed]'), never);

    expect((await desk.get(id, never)).state).toBe('closed');
    const { items } = await ask(`ticket/${id}/history?fields=Type,Data`);
    const told = (items as Json[]).filter(({ Type }) => Type === 'Comment' || Type === 'Correspond');
    expect(told.map(({ Type, Data }) => [Type, String(Data).trim()])).toEqual([
      ['Comment', '[file]'],
      ['Correspond', '[open]'],
      ['Comment', '[closed]'],
    ]);
    const texts = await desk.comments(id, never);
    expect(texts.map(({ body, public: isPublic, author }) => [body, isPublic, author])).toEqual([
      ['The evidence.', false, 'support-bot'],
      ['The evidence.', true, 'support-bot'],
      ['The evidence.', false, 'support-bot'],
    ]);
  });

  it('reads lists that are longer than a page to their end (F05)', async () => {
    const { desk, reference } = await startDesk({ pageLength: 2 });
    const { id } = await desk.create(draftOf(reference), never);
    for (const n of [1, 2, 3]) await desk.comment(id, comment(`[note ${n}]`), never);

    await desk.comment(id, comment('[note 3]'), never);

    expect(await desk.comments(id, never)).toHaveLength(3);
  });

  it('has a ticket that was merged: nothing is taken for ours that is another one', async () => {
    const { desk, ask, reference } = await startDesk();
    const { id: kept } = await desk.create(draftOf(reference), never);
    const { id: merged } = await desk.create(draftOf(`${reference}-2`), never);
    const body = JSON.stringify({ MergeInto: Number(kept) });
    await ask(`ticket/${merged}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body }).catch(
      () => {},
    );

    const ticket = await desk.get(merged, never);

    expect([ticket.id, ticket.reference]).toEqual([kept, reference]);
  });

  it('takes custom fields, and leaves out those of which nothing is known', async () => {
    const { desk, reference } = await startDesk({
      referenceField: 'Nope',
      fields: { 'External Reference': '{license}' },
    });
    const with_ = await desk.create({ ...draftOf(reference), license: reference }, never);
    const without = await desk.create(draftOf(reference), never);

    const { desk: reader } = await startDesk();

    expect((await reader.get(with_.id, never)).reference).toBe(reference);
    expect((await reader.get(without.id, never)).reference).toBeUndefined();
  });

  it.each(['4711000', 'RT-4711000', 'SUP-7', 'x/../1', ''])('says that there is no ticket %j', async (id) => {
    const { desk } = await startDesk();

    const error = await failureOf(desk.get(id, never));

    expect(error).toMatchObject({ kind: 'not-found', maybeApplied: false });
  });

  it('keeps only part of a file and answers that it took it: the file is not taken for whole', async () => {
    const { url, token } = await sharedDesk('request-tracker-small');
    const desk = new RequestTrackerDesk({ url, token, queue: 'Support', env: {} });
    const { id } = await desk.create(draftOf('REF-1'), never);
    const [small, large] = [await bundleOf(50_000), { ...(await bundleOf(200_000)), name: 'large.zip' }];
    await desk.attach(id, small, comment('[small]'), never);

    const error = await failureOf(desk.attach(id, large, comment('[large]'), never));

    expect(error).toMatchObject({ kind: 'too-large', maybeApplied: false });
    expect(error.message).toContain('$MaxAttachmentSize');
    expect((await desk.get(id, never)).files).toEqual([
      { id: expect.any(String), name: small.name, sizeBytes: 50_000 },
      { id: expect.any(String), name: 'large.zip.txt', sizeBytes: 200_000 },
    ]);
  });
});

describe('the files of a ticket of RT', () => {
  const attachments = [
    { id: '4', TransactionId: '42', Filename: 'a.zip', ContentType: 'application/zip', ContentLength: 1000 },
    { id: '7', TransactionId: '45', Filename: 'a.zip', ContentType: 'application/zip', ContentLength: 1000 },
  ];

  it('have no size where the history says that they were cut: a later copy may be whole', () => {
    const history = [
      { id: '42', Type: 'Comment', Data: '[b]' },
      { id: '43', Type: 'AttachmentTruncate', Data: 'a.zip' },
      { id: '44', Type: 'Status', Data: '' },
      { id: '45', Type: 'Comment', Data: '[b]' },
    ];

    expect(filesOf(attachments, history)).toEqual([
      { id: '4', name: 'a.zip' },
      { id: '7', name: 'a.zip', sizeBytes: 1000 },
    ]);
  });
});
