import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { filesOf } from '../../src/helpdesk/request-tracker-answers.ts';
import { type RequestTrackerConfig, RequestTrackerDesk } from '../../src/helpdesk/request-tracker-desk.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { register } from '../../src/tickets/register.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { sha256 } from '../ssh/remote-files.contract.ts';
import { sharedDesk } from '../support/desks/shared-desk.ts';
import { faultsOf, startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { bundleOf, type Call, draftOf, failureOf, type HelpDeskRig, type Ledger, testHelpDesk } from './contract.ts';

const routes: Record<Call, RegExp> = {
  account: /^GET \/REST\/2\.0\/rt$/,
  find: /^GET \/REST\/2\.0\/tickets\?/,
  get: /^GET \/REST\/2\.0\/ticket\/\d+$/,
  create: /^POST \/REST\/2\.0\/ticket$/,
  comment: /^POST \/REST\/2\.0\/ticket\/\d+\/(comment|correspond)$/,
  attach: /^POST \/REST\/2\.0\/ticket\/\d+\/comment$/,
  'change state': /^PUT \/REST\/2\.0\/ticket\/\d+$/,
};

type Json = Record<string, unknown>;

/** Request Tracker asked directly. */
async function startRt() {
  const { url, token } = await sharedDesk('request-tracker');
  const headers = { authorization: `token ${token}`, 'user-agent': 'test', connection: 'close' };
  const ask = async (path: string, init: RequestInit = {}): Promise<Json> =>
    (await (
      await fetch(`${url}/REST/2.0/${path}`, { ...init, headers: { ...headers, ...init.headers } })
    ).json()) as Json;
  return { url, token, ask };
}

async function startRtRig(): Promise<HelpDeskRig & { proxy: Awaited<ReturnType<typeof startFaultProxy>> }> {
  const { url, token, ask } = await startRt();
  const proxy = await startFaultProxy(url);
  const unique = randomBytes(6).toString('hex').toUpperCase();
  const withToken = (given: string) =>
    new RequestTrackerDesk({ url: proxy.url, token: given, queue: 'Support', env: {} });
  const faults = faultsOf(proxy, routes);
  const items = async (path: string) => (await ask(path))['items'] as Json[];
  const ledger = async (): Promise<Ledger> => {
    const query = encodeURIComponent(`CF.{External Reference} LIKE '${unique}'`);
    const found = await items(`tickets?query=${query}&orderby=id&fields=Status,CustomFields`);
    const mine = found.map((ticket) => ({
      id: String(ticket['id']),
      reference: referenceIn(ticket),
      state: stateIn(ticket),
    }));
    return Promise.all(mine.map(async ({ id, ...rest }) => ({ ...rest, ...(await contentsOf(id)) })));
  };
  const contentsOf = async (id: string) => {
    const attached = await items(`ticket/${id}/attachments?fields=Filename,Subject`);
    const files = attached
      .filter(({ Filename }) => Filename)
      .map(async (file) => {
        const { Content } = await ask(`attachment/${file['id']}`);
        const bytes = Buffer.from(String(Content), 'base64');
        return { name: String(file['Filename']), bytes: bytes.length, sha256: sha256(bytes) };
      });
    const history = await items(`ticket/${id}/history?fields=Type,Data`);
    const markers = history
      .filter(({ Type }) => Type === 'Comment' || Type === 'Correspond')
      .map(({ Data }) => String(Data).trim());
    return { files: await Promise.all(files), markers };
  };
  return {
    ...faults,
    proxy,
    desk: withToken(token),
    token,
    withToken,
    ledger,
    reference: (name) => name.replace(/(ref)-/i, `$1-${unique}-`),
    refuseTransition: () =>
      void proxy.faults.push({ route: routes['change state'], how: 'answer', status: 200, body: '["No permission"]' }),
    dropFile: () =>
      void proxy.faults.push({ route: routes.attach, how: 'answer', status: 201, body: '["Comments added"]' }),
  };
}

function referenceIn(ticket: Json): string {
  const fields = ticket['CustomFields'] as { name: string; values: string[] }[];
  return fields.find(({ name }) => name === 'External Reference')?.values[0] ?? '';
}

function stateIn({ Status }: Json): string {
  return Status === 'awaiting information' ? 'awaiting-information' : String(Status);
}

describe.skipIf(lacks('request-tracker'))('Request Tracker 5', () => {
  testHelpDesk('the request-tracker provider', startRtRig);

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

  it('that drops the reference gets one ticket, however often it is tried, and says so', async () => {
    const { desk, ask, reference } = await startDesk({ referenceField: 'Nope' });
    const folder = await temporaryFolder();
    const run = await openRunStore(folder, () => new Date()).create('ice01', new Date(), 'UTC');
    const operator = { emit: () => {}, sleep: async () => {}, now: () => new Date() } as unknown as Operator;
    const draft = { ...draftOf(reference), subject: `of ${reference}` };

    for (let times = 0; times < 3; times++)
      await expect(register(draft, { run, desk, operator, signal: never })).rejects.toMatchObject({
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

  it('reads lists that are longer than a page to their end', async () => {
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
