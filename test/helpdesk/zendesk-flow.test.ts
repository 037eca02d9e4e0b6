import { describe, expect, it } from 'vitest';
import { icepack } from '../../src/domain/command.ts';
import type { TicketDraft } from '../../src/domain/ticket.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { attachOnce } from '../../src/tickets/attach.ts';
import { register } from '../../src/tickets/register.ts';
import { runAsOwner } from '../../src/tickets/settle.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { temporaryFolder } from '../support/rig.ts';
import { bundleOf, draftOf } from './contract.ts';
import { startZendeskRig } from './zendesk-rig.ts';

const never = new AbortController().signal;

/** A run that gets its ticket at Zendesk; what is waited for passes in no time, there too. */
async function start() {
  const { desk, proxy, zendesk } = await startZendeskRig();
  let now = zendesk.store.now;
  const clock = () => new Date(now);
  const sleep = async (ms: number) => {
    now += ms;
    zendesk.store.pass(ms);
  };
  const operator = { emit: () => undefined, sleep, now: clock } as unknown as Operator;
  const run = await openRunStore(await temporaryFolder(), clock).create('ice01', clock(), 'UTC');
  return {
    ...{ desk, proxy, zendesk, run, operator, sleep },
    register: (more: Partial<TicketDraft> = {}) =>
      register({ ...draftOf('REF-1'), ...more }, { owner: runAsOwner(run), desk, operator, signal: never }),
  };
}

describe('an incident that goes to Zendesk', () => {
  it('has one ticket after a lost answer, and its reference although it was dropped at first', async () => {
    const { proxy, zendesk, register } = await start();
    zendesk.store.faults.ignored = ['external_id'];
    zendesk.store.faults.before = () => {
      zendesk.store.faults.ignored = [];
    };
    proxy.faults.push({ route: /^POST.*tickets/, how: 'lose-answer' });

    const { ticket } = await register();

    expect(ticket.reference).toBe('REF-1');
    expect(zendesk.store.tickets).toHaveLength(1);
  });

  it('has one ticket when a registration in doubt is repeated in other words, and it cannot be found', async () => {
    const { proxy, zendesk, register } = await start();
    zendesk.store.faults.ignored = ['external_id'];
    proxy.faults.push({ route: /^POST.*tickets/, how: 'lose-answer' });
    proxy.faults.push({ route: /external_id/, how: 'change-answer' }); // before the registration all is well
    proxy.faults.push({ route: /external_id/, how: 'answer', status: 400, body: '{"error":"no"}' });
    await expect(register()).rejects.toThrow();
    proxy.faults.length = 0;

    const again = register({ body: 'All tunnels are down, since noon.' });

    await expect(again).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(zendesk.store.tickets).toHaveLength(1);
  });

  it('has its bundle once, whatever happens on the way', async () => {
    const { desk, proxy, zendesk, run, operator, register } = await start();
    const { ticket } = await register();
    const bundle = await bundleOf(1000);
    const again = { status: 429, headers: { 'retry-after': '9' }, body: '{"error":"TooManyRequests"}' };
    proxy.faults.push({ route: /^POST.*uploads/, how: 'lose-answer' });
    proxy.faults.push({ route: /^PUT/, how: 'answer', ...again });
    proxy.faults.push({ route: /^PUT/, how: 'answer', status: 409, body: '{"error":"UpdateConflict"}' });
    proxy.faults.push({ route: /^PUT/, how: 'lose-answer' });

    await attachOnce(
      { journal: run.journal, again: icepack('resume', run.id) },
      ticket,
      bundle,
      'The evidence.',
      desk,
      operator,
      never,
    );

    const { comments } = zendesk.store.tickets[0] ?? { comments: [] };
    expect(comments.flatMap(({ files }) => files)).toHaveLength(1);
    expect(comments).toHaveLength(2);
    expect(zendesk.store.uploads.unused).toBeLessThanOrEqual(1); // that whose answer was lost
  });

  it('ends with the reason where its bundle is held for malware', async () => {
    const { desk, zendesk, run, operator, register } = await start();
    const { ticket } = await register();
    zendesk.store.faults.malware = 'later';

    const attaching = attachOnce(
      { journal: run.journal, again: icepack('resume', run.id) },
      ticket,
      await bundleOf(1000),
      'The evidence.',
      desk,
      operator,
      never,
    );

    await expect(attaching).rejects.toThrow('for malware');
    expect(zendesk.store.tickets[0]?.comments).toHaveLength(2);
  });
});
