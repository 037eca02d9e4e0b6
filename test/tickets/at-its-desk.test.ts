import { expect, it } from 'vitest';
import { latest } from '../../src/domain/journal.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { atItsDesk } from '../../src/tickets/at-its-desk.ts';
import type { Submission } from '../../src/tickets/submission.ts';
import { temporaryFolder } from '../support/rig.ts';

const now = () => new Date('2026-11-20T10:00:00Z');
const [main, onCall] = [
  'request-tracker at https://rt.example.com',
  'request-tracker at https://rt.example.com, queue On-call',
];

/** A run whose request to register went to a place, and whose answer was lost; there are no routes any more. */
async function submissionAfter(place: string) {
  const runs = openRunStore(await temporaryFolder(), now);
  const run = await runs.create('ice01', now(), 'UTC');
  await run.journal.write({ type: 'routed', route: 'night', place });
  await run.journal.write({ type: 'registering', origin: 'https://rt.example.com', reference: 'REF-1' });
  const given = { run, runs, manifest: { reference: 'REF-1' }, intent: { severity: 'high' }, operator: { now } };
  return { ...given, options: { noSubmit: false }, settings: { place: main } } as unknown as Submission;
}

it('a request that left by a route is not made again in another queue when the routes are gone', async () => {
  await expect(atItsDesk(await submissionAfter(onCall))).rejects.toMatchObject({
    code: 'other-help-desk',
    message: `the ticket was begun at ${onCall}: it is not made a second time elsewhere`,
  });
});

it('a request that left for where tickets go now is gone on with, and what was not to be submitted is not refused', async () => {
  const here = await submissionAfter(main);
  const there = await submissionAfter(onCall);
  const unsent = { ...there, options: { ...there.options, noSubmit: true } };

  expect(await atItsDesk(here)).toBe(here);
  expect(await atItsDesk(unsent)).toBe(unsent);
});

it('a run that nothing was sent of is begun where tickets go now, and is looked for there', async () => {
  const submission = await submissionAfter(onCall);
  const { journal } = submission.run;
  await journal.write({ type: 'not-registered', reason: 'HTTP 400' });

  await atItsDesk(submission);
  await journal.write({ type: 'registering', origin: 'https://rt.example.com', reference: 'REF-1' });

  expect(latest(journal, 'routed')).toMatchObject({ place: main });
  expect(await atItsDesk(submission)).toBe(submission);
});
