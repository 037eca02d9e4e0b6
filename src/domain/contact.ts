/** Whom support asks. */
export type Contact = { name?: string | undefined; email?: string | undefined; phone?: string | undefined };

/** How telephone numbers are checked and shown: `phone.ts`, which is loaded only where there is one. */
type Phones = { phoneFault(text: string): string | undefined; internationalPhone(text: string): string };

/** Whom support asks of one ticket: what is not said of the same person is known of them. */
export function contactFor(said: Contact | undefined, known: Contact | undefined): Contact | undefined {
  const isAnother = said?.name !== undefined && said.name !== known?.name;
  return said === undefined ? known : { ...(isAnother ? {} : known), ...said };
}

/** e.g. `Kim Doe, kim@example.com, +46 660 29 92 00 ext. 12` */
export function contactText({ name, email, phone }: Contact = {}): string {
  return [name, email, phone].filter(Boolean).join(', ');
}

/** Reads what `contactText` writes, as people type it: in any order, with what they leave out. */
export function parseContact(text: string): Contact {
  const parts = text
    .replace(/[,;]\s*((?:ext(?:\.|ension)?|x)[\s=]*\d+)/gi, ' $1')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const email = parts.find((part) => part.includes('@'));
  const phone = parts.find((part) => part !== email && /^\+|^[\d\s()./-]{5,}/.test(part));
  const name = parts.filter((part) => part !== email && part !== phone).join(', ');
  return { ...(name && { name }), ...(email && { email }), ...(phone && { phone }) };
}

export function emailFault(email: string): string | undefined {
  return /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/.test(email)
    ? undefined
    : 'Write the e-mail address like kim@example.com';
}

/** @returns what is wrong with e-mail address or telephone number */
export function contactFaults({ email, phone }: Contact, { phoneFault }: Pick<Phones, 'phoneFault'>): string[] {
  const faults = [email && emailFault(email), phone && phoneFault(phone)];
  return faults.filter((fault): fault is string => Boolean(fault));
}

/** The contact with its telephone number in international form. */
export function shownContact(contact: Contact, { internationalPhone }: Phones): Contact {
  return contact.phone === undefined ? contact : { ...contact, phone: internationalPhone(contact.phone) };
}
