import { describe, expect, it } from 'vitest';
import { icepack } from '../../src/domain/command.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { type ApiHelpDesk, HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { attachOnce } from '../../src/tickets/attach.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { temporaryFolder } from '../support/rig.ts';
import { bundleOf } from './contract.ts';

const never = new AbortController().signal;
const start = Date.parse('2026-03-01T12:00:00Z');

type Slow = {
  /** How long it is at work on a file after its answer was lost; never done where it was lost on its way. */
  worksMs: number;
  knowsRepeats?: true;
};

/** A help desk that loses the first answer, or was told of the file by a run that was killed; waiting takes no time. */
async function startSlow({ worksMs, knowsRepeats }: Slow) {
  const bundle = await bundleOf(1000);
  let passedMs = 0;
  let landsAtMs = Number.POSITIVE_INFINITY;
  let attempts = 0;
  const now = () => new Date(start + passedMs);
  const sleep = async (ms: number) => {
    passedMs += ms;
  };
  const operator = { emit: () => {}, now, sleep } as unknown as Operator;
  const ticket = (): Ticket => ({
    ...{ id: '1', key: 'RT-1', url: 'https://rt.example.com', subject: 'x', state: 'open', nativeState: 'open' },
    files: passedMs >= landsAtMs ? [{ id: '9', name: bundle.name, sizeBytes: bundle.bytes }] : [],
  });
  const desk = {
    caps: { settleMs: 60_000, ...(knowsRepeats ? { knowsRepeats } : {}) },
    get: async () => ticket(),
    attach: async () => {
      attempts += 1;
      if (attempts > 1) landsAtMs = passedMs;
      else {
        landsAtMs = passedMs + worksMs;
        throw new HelpDeskError('outcome-unknown', 'its answer was lost', { maybeApplied: true });
      }
    },
  } as unknown as ApiHelpDesk;
  const run = await openRunStore(await temporaryFolder(), now).create('ice01', now(), 'UTC');
  const again = icepack('resume', run.id);
  return {
    /** A run before this one sent the file, and was killed; the help desk has it so long after that. */
    async killedBefore(agoMs: number, lands: number) {
      await run.journal.write({ type: 'attaching', id: '1', name: bundle.name, sha256: bundle.sha256 });
      landsAtMs = lands;
      passedMs = agoMs;
    },
    attach: () => attachOnce({ journal: run.journal, again }, ticket(), bundle, 'x', desk, operator, never),
    attempts: () => attempts,
    passedMs: () => passedMs,
  };
}

describe('a file whose answer was lost, at a help desk that does not know files again', () => {
  it.each([
    500, 3000, 20_000, 59_000,
  ])('is not sent again while the help desk may be at work on it: %i ms', async (worksMs) => {
    const { attach, attempts } = await startSlow({ worksMs });

    await attach();

    expect(attempts()).toBe(1);
  });

  it('is sent again when the help desk can be at work on it no more', async () => {
    const { attach, attempts, passedMs } = await startSlow({ worksMs: Number.POSITIVE_INFINITY });

    await attach();

    expect([attempts(), passedMs()]).toEqual([2, 60_000]);
  });

  it('by a run that was killed is not sent again by the next one', async () => {
    const { killedBefore, attach, attempts } = await startSlow({ worksMs: 0 });
    await killedBefore(10_000, 45_000);

    await attach();

    expect(attempts()).toBe(0);
  });

  it('by a run that was killed long ago is sent at once', async () => {
    const { killedBefore, attach, attempts, passedMs } = await startSlow({ worksMs: 0 });
    await killedBefore(3_600_000, Number.POSITIVE_INFINITY);

    await attach();

    expect([attempts(), passedMs()]).toEqual([1, 3_600_000]);
  });

  it('is sent again at once where files are known by their name', async () => {
    const { attach, attempts, passedMs } = await startSlow({ worksMs: Number.POSITIVE_INFINITY, knowsRepeats: true });

    await attach();

    expect([attempts(), passedMs()]).toEqual([2, 0]);
  });
});
