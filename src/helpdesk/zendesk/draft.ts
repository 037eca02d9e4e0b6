import { defined } from '../../domain/defined.js';
import type { Severity, TicketDraft } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { htmlOf, subjectOf } from './text.js';

/** What a configuration says of new tickets. */
export type ZendeskForm = {
  group?: number | undefined;
  form?: number | undefined;
  assignee?: number | undefined;
  tags?: readonly string[];
  priorities: { readonly [severity in Severity]?: string | undefined };
  fields: CustomFields;
};

const usualPriorities: Record<Severity, string> = { low: 'low', medium: 'normal', high: 'high', emergency: 'urgent' };

/** A ticket as it is registered; always the same for the same draft, or Zendesk refuses its key. */
export function registrationOf(
  draft: TicketDraft,
  { group, form, assignee, tags = [], priorities, fields }: ZendeskForm,
): object {
  const { reference, subject, body, severity, requester } = draft;
  const known = Object.entries(fieldsOf(fields, draft)).filter(([id]) => /^\d+$/.test(id));
  const custom = known.map(([id, value]) => ({ id: Number(id), value }));
  return {
    subject: subjectOf(subject),
    comment: { html_body: htmlOf(body), public: true },
    external_id: reference,
    priority: priorities[severity] ?? usualPriorities[severity],
    ...(custom.length > 0 ? { custom_fields: custom } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...defined({
      requester: requester === undefined ? undefined : { name: requester, email: requester },
      group_id: group,
      ...assigneeOf(draft, assignee),
      ticket_form_id: form,
    }),
  };
}

/** An agent by id, or by e-mail address, which is written and never shown. */
function assigneeOf({ assignee }: TicketDraft, configured: number | undefined) {
  if (assignee === undefined) return { assignee_id: configured };
  return /^\d{1,15}$/.test(assignee) ? { assignee_id: Number(assignee) } : { assignee_email: assignee };
}
