import { type Html, html } from '../../domain/html.js';

/** Leads to a line: in the list where scripts run, else among the lines that are printed. */
export function placeLink(line: number | undefined, text: Html): Html {
  return line === undefined ? text : html`<a class="place" href="#l=${line + 1}">${text}</a>`;
}
