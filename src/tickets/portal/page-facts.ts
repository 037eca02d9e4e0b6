import type { FormField } from '../../helpdesk/help-desk.js';

export type PageZip = { name: string; path: string; bytes: number; sha256: string };

/** What a page says. */
export type PageFacts = {
  run: string;
  /** Where the form is. */
  url: string | undefined;
  /** None where the ticket was there already. */
  fields: readonly FormField[];
  /** The ticket, when its number is known. */
  ticket: string | undefined;
  /** The ZIP, when it is written. */
  zip: PageZip | undefined;
  /** How much was collected: a ZIP takes less. */
  collectedBytes: number;
  limitBytes: number;
  /** The ZIP can be made to fit. */
  mayFit: boolean;
  /** What fetches the ZIP to another machine. */
  fetch: string | undefined;
};
