import type { IssueType } from './questions.js';

export const severities = ['low', 'medium', 'high', 'emergency'] as const;
export type Severity = (typeof severities)[number];

/** What a severity means for those who work with the system (guide, chapter 2: "categorize the end-user impact"). */
export const severityMeaning: Record<Severity, string> = {
  low: 'nobody is hindered: a question, a blemish, a wish',
  medium: 'some people are hindered, or there is a way around it',
  high: 'many are hindered, an important service is impaired, no way around',
  emergency: 'a service is down for everybody, or is about to be',
};

export const ticketStates = ['open', 'awaiting-information', 'fixed', 'closed'] as const;
export type TicketState = (typeof ticketStates)[number];

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
  /** When it was last changed; ISO 8601. */
  updatedAt?: string;
  files: TicketFile[];
};

/** Whether a file is among those of a ticket. The same name with another size or content is another one, or a cut one. */
export function isAttached(
  files: readonly TicketFile[],
  file: { name: string; bytes: number; sha256: string },
): boolean {
  return files.some(
    ({ name, sizeBytes, sha256 }) =>
      name === file.name &&
      (sizeBytes === undefined ? sha256 !== undefined : sizeBytes === file.bytes) &&
      (sha256 === undefined || sha256 === file.sha256),
  );
}

/** What is known of a ticket in the moment it was registered. */
export type CreatedTicket = Pick<Ticket, 'id' | 'key' | 'url'> & {
  /** Absent where the help desk does not say what became of it. */
  reference?: string;
};

/** How people read a state (guide, chapter 2). */
export const stateTitle: Record<TicketState, string> = {
  open: 'Open',
  'awaiting-information': 'Awaiting Information',
  fixed: 'Fixed',
  closed: 'Closed',
};

/** A state, with the help desk's own name behind it where that is another one: `Fixed (resolved)`. */
export function stateText({ state, nativeState }: Pick<Ticket, 'state' | 'nativeState'>): string {
  if (state === 'other') return nativeState;
  const plain = (text: string) => text.toLowerCase().replace(/[-_\s]+/g, ' ');
  const title = stateTitle[state];
  return plain(nativeState) === plain(title) ? title : `${title} (${nativeState})`;
}

/** How long a ticket that is Fixed can be reopened (guide, chapter 2). */
const reopenMs = 14 * 86_400_000;

/**
 * When the two weeks of a ticket that is Fixed end, at the latest: it has not changed since it became that, or later.
 * Undefined where it is in another state, or nobody knows.
 */
export function reopenUntil({ state, updatedAt }: Pick<Ticket, 'state' | 'updatedAt'>): Date | undefined {
  const changed = Date.parse(updatedAt ?? '');
  return state !== 'fixed' || Number.isNaN(changed) ? undefined : new Date(changed + reopenMs);
}

/** What was written to a ticket. */
export type TicketComment = { at?: string; author?: string; body: string; public: boolean };

/** What is asked of a help desk when a ticket is registered (guide, chapter 2). */
export type TicketDraft = {
  /** By which the ticket is found again. */
  reference: string;
  subject: string;
  body: string;
  severity: Severity;
  product?: string;
  version?: string;
  license?: string;
  requester?: string;
  /** Who is to work on it, as the help desk calls them; they go before whom the configuration names. */
  assignee?: string;
  /** Further fields of this ticket, by their name or id there; they go before those of the configuration. */
  fields?: Record<string, string>;
  issueType?: IssueType;
  /** The number it has in the ticket system of who registers it; nothing is found by it here. */
  ownReference?: string;
};

const windowsDevice = /^(com|lpt)\d$/i;

/** Whether a text can be the key of a ticket, and so the name of a folder: `TIC-1234`, `INC0010023`, `A_B-7`. */
export function isTicketKey(text: string): boolean {
  return /^(?=.*\d)[A-Za-z][A-Za-z0-9_]{0,30}(?:-\d{1,12})?$/.test(text) && !windowsDevice.test(text);
}

/** Whether a text can name a ticket at some help desk: a key, or a number with or without `#`. */
export function isTicketName(text: string): boolean {
  return isTicketKey(text) || /^#?\d{1,12}$/.test(text);
}

/**
 * Reads a ticket number as people type it, at a desk whose keys have a prefix: `TIC-1234`, `tic-1234`, `1234`, `#1234`
 * are the same; keys of other shapes (`SUP-7`, `INC0010023`) are taken as they are.
 * @returns the key, or undefined when the text cannot be one
 */
export function parseTicketKey(text: string, prefix = 'TIC'): string | undefined {
  const trimmed = text.trim();
  const number = /^#?(\d{1,12})$/.exec(trimmed)?.[1];
  if (number !== undefined) return `${prefix}-${number}`;
  if (!isTicketKey(trimmed)) return undefined;
  const [before, after] = trimmed.split('-');
  if (after === undefined) return /^[A-Za-z]{2,10}\d{4,12}$/.test(trimmed) ? trimmed : undefined; // INC0010023
  return before?.toLowerCase() === prefix.toLowerCase() ? `${prefix}-${after}` : trimmed;
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
