import { unfilled } from '../domain/required-field.js';
import { UserError } from '../errors.js';
import { type ApiHelpDesk, HelpDeskError } from '../helpdesk/help-desk.js';
import type { DeskFacts, KnownField } from '../state/desk-facts.js';

/** The same help desk; what it asks of a ticket is kept on this machine whenever it says so, be it by refusing one. */
export function remembering(desk: ApiHelpDesk, place: string, facts: DeskFacts): ApiHelpDesk {
  const known = () => tolerated(facts.missingAt(place), []);
  const keep = (missing: readonly KnownField[]) => tolerated(facts.keep(place, missing), undefined);
  const overrides: Pick<ApiHelpDesk, 'check' | 'create' | 'notTaken'> = {
    async check(signal, assignees) {
      const account = await desk.check(signal, assignees);
      const { required } = account;
      if (required === undefined) return account;
      const taught = (await known()).filter(({ refused }) => refused);
      const said = required.map(({ field }) => field);
      await keep([...required, ...taught.filter(({ field }) => !said.includes(field))]);
      return account;
    },
    create: (draft, signal) =>
      desk.create(draft, signal).catch(async (error: unknown) => {
        if (error instanceof HelpDeskError && error.required.length > 0) {
          const named = error.required.map(({ field }) => field);
          const taught = error.required.map((field) => ({ ...field, refused: true as const }));
          await keep([...(await known()).filter(({ field }) => !named.includes(field)), ...taught]);
        }
        throw error;
      }),
    /** It took the ticket: what only a refusal taught, and was not given for it, is not asked for any more. */
    async notTaken(id, draft, signal) {
      const before = await known();
      const taught = before.filter(({ refused }) => refused);
      const open = unfilled(taught, Object.keys(draft.fields ?? {}));
      if (open.length > 0) await keep(before.filter((field) => !open.includes(field)));
      return (await desk.notTaken?.(id, draft, signal)) ?? [];
    },
  };
  return Object.assign(Object.create(desk) as ApiHelpDesk, overrides);
}

/** What cannot be kept or read is found out again: no ticket waits for it. */
async function tolerated<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof UserError) return otherwise;
    throw error;
  });
}
