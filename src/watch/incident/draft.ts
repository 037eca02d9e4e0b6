import { createHash } from 'node:crypto';
import { readTemplate } from '../../config/templates.js';
import { contactText } from '../../domain/contact.js';
import { defined } from '../../domain/defined.js';
import type { Escalation } from '../../domain/escalation.js';
import type { IncidentLog } from '../../domain/incident.js';
import { primaryContact } from '../../domain/on-duty.js';
import type { Person } from '../../domain/person.js';
import { renderTemplate } from '../../domain/render.js';
import { printableLine } from '../../domain/text.js';
import type { TicketDraft } from '../../domain/ticket.js';
import { severityMeaning } from '../../domain/ticket.js';
import type { DeskSettings } from '../../helpdesk/desk-settings.js';
import { licenseOf } from '../../tickets/licenses.js';
import { everyMember, opening } from '../core/incidents.js';
import {
  type About,
  memberLine,
  messageOf,
  serversOf,
  severityOf,
  subjectOf,
  suppressedLine,
  timeOf,
  titleOf,
} from './words.js';

/** Whom the configuration names, and when it is asked: roles change hands. */
type OnDuty = { escalation: Escalation | undefined; now: Date };

/** The ticket of an incident: what the organization, its cluster and the kind of event are, and a message that describes it. */
export function draftOf(log: IncidentLog, settings: DeskSettings, about: About, onDuty: OnDuty): TicketDraft {
  const { product, version, contact } = settings;
  const servers = serversOf(everyMember(log)).map((name) => ({ name }));
  const contactPerson = contactOf(log, about, onDuty);
  return {
    reference: opening(log).reference,
    subject: subjectOf(log, about),
    body: bodyOf(log, settings, about, contactPerson),
    severity: severityOf(log),
    ...defined({ product, version, license: licenseOf({ ...settings, manifest: { servers } }) }),
    ...defined({ requester: settings.requester ?? contact?.email, assignee: contactPerson?.atDesk }),
  };
}

/** Who is to work on it: the primary contact of the first of its servers that has one. */
function contactOf(log: IncidentLog, { watched }: About, { escalation, now }: OnDuty): Person | undefined {
  if (escalation === undefined) return undefined;
  const names = serversOf(everyMember(log));
  const servers = names.flatMap((name) => watched.find(({ appliance }) => appliance.name === name)?.appliance ?? []);
  const own = servers.find((each) => each.primaryContact !== undefined);
  return primaryContact(own, escalation, now);
}

function bodyOf(log: IncidentLog, { contact }: DeskSettings, about: About, contactPerson: Person | undefined): string {
  const { id, place, event, reference } = opening(log);
  const members = everyMember(log);
  const suppressed = members.flatMap((member) => suppressedLine(member, about) ?? []);
  const severity = severityOf(log);
  return renderTemplate(readTemplate('event-description.txt'), {
    ...{ id, event, reference, message: messageOf(log, about) },
    organization: about.organization ?? '',
    cluster: place,
    servers: serversOf(members)
      .map((name) => titleOf(name, about))
      .join(', '),
    severity: `${severity}: ${severityMeaning[severity]}`,
    since: members[0] === undefined ? '' : timeOf(members[0].since, about),
    members: members.length > 1 ? members.map((member) => memberLine(member, about)).join('\n') : '',
    suppressed: suppressed.join('\n'),
    primaryContact: contactPerson === undefined ? '' : printableLine(contactPerson.name),
    contact: contactText(contact),
  }).trimEnd();
}

/**
 * By what all tickets of one group begin their reference: the help desk, who it is for, the group, and the servers it may be
 * of. So a watch that lost what it knew finds its tickets again, and one of other servers does not.
 */
export function referencePrefix(parts: readonly string[]): string {
  return `icepack-w-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)}-`;
}
