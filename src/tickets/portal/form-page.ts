import { createHash } from 'node:crypto';
import { readTemplate } from '../../config/templates.js';
import { icepack, placeholder, spelled } from '../../domain/command.js';
import { type Html, html, ownSource } from '../../domain/html.js';
import { formatSize } from '../../domain/quantities.js';
import type { FormField } from '../../helpdesk/help-desk.js';
import { attachPart } from './attach-part.js';
import type { PageFacts } from './page-facts.js';
import { rowOf, valueRow } from './page-row.js';

/** The page that leads through a web form, in the order of the form (guide, chapter 2): it loads nothing and sends nothing. */
export function formPage(facts: PageFacts): string {
  const { fields, ticket } = facts;
  const style = readTemplate('portal/form.css');
  const script = readTemplate('portal/form.js');
  const title = fields.find(({ field }) => field === 'Summary')?.text ?? `The ZIP of ${ticket ?? facts.run}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${ticket ?? 'New ticket'}: ${title}</title>
<style>${ownSource(style)}</style>
</head>
<body>
<header>
<h1 dir="auto">${title}</h1>
<p>${whereTo(facts)}</p>
<p>Run ${facts.run}</p>
</header>
<main>
${partsOf(facts).map(section)}
</main>
<p id="said" class="offscreen" role="status"></p>
<script>${ownSource(script)}</script>
</body>
</html>
`;
  return page.source;
}

/** Nothing but our own style and script, and nothing from a network. */
function policyFor(style: string, script: string): string {
  const hash = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
}

function whereTo({ url, fields }: PageFacts): Html {
  const desk =
    url === undefined ? html`the help desk` : html`<a href="${url}" target="_blank" rel="noreferrer">${url}</a>`;
  const menu = fields.length === 0 ? '' : ', and choose Help Desk, then Register Support Ticket';
  return html`Log in at ${desk}${menu}.`;
}

type Part = { title: string; content: readonly Html[] };

function partsOf(facts: PageFacts): Part[] {
  const rowsOn = (page: FormField['page']) => facts.fields.filter((field) => field.page === page).map(rowOf);
  const attach = { title: 'Attach', content: attachPart(facts) };
  if (facts.fields.length === 0) return [attach];
  return [
    { title: 'Product', content: rowsOn('product') },
    { title: 'Ticket', content: [...rowsOn('ticket'), ...sizeWarning(facts)] },
    { title: 'Confirm', content: confirmPart(facts) },
    attach,
  ];
}

function section({ title, content }: Part, at: number, all: readonly Part[]): Html {
  const number = all.length === 1 ? '' : html`<span class="number">${at + 1}</span>`;
  return html`<section>
<h2>${number}${title}</h2>
${content}
</section>`;
}

/** Before the ticket is registered, its description is where upload instructions are asked for soonest. */
function sizeWarning({ ticket, zip, collectedBytes, limitBytes }: PageFacts): Html[] {
  if (ticket !== undefined || zip !== undefined || collectedBytes <= limitBytes) return [];
  return [
    html`<p>${formatSize(collectedBytes)} were collected: the ZIP may be over the limit of ${formatSize(limitBytes)} for attachments. It is known when it is written, in step 4.</p>`,
  ];
}

function confirmPart({ run, ticket }: PageFacts): Html[] {
  if (ticket !== undefined) return [html`<p>The ticket is registered: <strong>${ticket}</strong>.</p>`];
  const command = icepack('submit', run, '--ticket', placeholder('NUMBER'));
  return [
    html`<p>Look through what the form shows, and at the e-mail address: it is told of every change. Confirm it. The ticket is given a number, TIC-NNNN.</p>`,
    html`<p>Icepack needs that number for the names in the ZIP. Type it where icepack asks for it, or later:</p>`,
    valueRow({ id: 'number', label: 'Command', text: spelled(command), isCommand: true }),
  ];
}
