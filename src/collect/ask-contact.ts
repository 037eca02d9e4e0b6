import { addToConfig, linesFor, type NewKey } from '../config/keep.js';
import { emailFault } from '../domain/contact.js';
import type { Intent } from '../domain/journal.js';
import { reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { interviewed } from '../ui/interview.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';

/** Who a new ticket is from, with what was answered just now and belongs in the configuration. */
export type WithContact = { settings: DeskSettings; answered: NewKey[] };

/** Asks whose ticket it is and whom support asks, where neither configuration nor ticket says it and somebody is there. */
export async function askContact(
  settings: DeskSettings,
  { contact: said }: Pick<Intent, 'contact'>,
  operator: Operator,
): Promise<WithContact> {
  return interviewed(operator, async ({ ask }) => {
    const organization = settings.organization ?? (await optional(ask, 'Your organization, for the ticket'));
    const contact = settings.contact ?? said ?? (await contactOf(ask));
    const answered: NewKey[] = [
      ...(settings.organization === undefined && organization ? [{ key: 'organization', value: organization }] : []),
      ...(settings.contact === undefined && said === undefined && contact
        ? [{ key: 'contact', value: contact as Record<string, string> }]
        : []),
    ];
    return { settings: { ...settings, organization, contact }, answered };
  });
}

async function contactOf(ask: Prompter | undefined): Promise<DeskSettings['contact']> {
  if (ask === undefined) return undefined;
  const { internationalPhone, phoneFault } = await import('../domain/phone.js');
  const name = await optional(ask, 'Whom may support ask? Your name');
  const email = await optional(ask, 'Your e-mail address', emailFault);
  const typed = await optional(ask, 'Your telephone number, with country code', phoneFault);
  const phone = typed && internationalPhone(typed);
  const given = Object.entries({ name, email, phone }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

async function optional(
  ask: Prompter | undefined,
  question: string,
  faultIn: (text: string) => string | undefined = () => undefined,
): Promise<string | undefined> {
  const validate = (text: string) => {
    if (/[\x00-\x1f\x7f]/.test(text)) return 'One line of text';
    return text.trim() === '' ? undefined : faultIn(text.trim());
  };
  return (await ask?.text(`${question} (Enter: skip)`, { validate }))?.trim() || undefined;
}

/** Offers to keep what was answered; whatever becomes of that, the collection is done. */
export async function offerToKeep(answered: readonly NewKey[], path: string, operator: Operator): Promise<void> {
  if (answered.length === 0 || operator.ask === undefined) return;
  const lines = linesFor(answered).map((line) => `  ${line}`);
  const tell = (text: string) => operator.emit({ type: 'note', text, asked: true });
  tell(`for the configuration, so that it need not be asked again:\n${lines.join('\n')}`);
  if (!(await isAgreed(operator.ask, path))) return;
  try {
    tell((await addToConfig(path, answered)) ? `added to ${path}` : `${path} is not changed: add the lines by hand`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    tell(`${path} is not changed (${reasonOf(error)}): add the lines by hand`);
  }
}

/** Ctrl-C is a no: what was collected is still to be told. */
async function isAgreed(ask: Prompter, path: string): Promise<boolean> {
  try {
    return await ask.confirm(`Add it to ${path}?`, true);
  } catch (error) {
    if (error instanceof UserError && error.code === 'interrupted') return false;
    throw error;
  }
}
