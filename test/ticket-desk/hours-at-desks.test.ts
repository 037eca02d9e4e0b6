import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { icepack } from '../../src/domain/command.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { openTicketJournals } from '../../src/state/ticket-journals.ts';
import { closeTicket } from '../../src/ticket-desk/close.ts';
import type { TicketCall } from '../../src/ticket-desk/ticket-call.ts';
import { draftOf, type HelpDeskRig } from '../helpdesk/contract.ts';
import { startRedmineRig } from '../support/desks/redmine-rig.ts';
import { startRtRig } from '../support/desks/request-tracker-rig.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const never = new AbortController().signal;
const work = { summary: 'Disk replaced.', hours: 3.5 };

/** Each is what a new process has: only the files of the state folder outlive it. */
function processIn(state: string, { desk }: HelpDeskRig, key: string, signal = never, onLost = () => {}): TicketCall {
  let now = Date.now();
  const clock = () => new Date(now);
  return {
    ...{ desk, key, signal, again: icepack('ticket', 'close', key) },
    ...{ runs: openRunStore(state, clock), journals: openTicketJournals(state, clock) },
    operator: {
      ...{ ask: undefined, now: clock, zone: 'UTC' },
      emit: (event) => {
        if (event.type === 'note') onLost();
      },
      async sleep(ms) {
        now += ms;
      },
    },
  };
}

describe.each([
  ['request-tracker', 'Request Tracker', startRtRig],
  ['redmine', 'Redmine', startRedmineRig],
] as const)('hours at the real %s', (program, title, start) => {
  async function withTicket() {
    const rig: HelpDeskRig = await start();
    const { id, key } = await rig.desk.create(draftOf(rig.reference('REF-1')), never);
    const state = join(await temporaryFolder(), 'state');
    return { rig, id, key, state };
  }

  it.skipIf(lacks(program))(`are counted once at ${title} when their answer is lost`, async () => {
    const { rig, id, key, state } = await withTicket();
    rig.hours?.loseAnswer();

    const { fields } = await closeTicket({ work, yes: true }, processIn(state, rig, key));

    expect(fields).toMatchObject({ changed: true, comment: { posted: true } });
    expect(await rig.hours?.of(id)).toBe(210);
  });

  it.each([
    'loseAnswer',
    'loseRequest',
  ] as const)(`are counted once at ${title} when icepack is ended on the way, and typed again: %s`, async (fails) => {
    if (lacks(program)) return;
    const { rig, id, key, state } = await withTicket();
    const end = new AbortController();
    rig.hours?.[fails]();
    const first = processIn(state, rig, key, end.signal, () => end.abort());
    await expect(closeTicket({ work, yes: true }, first)).rejects.toThrow();

    await closeTicket({ work, yes: true }, processIn(state, rig, key));
    const { fields } = await closeTicket({ work, yes: true }, processIn(state, rig, key));

    expect(fields).toMatchObject({ changed: false, comment: { posted: false } });
    expect(await rig.hours?.of(id)).toBe(210);
    expect(await rig.desk.comments?.(id, never)).toHaveLength(1);
  });
});
