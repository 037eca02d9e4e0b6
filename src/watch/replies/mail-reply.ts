import { createHash } from 'node:crypto';
import { reasonOf } from '../../errors.js';
import { whyAutomatic } from './automatic.js';
import { firstOwnLine } from './first-line.js';
import { textOfHtml } from './html-text.js';

/** An answer by mail; or why a mail is none. */
export type MailReply = { id: string; from: string; line: string } | { why: string };

/** Reads one mail as it lies in a mailbox. Nothing that was quoted, forwarded or attached counts. */
export async function mailReplyOf(raw: Buffer): Promise<MailReply> {
  const { envelope, mail } = withoutEnvelope(raw.toString('latin1'));
  if (/^(?:MAILER-DAEMON\b|<>)/i.test(envelope)) return { why: 'it is a bounce' };
  const read = await parsed(mail);
  if (read === undefined) return { why: 'it is no mail that can be read' };
  const { headers, from, text = '', html = '' } = read;
  const why = whyAutomatic(headers);
  if (why !== undefined) return { why };
  const address = from?.address;
  if (address === undefined || address === '') return { why: 'it does not say who sent it' };
  const line = firstOwnLine(text.trim() === '' ? textOfHtml(html) : text);
  if (line === undefined) return { why: 'its sender has written nothing' };
  return {
    id: createHash('sha256')
      .update(read.messageId ?? mail)
      .digest('hex')
      .slice(0, 16),
    from: address,
    line,
  };
}

/** A mail server may put a line before the mail that says whose envelope it had. */
function withoutEnvelope(text: string): { envelope: string; mail: string } {
  const [whole = '', envelope = ''] = /^>?From ([^\r\n]*)\r?\n/.exec(text) ?? [];
  return { envelope, mail: text.slice(whole.length) };
}

/** Lines stay as they were sent: flowing ones would run into what is quoted below. */
async function parsed(mail: string) {
  const { default: PostalMime } = await import('postal-mime');
  const lines = mail.replace(/format\s*=\s*"?flowed"?/gi, 'format=fixed');
  try {
    return await PostalMime.parse(Buffer.from(lines, 'latin1'), { forceRfc822Attachments: true, maxNestingDepth: 50 });
  } catch (error) {
    return void reasonOf(error); // told as what cannot be read
  }
}
