import type { TicketDraft } from '../domain/ticket.js';
import { severityTitle } from './help-desk.js';
import { defineProvider } from './provider.js';
import { usualKeys } from './ticket-key.js';

/** A help desk that only people can use, through its web form: MyClavister as it is today (guide, chapter 2). */
export const portal = defineProvider({
  id: 'portal',
  title: 'in a web form, by hand (MyClavister): texts are prepared for it',
  remark: 'a web form: texts are prepared, you attach the ZIP',
  questions: [{ key: 'url', kind: 'url', help: 'its address' }],
  example: [
    'provider: portal              # no API: texts for the web form are prepared, you attach the ZIP',
    '# url: https://portal.example.com',
  ],

  fields: ({ webUrl }) => ({ url: webUrl.optional() }),

  async open({ url }) {
    const origin = url === undefined ? 'portal' : new URL(url).origin;
    return { kind: 'portal', origin, url, keys: usualKeys, form: formFields };
  },
});

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
