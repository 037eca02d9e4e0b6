import { type Html, html } from '../../domain/html.js';
import type { FormField } from '../../helpdesk/help-desk.js';

export type Row = { id: string; label: string; text: string; isCommand?: true };

/** A text with its name and a button that copies it. */
export function valueRow({ id, label, text, isCommand }: Row): Html {
  const kind = isCommand ? 'value command' : 'value';
  return html`<div class="field">
<span class="label" id="label-${id}">${label}</span>
<div class="${kind}" id="${id}" dir="auto">${text}</div>
<button type="button" hidden data-from="${id}" data-label="${label}" aria-label="Copy: ${label}">Copy</button>
</div>`;
}

export function rowOf({ field, label, text }: FormField): Html {
  const id = field.toLowerCase();
  if (text !== undefined) return valueRow({ id, label, text });
  return html`<div class="field">
<span class="label">${label}</span>
<div class="value missing">choose it in the form</div>
</div>`;
}
