export const severities = ['low', 'medium', 'high', 'emergency'] as const;
export type Severity = (typeof severities)[number];

export type TicketState = 'open' | 'awaiting-information' | 'fixed' | 'closed';

export type TicketFile = { id: string; name: string; sizeBytes?: number; sha256?: string };

/** A ticket as its help desk shows it. */
export type Ticket = {
  /** What the help desk's API calls it. */
  id: string;
  /** What people call it, e.g. `TIC-1234`; the top folder of the bundle. */
  key: string;
  url: string;
  reference?: string;
  subject: string;
  state: TicketState | 'other';
  /** The state in the help desk's own words. */
  nativeState: string;
  revision?: string;
  files: TicketFile[];
};

/** What is asked of a help desk when a ticket is registered (guide, chapter 2). */
export type TicketDraft = {
  reference: string;
  subject: string;
  body: string;
  severity: Severity;
  product?: string;
  version?: string;
  license?: string;
  requester?: string;
};

/**
 * Reads a ticket number as people type it: `TIC-1234`, `tic-1234`, `1234` are the same; keys of other shapes
 * (`SUP-7`) are taken as they are.
 * @returns the key, or undefined when the text cannot be one
 */
export function parseTicketKey(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^\d{1,12}$/.test(trimmed)) return `TIC-${trimmed}`;
  if (/^tic-\d{1,12}$/i.test(trimmed)) return trimmed.toUpperCase();
  return /^[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}$/.test(trimmed) && !/^tic-/i.test(trimmed) ? trimmed : undefined;
}

/** References that every help desk can search for without quoting. */
export const referencePattern = /^[A-Za-z0-9._:-]{1,64}$/;

/** The mark of the comment that tells where a bundle was uploaded; `place` is its address without a user. */
export function uploadMarker(sha256: string, place: string): string {
  return `[upload ${sha256.slice(0, 16)} ${place}]`;
}

/** The mark a comment carries so that a bundle is recognised as attached. */
export function bundleMarker(sha256: string): string {
  return `[bundle ${sha256.slice(0, 16)}]`;
}
