import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { icepack } from '../../src/domain/command.ts';
import type { Ticket, TicketFile } from '../../src/domain/ticket.ts';
import type { ApiHelpDesk, Comment } from '../../src/helpdesk/help-desk.ts';
import { HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { usualKeys } from '../../src/helpdesk/ticket-key.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { openTicketJournals } from '../../src/state/ticket-journals.ts';
import { reopenTicket } from '../../src/ticket-desk/change-state.ts';
import { closeTicket } from '../../src/ticket-desk/close.ts';
import { nameAt } from '../../src/ticket-desk/name-at.ts';
import { postOnce } from '../../src/ticket-desk/post-once.ts';
import type { TicketCall } from '../../src/ticket-desk/ticket-call.ts';
import type { Work } from '../../src/ticket-desk/work.ts';
import type { Prompter } from '../../src/ui/prompter.ts';
import { hintOf } from '../support/hint.ts';
import { temporaryFolder } from '../support/rig.ts';

const never = new AbortController().signal;
const ticket: Ticket = {
  ...{ id: '1', key: 'TIC-1', url: 'https://desk/1', subject: 's', state: 'fixed', nativeState: 'resolved' },
  ...{ files: [], updatedAt: '2026-10-01T00:00:00Z' },
};

/** A help desk in memory, which keeps every comment it is sent, and a clock that only waiting moves. */
async function deskAt(caps: Partial<ApiHelpDesk['caps']> = {}, state: Ticket['state'] = 'fixed') {
  const sent: Comment[] = [];
  const waits: number[] = [];
  let now = Date.parse('2026-11-20T10:00:00Z');
  let lose = 0;
  const notes: string[] = [];
  let refusal: string | undefined;
  let isDown = () => false;
  const shown = { ...ticket, state };
  const desk = {
    ...{ kind: 'api', origin: 'https://desk', keys: usualKeys },
    caps: {
      idempotencyKey: false,
      settleMs: 60_000,
      conditionalUpdate: false,
      searchLagMs: 0,
      reopenFrom: [],
      ...caps,
    },
    get: async () => ({ ...shown }),
    async comment(_id: string, comment: Comment) {
      if (isDown()) throw new HelpDeskError('unavailable', 'it cannot be reached');
      if (refusal !== undefined) comment.withoutHours?.(refusal);
      if (!sent.some(({ marker }) => marker === comment.marker)) sent.push(comment);
      if (lose-- > 0) throw new HelpDeskError('outcome-unknown', 'the answer was lost', { maybeApplied: true });
    },
    setState: async (_id: string, to: Ticket['state']) => ({ ...shown, state: to }),
  } as unknown as ApiHelpDesk;
  const folder = join(await temporaryFolder(), 'state');
  const clock = () => new Date(now);
  const call: TicketCall = {
    ...{ desk, key: 'TIC-1', signal: never, again: icepack('ticket', 'comment', 'TIC-1', 'words') },
    ...{ runs: openRunStore(folder, clock), journals: openTicketJournals(folder, clock) },
    operator: {
      ...{ ask: undefined, now: clock, zone: 'UTC' },
      emit: (event) => void notes.push('text' in event ? String(event.text) : ''),
      async sleep(ms) {
        waits.push(ms);
        now += ms;
      },
    },
  };
  return {
    ...{ call, sent, waits, notes, loses: (times: number) => (lose = times) },
    becomes: (to: Ticket['state']) => (shown.state = to),
    refuseHours: (why: string) => (refusal = why),
    /** From then on nothing is sent; what is written to the journal before tells nothing of that. */
    isDownWhen: (when: () => boolean) => (isDown = when),
  };
}

describe('a comment whose answer was lost', () => {
  it('is looked for only when the help desk is at work on it no more', async () => {
    const { call, sent, waits, loses } = await deskAt();
    loses(1);

    expect(await postOnce({ text: 'words' }, ticket, call)).toBe('posted');
    expect(waits).toEqual([60_000]);
    expect(sent).toHaveLength(1);
  });

  it('needs no time where the help desk knows repeated comments', async () => {
    const { call, waits, loses } = await deskAt({ knowsRepeats: true });
    loses(1);

    await postOnce({ text: 'words' }, ticket, call);

    expect(waits).toEqual([]);
  });

  it('is gone on with by the next command, which waits for what is left of that time', async () => {
    const { call, sent, waits, loses } = await deskAt();
    loses(3);
    await expect(postOnce({ text: 'words' }, ticket, call)).rejects.toMatchObject({ code: 'helpdesk-outcome-unknown' });
    await call.operator.sleep(20_000, never);

    await postOnce({ text: 'words', repeat: true }, ticket, call);

    expect(waits.slice(-2)).toEqual([20_000, 40_000]);
    expect(sent).toHaveLength(1);
  });
});

describe('a comment whose answer was lost, before the help desk could not be reached', () => {
  it('is not said to be unwritten, and what to type is', async () => {
    const { call, sent, loses, isDownWhen } = await deskAt({ knowsRepeats: true });
    loses(1);
    isDownWhen(() => sent.length > 0);

    const error = await postOnce({ text: 'words' }, ticket, call).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'helpdesk-unavailable',
      message: 'whether the comment is at TIC-1 is not known: it cannot be reached',
    });
    expect(hintOf(error as never)).toContain('looked for there before they are written. Later: icepack ticket comment');
    expect((await call.journals.of('https://desk', '1')).entries.at(-1)?.type).toBe('commenting');
  });

  it('stays in doubt when the next command does not reach it either', async () => {
    const { call, loses, isDownWhen } = await deskAt({ knowsRepeats: true });
    loses(3);
    await postOnce({ text: 'words' }, ticket, call).catch(() => undefined);
    isDownWhen(() => true);

    const again = postOnce({ text: 'words' }, ticket, call);

    await expect(again).rejects.toMatchObject({ message: expect.stringContaining('is not known') });
    expect((await call.journals.of('https://desk', '1')).entries.at(-1)?.type).toBe('commenting');
  });

  it('has its hours counted once', async () => {
    const { call, sent, loses, isDownWhen } = await deskAt({ hours: 'field', knowsRepeats: true });
    loses(1);
    isDownWhen(() => sent.length > 0);
    await expect(closing({ summary: 'Disk replaced.', hours: 2 }, call)).rejects.toThrow();
    isDownWhen(() => false);

    await closing({ summary: 'The disk was replaced.', hours: 2 }, call);

    expect(sent.map(({ minutes }) => minutes)).toEqual([120, undefined]);
  });
});

describe('a comment that never left', () => {
  it('is known not to be there', async () => {
    const { call, isDownWhen } = await deskAt();
    isDownWhen(() => true);

    const said = postOnce({ text: 'words' }, ticket, call);

    await expect(said).rejects.toMatchObject({ message: 'nothing was written to TIC-1: it cannot be reached' });
    expect((await call.journals.of('https://desk', '1')).entries.at(-1)?.type).toBe('not-commented');
  });
});

const closing = (work: Work, call: TicketCall) => closeTicket({ work, yes: true }, call);

describe('hours of work', () => {
  it('go where the help desk has a place for them', async () => {
    const { call, sent } = await deskAt({ hours: 'field' });

    await closing({ summary: 'Disk replaced.', hours: 3.5 }, call);

    expect(sent).toMatchObject([{ minutes: 210, body: expect.stringContaining('Hours: 3.5') }]);
  });

  it('are told in the comment where it has none', async () => {
    const { call, sent } = await deskAt();

    await closing({ hours: 3.5 }, call);

    expect(sent[0]?.body).toMatch(/^Hours: 3\.5\n\n\[comment /);
    expect(sent[0]).not.toHaveProperty('minutes');
  });
});

describe('the same hours', () => {
  it('are told once, whatever words come with them, until the ticket was closed and opened again', async () => {
    const { call, sent, becomes } = await deskAt({ hours: 'field' });

    await closing({ summary: 'Disk replaced.', hours: 2 }, call);
    becomes('closed');
    const other = await closing({ summary: 'The disk was replaced.', hours: 2 }, call);
    becomes('open');
    await closing({ summary: 'Another disk.', hours: 2 }, call);

    expect(sent.map(({ minutes }) => minutes)).toEqual([120, undefined, 120]);
    expect(sent[1]?.body).not.toContain('Hours');
    expect(other.fields['left']).toEqual(['TIC-1 was told of 2 hours before: they are not written again']);
  });

  it('are not told again with other words when the first ones may be there', async () => {
    const { call, sent, loses } = await deskAt({ hours: 'field', knowsRepeats: true });
    loses(3);
    await expect(closing({ summary: 'Disk replaced.', hours: 2 }, call)).rejects.toMatchObject({ exit: 6 });

    const { fields } = await closing({ summary: 'The disk was replaced.', hours: 2 }, call);

    expect(sent.map(({ minutes }) => minutes)).toEqual([120, undefined]);
    expect(fields['left']).toEqual([expect.stringMatching(/^TIC-1 may have been told of 2 hours .* To settle it, /)]);
  });

  it('are left out where another icepack told of them and closed it while this one asked', async () => {
    const { call, sent, becomes } = await deskAt({ hours: 'field' });
    const confirm = async () => {
      await closing({ summary: 'The disk was replaced.', hours: 2 }, call);
      becomes('closed');
      return true;
    };
    const operator = { ...call.operator, ask: { confirm } as unknown as Prompter };

    const work = { summary: 'Disk replaced.', hours: 2 };
    const { fields } = await closeTicket({ work, yes: false }, { ...call, operator });

    expect(sent.map(({ minutes }) => minutes)).toEqual([120, undefined]);
    expect(fields).toMatchObject({ changed: false, left: [expect.stringContaining('was told of 2 hours before')] });
  });

  it('of a ticket that is closed already are written to it only with a summary', async () => {
    const { call, sent } = await deskAt({ hours: 'field' }, 'closed');

    const { lines, fields } = await closing({ hours: 2 }, call);

    expect(sent).toEqual([]);
    expect(fields).toMatchObject({ changed: false, comment: null, left: [expect.stringContaining('new --summary')] });
    expect(lines).toHaveLength(1);
  });
});

describe('hours that the help desk does not take', () => {
  it('are said to stand in the comment only', async () => {
    const { call, notes, refuseHours } = await deskAt({ hours: 'field' });
    refuseHours('no activity');

    const { lines } = await closing({ summary: 'Disk replaced.', hours: 2 }, call);

    expect(notes).toContain('the hours stand in the comment, and are not known to be in their field: no activity');
    expect(lines.map(({ text }) => String(text)).join()).not.toContain('field');
  });

  it('are not said to be in their field when the same command finds the comment there', async () => {
    const { call, refuseHours } = await deskAt({ hours: 'field' });
    refuseHours('no activity');
    await closing({ summary: 'Disk replaced.', hours: 2 }, call);

    const { lines } = await closing({ summary: 'Disk replaced.', hours: 2 }, call);

    expect(lines.map(({ text }) => String(text))).toContainEqual(
      expect.stringMatching(/already in a comment of it\.$/),
    );
  });
});

describe('reopening', () => {
  it('after the two weeks is done where the help desk does it, and said to be late', async () => {
    const { call, notes } = await deskAt({ reopenFrom: ['fixed'] });

    const { fields } = await reopenTicket(call);

    expect(fields).toMatchObject({ changed: true });
    expect(notes.join()).toContain('its two weeks ended 2026-10-15 00:00 at the latest');
  });

  it('after the two weeks needs a new ticket where the help desk does not do it', async () => {
    const { call } = await deskAt({ reopenFrom: [] });

    const error = await reopenTicket(call).catch((reason: unknown) => reason);

    expect(hintOf(error as never)).toContain('icepack collect --new-ticket');
  });

  it('is refused where the help desk does not reopen that state, with what is allowed and the way to a new ticket', async () => {
    const { call } = await deskAt({ reopenFrom: ['fixed'] }, 'closed');

    const error = await reopenTicket(call).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'helpdesk-refused-transition',
      message: 'TIC-1 is Closed (resolved), and this help desk reopens tickets only from Fixed',
    });
    expect(hintOf(error as never)).toContain('icepack collect --new-ticket');
  });
});

describe('the name of a file at a ticket', () => {
  const bundle = { path: '/x/a.txt', name: 'a.txt', bytes: 5, sha256: 'f'.repeat(64) };
  const file = (facts: Partial<TicketFile>): TicketFile => ({ id: '1', name: 'a.txt', sizeBytes: 5, ...facts });
  const nothing = { entries: [], write: async () => undefined };
  const noted = {
    ...nothing,
    entries: [{ type: 'attaching', at: '', id: '1', name: 'a.txt', sha256: bundle.sha256 } as const],
  };

  it.each([
    ['its own where nothing has it', [], nothing, 'a.txt', false],
    [
      'that of the same content, whatever it is',
      [file({ name: 'b.txt', sha256: bundle.sha256 })],
      nothing,
      'b.txt',
      true,
    ],
    ['another one where other content has it', [file({ sha256: '0'.repeat(64) })], nothing, 'a_2.txt', false],
    ['the next one that is free', [file({ name: 'A.txt' }), file({ name: 'a_2.txt' })], nothing, 'a_3.txt', false],
    ['its own, and there, where no sums are told and we sent it', [file({})], noted, 'a.txt', true],
    ['another one where no sums are told and nobody knows what that is', [file({})], nothing, 'a_2.txt', false],
    ['another one where what we sent is not whole', [file({ sizeBytes: 3 })], noted, 'a_2.txt', false],
  ])('is %s', (_what, files, journal, name, isThere) => {
    expect(nameAt(files, bundle, journal)).toEqual({ name, isThere });
  });

  it('is made safe', () => {
    expect(nameAt([], { ...bundle, name: '..\\år rapport?.txt' }, nothing).name).toMatch(
      /^[A-Za-z0-9][A-Za-z0-9._-]*\.txt$/,
    );
  });
});
