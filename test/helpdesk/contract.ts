import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/domain/bundle-layout.ts';
import type { TicketDraft } from '../../src/domain/ticket.ts';
import { bundleMarker, isTicketKey } from '../../src/domain/ticket.ts';
import type { ApiHelpDesk, Comment } from '../../src/helpdesk/help-desk.ts';
import { HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { sha256 } from '../ssh/remote-files.contract.ts';
import { temporaryFolder } from '../support/rig.ts';

export type Call = 'account' | 'find' | 'get' | 'create' | 'comment' | 'attach' | 'change state';

/** What a help desk holds, asked of it directly and not through the adapter. */
export type Ledger = {
  reference: string;
  state: string;
  files: { name: string; bytes: number; sha256: string }[];
  markers: string[];
}[];

export type HelpDeskRig = {
  desk: ApiHelpDesk;
  token: string;
  withToken(token: string): ApiHelpDesk;
  ledger(): Promise<Ledger>;
  /** A reference that no other test uses, where desks are shared: `REF-1` and `REF-10` begin alike there, too. */
  reference(name: string): string;
  /** The next such request does its work, and its answer is lost. */
  loseAnswer(call: Call): void;
  /** The next such request is lost on its way. */
  loseRequest(call: Call): void;
  /** The next such request is answered with this status, and nothing is done. */
  answer(call: Call, status: number, headers?: Record<string, string>): void;
  /** The next such request does its work, and its answer has these headers. */
  answerWith(call: Call, headers: Record<string, string>): void;
  /** The next such request does its work, and is answered with this status. */
  answerAfter(call: Call, status: number): void;
  /** The next state change is answered as done, and is not done. */
  refuseTransition(): void;
  /** The next file is answered as taken, and is not kept. */
  dropFile(): void;
  /** Where hours have a field. */
  hours?: {
    /** The minutes that a ticket has there in all. */
    of(id: string): Promise<number>;
    /** As the requests of the same name, of the one that brings hours. */
    loseAnswer(): void;
    loseRequest(): void;
  };
};

const never = new AbortController().signal;

export function draftOf(reference: string): TicketDraft {
  return { reference, subject: 'VPN down', body: 'All tunnels are down.', severity: 'high' };
}

export async function bundleOf(bytes: number): Promise<Bundle> {
  const content = randomBytes(bytes);
  const name = 'TIC-1001_Event1_20260301_1200.zip';
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return { path, name, bytes, sha256: sha256(content) };
}

export async function failureOf(promise: Promise<unknown>): Promise<HelpDeskError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HelpDeskError)) throw new Error(`a HelpDeskError was expected, not ${String(error)}`);
  return error;
}

/** Everything of an error that could reach a screen or a file. */
export function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const own = Object.getOwnPropertyNames(error).map((name) => (error as unknown as Record<string, unknown>)[name]);
  return [error.message, error.stack, JSON.stringify(error), ...own.map((each) => everythingIn(each))].join('\n');
}

/** A comment with its hours, and why they were entered nowhere. */
export function withHours(): { comment: Comment; told: string[] } {
  const told: string[] = [];
  const marker = '[comment aa]';
  const text = { body: `Hours: 3.5\n\n${marker}`, public: true, marker, minutes: 210 };
  return { told, comment: { ...text, withoutHours: (why) => void told.push(why) } };
}

/** What every help desk with an API owes the rooms above it. */
export function testHelpDesk(name: string, start: () => Promise<HelpDeskRig>): void {
  const comment = (sha: string) => ({ body: 'The evidence.', public: true, marker: bundleMarker(sha) });

  describe(`${name} as a help desk`, () => {
    it('says whose credential it has', async () => {
      const { desk } = await start();

      const { account, problems } = await desk.check(never);

      expect(account).not.toBe('');
      expect(problems).toEqual([]);
    });

    it('registers a ticket that has all it was given', async () => {
      const { desk, ledger, reference } = await start();

      const { id, key } = await desk.create(draftOf(reference('REF-1')), never);
      const ticket = await desk.get(id, never);

      expect(ticket).toMatchObject({ id, key, subject: 'VPN down', state: 'open', files: [] });
      expect(ticket.reference).toBe(reference('REF-1'));
      expect(isTicketKey(ticket.key)).toBe(true);
      expect(await ledger()).toMatchObject([{ reference: reference('REF-1'), state: 'open' }]);
    });

    it('finds by reference exactly the ticket it created, also when it is closed', async () => {
      const { desk, reference } = await start();
      const ticket = await desk.create(draftOf(reference('REF-1')), never);
      for (const other of [reference('REF-10'), reference('ref-1'), reference('XREF-1')])
        await desk.create(draftOf(other), never);
      await desk.setState(ticket.id, 'closed', {}, never);

      const found = await desk.findByReference(reference('REF-1'), never);

      expect(found.map(({ id, state }) => [id, state])).toEqual([[ticket.id, 'closed']]);
    });

    it('finds nothing under a reference that no ticket has', async () => {
      const { desk, reference } = await start();
      await desk.create(draftOf(reference('REF-1')), never);

      const found = await desk.findByReference(reference('REF-2'), never);

      expect(found).toEqual([]);
    });

    it('makes one ticket of two requests with one reference where it says it does', async () => {
      const { desk, ledger, reference } = await start();
      const first = await desk.create(draftOf(reference('REF-1')), never);
      if (!desk.caps.idempotencyKey) return;

      const second = await desk.create(draftOf(reference('REF-1')), never);

      expect(second.id).toBe(first.id);
      expect(await ledger()).toHaveLength(1);
    });

    it('says that the outcome is unknown when the answer was lost, and has the ticket once afterwards (F01)', async () => {
      const { desk, loseAnswer, ledger, reference } = await start();
      loseAnswer('create');

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
      expect(await desk.findByReference(reference('REF-1'), never)).toHaveLength(1);
      expect(await ledger()).toHaveLength(1);
    });

    it('says that the outcome is unknown when the request was lost: nobody can tell the two apart (F02)', async () => {
      const { desk, loseRequest, ledger, reference } = await start();
      loseRequest('create');

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
      expect(await ledger()).toEqual([]);
    });

    it.each([
      500, 502, 503, 504,
    ])('says that the outcome is unknown after a %i, for the ticket may be there (F14)', async (status) => {
      const { desk, answerAfter, ledger, reference } = await start();
      answerAfter('create', status);

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ maybeApplied: true, status });
      expect(await ledger()).toHaveLength(1);
    });

    it.each([
      'find',
      'get',
      'account',
    ] as const)('has no doubt about a question that went wrong: %s (F14)', async (call) => {
      const rig = await start();
      const { reference } = rig;
      const { id } = await rig.desk.create(draftOf(reference('REF-1')), never);
      const ask = {
        find: () => rig.desk.findByReference(reference('REF-1'), never),
        get: () => rig.desk.get(id, never),
        account: () => rig.desk.check(never),
      };
      const errors: HelpDeskError[] = [];

      for (const prepare of [() => rig.answer(call, 502), () => rig.loseAnswer(call), () => rig.loseRequest(call)]) {
        prepare();
        errors.push(await failureOf(ask[call]()));
      }

      expect(errors.map(({ kind, maybeApplied }) => [kind, maybeApplied])).toEqual(
        Array(3).fill(['unavailable', false]),
      );
    });

    it('knows a ticket by its id and by its key', async () => {
      const { desk, reference } = await start();
      const ticket = await desk.create(draftOf(reference('REF-1')), never);

      const [byId, byKey] = [await desk.get(ticket.id, never), await desk.get(ticket.key, never)];

      expect(byId.reference).toBe(reference('REF-1'));
      expect(byKey.id).toBe(ticket.id);
    });

    it('says that a ticket is not there (F25)', async () => {
      const { desk } = await start();

      const error = await failureOf(desk.get('4711', never));

      expect(error).toMatchObject({ kind: 'not-found', maybeApplied: false });
    });

    it('lists tickets of the asked states', async () => {
      const { desk, reference } = await start();
      const closed = await desk.create(draftOf(reference('REF-1')), never);
      await desk.create(draftOf(reference('REF-2')), never);
      await desk.setState(closed.id, 'closed', {}, never);

      const open = await desk.list({ state: ['open'] }, never);

      const ours = open
        .map((ticket) => ticket.reference)
        .filter((each) => each === reference('REF-1') || each === reference('REF-2'));
      expect(ours).toEqual([reference('REF-2')]);
    });

    it('attaches a file that can be read back with name, size and content, and comments it', async () => {
      const { desk, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(300_000);
      const sent: number[] = [];

      await desk.attach(id, bundle, comment(bundle.sha256), never, (bytes) => sent.push(bytes));

      const [file, ...others] = (await desk.get(id, never)).files;
      expect(others).toEqual([]);
      expect(file).toMatchObject({ name: bundle.name, sizeBytes: bundle.bytes });
      expect((await ledger())[0]).toMatchObject({
        files: [{ name: bundle.name, bytes: bundle.bytes, sha256: bundle.sha256 }],
        markers: [bundleMarker(bundle.sha256)],
      });
      expect(sent.at(-1)).toBe(bundle.bytes);
    });

    it('enters the hours of a comment where it has a field for them, and counts them once', async () => {
      const { desk, hours: field, reference } = await start();
      expect(desk.caps.hours === 'field').toBe(field !== undefined);
      if (field === undefined) return;
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const { comment: hours, told } = withHours();

      for (let time = 0; time < 2; time++) await desk.comment(id, hours, never);
      await desk.comment(id, { ...hours, body: 'More.\n\n[comment bb]', marker: '[comment bb]' }, never);

      expect(await field.of(id)).toBe(420);
      expect(told).toEqual([]);
    });

    it.each([
      'loseAnswer',
      'loseRequest',
    ] as const)('counts hours once that are entered again after a failure: %s', async (fails) => {
      const { desk, hours: field, reference } = await start();
      if (field === undefined) return;
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const { comment: hours } = withHours();
      field[fails]();

      const error = await failureOf(desk.comment(id, hours, never));
      await desk.comment(id, hours, never);

      expect(error.maybeApplied).toBe(true);
      expect(await field.of(id)).toBe(210);
      expect(await desk.comments?.(id, never)).toHaveLength(1);
    });

    it('makes one file and one comment of attaching the same twice', async () => {
      const { desk, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);

      for (let time = 0; time < 2; time++) await desk.attach(id, bundle, comment(bundle.sha256), never);

      expect((await ledger())[0]?.files).toHaveLength(1);
      expect((await ledger())[0]?.markers).toHaveLength(1);
    });

    it('has the file once after a lost answer and a second attempt (F21)', async () => {
      const { desk, loseAnswer, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      loseAnswer('attach');

      const error = await failureOf(desk.attach(id, bundle, comment(bundle.sha256), never));
      await desk.attach(id, bundle, comment(bundle.sha256), never);

      expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
      expect((await ledger())[0]?.files).toHaveLength(1);
    });

    it('shows that a file it was told is attached is not there (F22)', async () => {
      const { desk, dropFile, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      dropFile();

      await desk.attach(id, bundle, comment(bundle.sha256), never).catch(() => undefined);

      expect((await desk.get(id, never)).files).toEqual([]);
    });

    it('says that a file is too large (F12)', async () => {
      const { desk, answer, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      answer('attach', 413);

      const error = await failureOf(desk.attach(id, bundle, comment(bundle.sha256), never));

      expect(error).toMatchObject({ kind: 'too-large', status: 413, maybeApplied: false });
    });

    it('stores a comment with the same marker once', async () => {
      const { desk, loseAnswer, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const text = { body: 'Seen again.', public: false, marker: '[note 1]' };
      loseAnswer('comment');

      const error = await failureOf(desk.comment(id, text, never));
      await desk.comment(id, text, never);
      await desk.comment(id, { ...text, marker: '[note 2]' }, never);

      expect(error.maybeApplied).toBe(true);
      expect((await ledger())[0]?.markers).toEqual(['[note 1]', '[note 2]']);
    });

    it.each([
      'awaiting-information',
      'fixed',
      'closed',
    ] as const)('changes a state to %s and reads it back', async (state) => {
      const { desk, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);

      const ticket = await desk.setState(id, state, {}, never);

      expect(ticket.state).toBe(state);
      expect((await ledger())[0]?.state).toBe(state);
    });

    it('reopens a ticket from the states it says it can', async () => {
      const { desk, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);

      for (const state of desk.caps.reopenFrom) {
        await desk.setState(id, state, {}, never);
        expect(await desk.setState(id, 'open', {}, never)).toMatchObject({ state: 'open' });
      }
    });

    it('leaves a ticket alone that is in the state already', async () => {
      const { desk, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const before = await desk.setState(id, 'fixed', {}, never);

      const after = await desk.setState(id, 'fixed', {}, never);

      expect(after.revision).toBe(before.revision);
    });

    it('does not believe a 2xx when the ticket stays in its state', async () => {
      const { desk, refuseTransition, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      refuseTransition();

      const error = await failureOf(desk.setState(id, 'closed', {}, never));

      expect(error.kind).toBe('refused-transition');
    });

    it('refuses a change of a ticket that was changed meanwhile where it says it does (F11)', async () => {
      const { desk, ledger, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const { revision } = await desk.get(id, never);
      if (!desk.caps.conditionalUpdate || revision === undefined) return;
      await desk.setState(id, 'fixed', {}, never);

      const error = await failureOf(desk.setState(id, 'closed', { ifRevision: revision }, never));

      expect(error).toMatchObject({ kind: 'conflict', maybeApplied: false });
      expect((await ledger())[0]?.state).toBe('fixed');
    });

    it('says that a credential is wrong, at every call, and has made nothing (F09)', async () => {
      const { withToken, ledger, reference } = await start();
      const desk = withToken('wrong-canary');
      const bundle = await bundleOf(10);

      const errors = [
        await failureOf(desk.check(never)),
        await failureOf(desk.findByReference(reference('REF-1'), never)),
        await failureOf(desk.create(draftOf(reference('REF-1')), never)),
        await failureOf(desk.attach('1001', bundle, comment(bundle.sha256), never)),
      ];

      expect(errors.map(({ kind, maybeApplied }) => [kind, maybeApplied])).toEqual(Array(4).fill(['auth', false]));
      expect(await ledger()).toEqual([]);
    });

    it('leaks no token into any error (F24)', async () => {
      const { desk, token, withToken, answer, loseAnswer, reference } = await start();
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const calls: [Call, () => Promise<unknown>][] = [
        ['account', () => desk.check(never)],
        ['find', () => desk.findByReference(reference('REF-1'), never)],
        ['get', () => desk.get(id, never)],
        ['create', () => desk.create(draftOf(reference('REF-2')), never)],
        ['comment', () => desk.comment(id, comment('0123456789abcdef'), never)],
        ['change state', () => desk.setState(id, 'closed', {}, never)],
      ];
      const said: string[] = [everythingIn(await failureOf(withToken('wrong-canary').check(never)))];

      for (const [call, attempt] of calls) {
        for (const status of [400, 401, 403, 404, 409, 422, 500]) {
          answer(call, status);
          said.push(everythingIn(await failureOf(attempt())));
        }
        loseAnswer(call);
        said.push(everythingIn(await failureOf(attempt())));
      }

      expect(said).toHaveLength(1 + calls.length * 8);
      for (const text of said) expect(text).not.toMatch(new RegExp(`${token}|wrong-canary`));
    });

    it.each([
      ['seconds', '7', 7000],
      ['no more than a day', '1000000000', 86_400_000],
      ['more seconds than a number holds', '9'.repeat(400), 86_400_000],
      ['nothing to wait for', '0', 0],
    ])('waits as long as it is told: %s (F13)', async (_what, header, retryAfterMs) => {
      const { desk, answer, reference } = await start();
      answer('create', 429, { 'retry-after': header });

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs, maybeApplied: false });
    });

    it.each([
      'soon',
      '-5',
      '1e9',
      '7 s',
      '',
    ])('does not wait as it is told when that makes no sense: %j (F13)', async (header) => {
      const { desk, answer, reference } = await start();
      answer('create', 429, { 'retry-after': header });

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error.kind).toBe('rate-limited');
      expect([undefined, 0]).toContain(error.retryAfterMs);
    });

    it.each([
      [60_000, 60_000],
      [-60_000, 0],
      [10 * 86_400_000, 86_400_000],
    ])('reads the date it is told by the clock of the help desk: %i ms from its now is %i ms (F13)', async (inMs, retryAfterMs) => {
      const { desk, answer, reference } = await start();
      const itsNow = Date.parse('2031-05-06T07:08:09Z');
      const headers = { date: new Date(itsNow).toUTCString(), 'retry-after': new Date(itsNow + inMs).toUTCString() };
      answer('create', 429, headers);

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs });
    });

    it.each([
      [6 * 60_000, /clock of this machine is \d+ min.* behind/],
      [-6 * 60_000, /clock of this machine is \d+ min.* ahead of/],
    ])('says that its clock and ours are %i ms apart (F27)', async (apartMs, said) => {
      const { desk, answerWith } = await start();
      answerWith('account', { date: new Date(Date.now() + apartMs).toUTCString() });

      const { problems } = await desk.check(never);

      expect(problems).toEqual([expect.stringMatching(said)]);
    });

    it.each([
      '4 min behind',
      'no date',
      'no GMT',
    ])('says nothing about clocks that agree, or a clock nobody knows: %s (F27)', async (date) => {
      const { desk, answerWith } = await start();
      answerWith('account', { date: date === '4 min behind' ? new Date(Date.now() - 240_000).toUTCString() : date });

      const { problems } = await desk.check(never);

      expect(problems).toEqual([]);
    });

    it('ends with the reason of the signal', async () => {
      const { desk } = await start();
      const reason = new Error('Ctrl-C');

      const failure = desk.check(AbortSignal.abort(reason));

      await expect(failure).rejects.toBe(reason);
    });
  });
}
