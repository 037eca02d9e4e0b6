import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { type ApiHelpDesk, type FailureKind, HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { checkDesk } from '../../src/tickets/check-desk.ts';
import type { Operator } from '../../src/ui/operator.ts';

/** Asked about TIC-4711 at a help desk whose look-up fails so. */
async function checked(kind: FailureKind | undefined) {
  const events: ProgressEvent[] = [];
  const desk = {
    ...{ kind: 'api', origin: 'https://desk', check: async () => ({ account: 'kim', problems: [] }) },
    get: async () => {
      if (kind !== undefined) throw new HelpDeskError(kind, 'no');
    },
  } as unknown as ApiHelpDesk;
  const operator = { emit: (event: ProgressEvent) => void events.push(event) } as unknown as Operator;
  const account = await checkDesk(desk, operator, new AbortController().signal, { ticket: 'TIC-4711' });
  return { account, warnings: events.filter(({ type }) => type === 'warning') };
}

describe('a ticket that is named before anything was collected', () => {
  it('and is not there is said at once, with what to type; nothing is stopped', async () => {
    const { account, warnings } = await checked('not-found');

    expect(warnings).toMatchObject([{ text: 'the help desk has no ticket TIC-4711' }]);
    expect(JSON.stringify(warnings)).toContain('submit');
    expect(account).toMatchObject({ account: 'kim' });
  });

  it.each(['unavailable', 'forbidden', undefined] as const)('is nothing to speak of where it is %s', async (kind) => {
    expect((await checked(kind)).warnings).toEqual([]);
  });
});
