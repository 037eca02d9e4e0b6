import type { TicketDraft } from '../domain/ticket.js';
import { type FormField, severityTitle } from './help-desk.js';
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
    '# browser: true               # opens the texts in your browser; without this you are asked, once',
    '# clipboard: false            # does not hand them to the clipboard of the terminal',
  ],

  fields: ({ z, webUrl }) => ({
    url: webUrl.optional(),
    browser: z.boolean().optional(),
    clipboard: z.boolean().default(true),
  }),

  async open({ url, browser, clipboard }) {
    const origin = url === undefined ? 'portal' : new URL(url).origin;
    return { kind: 'portal', origin, url, browser, clipboard, keys: usualKeys, form: formFields };
  },
});

function formFields(draft: TicketDraft): FormField[] {
  return [
    { page: 'product', field: 'Product', label: 'Product', text: draft.product },
    { page: 'product', field: 'Version', label: 'Version', text: draft.version },
    { page: 'product', field: 'License', label: 'License', text: draft.license },
    { page: 'ticket', field: 'Summary', label: 'Summary', text: draft.subject },
    { page: 'ticket', field: 'Description', label: 'Description', text: draft.body },
    { page: 'ticket', field: 'Severity', label: 'Priority', text: severityTitle[draft.severity] },
    { page: 'ticket', field: 'Reference', label: 'Own reference', text: draft.ownReference ?? draft.reference },
  ];
}
