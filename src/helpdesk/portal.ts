import type { TicketDraft } from '../domain/ticket.js';
import { type PortalHelpDesk, severityTitle } from './help-desk.js';

/** A help desk that only people can use, through its web form: MyClavister as it is today (guide, chapter 2). */
export function openPortalDesk(config: { url?: string }): PortalHelpDesk {
  return {
    kind: 'portal',
    origin: config.url === undefined ? 'portal' : new URL(config.url).origin,
    url: config.url,
    form: formFields,
  };
}

function formFields(draft: TicketDraft): { field: string; text: string }[] {
  return [
    { field: 'Product', text: draft.product ?? '(choose it in the form)' },
    { field: 'Version', text: draft.version ?? '(choose it in the form)' },
    { field: 'License', text: draft.license ?? '(choose it in the form)' },
    { field: 'Summary', text: draft.subject },
    { field: 'Description', text: draft.body },
    { field: 'Severity', text: severityTitle[draft.severity] },
    { field: 'Reference', text: draft.reference },
  ];
}
