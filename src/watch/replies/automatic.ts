/** A header of a mail, its name in small letters. */
export type MailHeader = { key: string; value: string };

/** Our own mails bear it in their id. */
const ours = /\.icepack-w-[^>]*@/;
const bulk = /^\s*(?:bulk|junk|list|auto_reply|auto-reply)\b/i;

/** Why a mail was written by no person; undefined where nothing says so. Such a mail answers nothing, whatever it says. */
export function whyAutomatic(headers: readonly MailHeader[]): string | undefined {
  const valuesOf = (name: string) => headers.filter(({ key }) => key === name).map(({ value }) => value.trim());
  const has = (...names: string[]) => names.some((name) => valuesOf(name).length > 0);
  if (valuesOf('auto-submitted').some((value) => !/^no\b/i.test(value))) return 'it was written by a program';
  if (has('x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply-from', 'x-mail-autoreply'))
    return 'it is an automatic reply';
  if (valuesOf('precedence').some((value) => bulk.test(value))) return 'it is an automatic or a bulk mail';
  if (valuesOf('content-type').some((value) => /^multipart\/report\b/i.test(value))) return 'it is a report';
  if (valuesOf('return-path').some((value) => /^<?\s*>?$/.test(value))) return 'it is a bounce';
  if (has('list-id', 'list-post', 'list-unsubscribe', 'x-loop')) return 'it came over a list';
  if (valuesOf('message-id').some((value) => ours.test(value))) return 'it is a mail of icepack';
  return undefined;
}
