import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Workplace } from '../servers/workplace.js';
import { knownMissing } from '../tickets/missing-fields.js';
import { askContact, offerToKeep } from './ask-contact.js';
import { askFields, tellFields } from './ask-fields.js';
import type { CollectRequest } from './collect-request.js';

export type Asked = {
  request: CollectRequest;
  settings: DeskSettings;
  /** Afterwards: what was answered belongs in the configuration. @param path of that */
  keep(path: string): Promise<void>;
};

/** Asks what a new ticket lacks at the help desk that will have it: who it is from, and fields that it is known to ask for. */
export async function askOfTicket(
  request: CollectRequest,
  settings: DeskSettings,
  { operator, deskFacts }: Pick<Workplace, 'operator' | 'deskFacts'>,
): Promise<Asked> {
  const { intent, submit } = request;
  if (submit.noSubmit || intent.ticket !== undefined) return { request, settings, keep: async () => undefined };
  const from = await askContact(settings, intent, operator);
  const filled = await askFields(intent, await knownMissing(settings, intent, deskFacts), operator);
  return {
    request: { ...request, intent: filled.intent },
    settings: from.settings,
    async keep(path) {
      await offerToKeep(from.answered, path, operator);
      tellFields(filled.answered, path, operator);
    },
  };
}
