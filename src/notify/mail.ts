import { isMailAddress, type MailAddress } from '../domain/mail-address.js';
import { cutText, printable, printableLine } from '../domain/text.js';
import { NotifyError, type Page } from './channel.js';

/** A mail as it is handed over, without what its way adds. */
export type Mail = {
  envelope: { from: string; to: string[] };
  raw: Buffer;
};

/** @throws NotifyError `invalid` where nobody can be written to */
export async function mailOf(page: Page, from: MailAddress): Promise<Mail> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const address = page.to?.email ?? '';
  if (!isMailAddress(address)) throw new NotifyError('invalid', `${page.to?.name ?? 'nobody'} has no mail address`);
  const { references, messageId } = idsOf(page, from);
  const composer = new MailComposer({
    from,
    to: { name: printableLine(page.to?.name ?? ''), address },
    subject: printableLine(page.subject, 250),
    text: printable(page.text),
    ...(page.html === undefined ? {} : { html: page.html }),
    ...{ messageId, references },
    ...(page.incident.threadStart ? {} : { inReplyTo: references }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return { envelope: { from: from.address, to: [address] }, raw: await composer.compile().build() };
}

/**
 * A page that is sent again has the same id: who got it twice sees one. All mails of an incident refer to the same id,
 * so that they stand together, whoever got the first.
 */
function idsOf({ id, incident, to }: Page, from: MailAddress): { messageId: string; references: string } {
  const host = from.address.slice(from.address.lastIndexOf('@') + 1);
  const idOf = (...parts: string[]) =>
    `<${parts.map((part) => cutText(part, 100).replace(/[^A-Za-z0-9._-]/g, '-')).join('.')}@${host}>`;
  return {
    messageId: idOf(id, to?.key ?? 'all', incident.reference),
    references: idOf(incident.id, incident.reference),
  };
}
