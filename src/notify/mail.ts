import type MailComposer from 'nodemailer/lib/mail-composer';
import { isMailAddress, type MailAddress } from '../domain/mail-address.js';
import { cutText, printable, printableLine } from '../domain/text.js';
import { type Letter, NotifyError, type Page } from './channel.js';

/** A mail as it is handed over, without what its way adds. */
export type Mail = {
  envelope: { from: string; to: string[] };
  raw: Buffer;
};

/** @throws NotifyError `invalid` where nobody can be written to */
export async function mailOf(page: Page, from: MailAddress, replyTo?: MailAddress): Promise<Mail> {
  const address = page.to?.email ?? '';
  if (!isMailAddress(address)) throw new NotifyError('invalid', `${page.to?.name ?? 'nobody'} has no mail address`);
  const { references, messageId } = idsOf(page, from);
  const raw = await composed({
    from,
    ...(replyTo === undefined ? {} : { replyTo }),
    to: { name: printableLine(page.to?.name ?? ''), address },
    subject: printableLine(page.subject, 250),
    text: printable(page.text),
    ...(page.html === undefined ? {} : { html: page.html }),
    ...{ messageId, references },
    ...(page.incident.threadStart ? {} : { inReplyTo: references }),
  });
  return { envelope: { from: from.address, to: [address] }, raw };
}

/** A mail to several, with the same in HTML. @throws NotifyError `invalid` where one cannot be written to */
export async function letterOf({ id, subject, text, html, to, cc }: Letter, from: MailAddress): Promise<Mail> {
  const all = [...new Set([...to, ...cc])];
  const wrong = all.find((address) => !isMailAddress(address));
  if (wrong !== undefined) throw new NotifyError('invalid', `${printableLine(wrong)} is no mail address`);
  const raw = await composed({
    ...{ from, to: [...to], cc: [...cc], html },
    subject: printableLine(subject, 250),
    text: printable(text),
    messageId: idAt(from, id),
  });
  return { envelope: { from: from.address, to: all }, raw };
}

/** Nobody's machine answers it, and nothing of this one is read for it. */
async function composed(mail: MailComposer.Options): Promise<Buffer> {
  const { default: Composer } = await import('nodemailer/lib/mail-composer');
  const composer = new Composer({
    ...mail,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return composer.compile().build();
}

/**
 * A page that is sent again has the same id: who got it twice sees one. All mails of an incident refer to the same id,
 * so that they stand together, whoever got the first.
 */
function idsOf({ id, incident, to }: Page, from: MailAddress): { messageId: string; references: string } {
  return {
    messageId: idAt(from, id, to?.key ?? 'all', incident.reference),
    references: idAt(from, incident.id, incident.reference),
  };
}

function idAt({ address }: MailAddress, ...parts: string[]): string {
  const host = address.slice(address.lastIndexOf('@') + 1);
  return `<${parts.map((part) => cutText(part, 100).replace(/[^A-Za-z0-9._-]/g, '-')).join('.')}@${host}>`;
}
