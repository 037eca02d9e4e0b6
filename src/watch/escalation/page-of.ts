import { defined } from '../../domain/defined.js';
import type { Page, Recipient } from '../../notify/channel.js';
import { attemptsIn } from './attempts.js';
import { serverOfCustomer } from './copy-orders.js';
import { isOver, mailText, subjectOf } from './mail-text.js';
import type { PageParts } from './page-facts.js';
import { shortText } from './short-text.js';

/** A page as channels take it. */
export function pageOf(parts: PageParts): Page {
  const { one, due, n } = parts;
  const { id, reference } = one.standing.opened;
  const isFirst = !attemptsIn(one.log.entries, 0).some((each) => each.channel === due.channel && each.n !== n);
  return {
    id: `${id}.${n}`,
    incident: { id, reference, threadStart: isFirst },
    status: isOver(parts) ? 'resolved' : 'firing',
    severity: due.severity,
    ...{ subject: subjectOf(parts), text: mailText(parts), short: shortText(parts) },
    ...defined({ to: recipientOf(parts), ackToken: parts.answer?.token }),
  };
}

function recipientOf({ one, due }: PageParts): Recipient | undefined {
  if (due.person === undefined) return undefined;
  const person = one.setting.escalation.people.get(due.person);
  if (person !== undefined) {
    const { key, name, email, phone } = person;
    return { key, name, ...defined({ email, phone }) };
  }
  const customer = one.setting.customers.get(serverOfCustomer(due.person) ?? '');
  return customer && { key: due.person, name: due.person, ...customer };
}
