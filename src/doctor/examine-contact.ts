import { type Contact, contactFaults } from '../domain/contact.js';
import type { Check } from './check.js';

/** Checks whom support is to ask, as the configuration has it. It is a warning: a ticket is registered with it all the same. */
export async function examineContact(contact: Contact | undefined): Promise<Check[]> {
  if (contact?.phone === undefined && contact?.email === undefined) return [];
  const faults = contactFaults(contact, await import('../domain/phone.js'));
  return faults.map((fault) => ({
    check: 'config',
    status: 'warn',
    place: 'this machine',
    text: `contact: ${fault}`,
    hint: 'Change contact: in the configuration; tickets name it as it is',
  }));
}
