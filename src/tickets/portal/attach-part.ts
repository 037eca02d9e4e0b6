import { icepack, placeholder, spelled } from '../../domain/command.js';
import { type Html, html } from '../../domain/html.js';
import { formatSize } from '../../domain/quantities.js';
import type { PageFacts, PageZip } from './page-facts.js';
import { valueRow } from './page-row.js';

/** What is done with the ZIP. */
export function attachPart(facts: PageFacts): Html[] {
  const { zip, fetch, limitBytes } = facts;
  if (zip === undefined)
    return [
      html`<p>The ZIP is written when icepack knows the number. Load this page again then: it has its place here.</p>`,
    ];
  const isOver = zip.bytes > limitBytes;
  return [
    ...(isOver ? overLimit(zip, facts) : [html`<p>${dropping(facts)}</p>`]),
    valueRow({ id: 'zip-name', label: 'ZIP', text: zip.name }),
    html`<div class="field"><span class="label">Size</span><div class="value">${formatSize(zip.bytes)} (the limit is ${formatSize(limitBytes)})</div></div>`,
    valueRow({ id: 'zip-path', label: 'Path', text: zip.path, isCommand: true }),
    valueRow({ id: 'zip-sha256', label: 'SHA-256', text: zip.sha256, isCommand: true }),
    ...(fetch === undefined ? [] : fetching(fetch)),
  ];
}

function dropping({ ticket, run }: PageFacts): Html {
  if (ticket !== undefined) return html`Open ${ticket} and drop the ZIP into its attachment box.`;
  const command = spelled(icepack('submit', run, '--ticket', placeholder('NUMBER')));
  return html`Not this ZIP yet: with the number of the ticket icepack writes it anew, under its name. Then load this page again. <span class="command">${command}</span>`;
}

/** The guide wants a ZIP over the limit uploaded, where support says (chapter 2). */
function overLimit({ bytes }: PageZip, { run, ticket, limitBytes, mayFit }: PageFacts): Html[] {
  const size = `${formatSize(bytes)}, over the limit of ${formatSize(limitBytes)} for attachments`;
  const request = `The ZIP with what we collected has ${size}. Please tell us where to upload it.`;
  const number = ticket === undefined ? ['--ticket', placeholder('NUMBER')] : [];
  const upload = spelled(icepack('upload', run, '--to', placeholder('URL')));
  const fit = spelled(icepack('submit', run, ...number, '--fit'));
  return [
    html`<p class="warning">Do not attach it: it has ${size}.</p>`,
    html`<p>Ask support where to upload it, ${ticket === undefined ? 'at the end of the description' : `in a comment of ${ticket}`}:</p>`,
    valueRow({ id: 'request', label: 'For support', text: request }),
    html`<p>When they have said where:</p>`,
    valueRow({ id: 'upload', label: 'Upload', text: upload, isCommand: true }),
    ...(mayFit
      ? [
          html`<p>Or leave out what is needed least:</p>`,
          valueRow({ id: 'fit', label: 'Make it fit', text: fit, isCommand: true }),
        ]
      : []),
  ];
}

function fetching(line: string): Html[] {
  return [
    html`<p>Where your browser is on another machine, fetch the ZIP to it first:</p>`,
    valueRow({ id: 'fetch', label: 'Fetch', text: line, isCommand: true }),
  ];
}
