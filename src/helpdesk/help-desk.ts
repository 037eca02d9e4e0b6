import type { Bundle } from '../domain/bundle-layout.js';
import type { RequiredField } from '../domain/required-field.js';
import type { CreatedTicket, Severity, Ticket, TicketComment, TicketDraft, TicketState } from '../domain/ticket.js';
import type { TicketKeys } from './ticket-key.js';

export type Comment = {
  body: string;
  public: boolean;
  /** Recognises the comment when it is looked for again. */
  marker: string;
  ifRevision?: string;
  /** The work it tells of, for a help desk that has a place for it (`caps.hours`). */
  minutes?: number;
  /** Is told why the minutes are not known to stand anywhere but in the words of the comment. */
  withoutHours?(why: string): void;
};

/** What a help desk says of itself and of us. */
export type Account = {
  /** Who the credential belongs to. */
  account: string;
  /** How large a file may be; undefined where it does not say. */
  maxFileBytes?: number;
  /** What will go wrong later, each with what to do. */
  problems: string[];
  /** The fields that a new ticket must have and nobody gives; undefined where it does not say. */
  required?: RequiredField[];
};

/** Which tickets are listed. */
export type TicketFilter = {
  state?: TicketState[];
  updatedSince?: Date;
  /** Those of our account, or of everybody in our organisation; where nothing is said, of both. */
  scope?: 'mine' | 'organization';
  limit?: number;
};

/**
 * A help desk with an API. Every call is one attempt and classifies its failure; looking up, waiting and repeating are
 * done above, once (`tickets/register.ts`, `tickets/attach.ts`).
 */
export interface ApiHelpDesk {
  readonly kind: 'api';
  /** Where it is: the identity that references and journals are bound to. */
  readonly origin: string;
  readonly keys: TicketKeys;
  readonly caps: {
    /** Repeating `create` with the same reference makes no second ticket. */
    idempotencyKey: boolean;
    /** How long that holds; for ever where nothing is said. */
    idempotencyMs?: number;
    /** Without that: how long it may be at work on a request whose answer was lost. */
    settleMs: number;
    conditionalUpdate: boolean;
    /** How long a ticket may exist before `findByReference` shows it. */
    searchLagMs: number;
    reopenFrom: TicketState[];
    /** Hours of work have a field of their own, beside the words of the comment. */
    hours?: 'field';
    /** It stores one comment for a marker, and one file for a name, by itself, also where both come at once. */
    knowsRepeats?: true;
  };
  /**
   * Proves the credential and the target, and changes nothing.
   * @param assignees to whom tickets are to be assigned; where they can be looked up, one that is not there is a problem
   * @throws HelpDeskError
   */
  check(signal: AbortSignal, assignees?: readonly string[]): Promise<Account>;
  /** Exact matches only, in any state, oldest first. @throws HelpDeskError */
  findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]>;
  /** @throws HelpDeskError; `maybeApplied` when a ticket may have been made */
  create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket>;
  /** Gives a ticket its reference once more, where it was dropped; the caller reads it back. */
  setReference?(id: string, reference: string, signal: AbortSignal): Promise<void>;
  /**
   * What a new ticket should have and does not, each in words: many help desks drop an owner or a value without one. It
   * only reads.
   */
  notTaken?(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]>;
  /** The newest change first where there is a limit. */
  list(filter: TicketFilter, signal: AbortSignal): Promise<Ticket[]>;
  /** @param id the ticket's id or key @throws HelpDeskError `not-found` */
  get(id: string, signal: AbortSignal): Promise<Ticket>;
  /**
   * Does what of it is not there yet, its hours among that: repeated, it counts nothing twice.
   * @throws HelpDeskError; `maybeApplied` when any of it is there, or may be
   */
  comment(id: string, comment: Comment, signal: AbortSignal): Promise<void>;
  /** What was written to it, oldest first; absent, or undefined, where the help desk does not give that. */
  comments?(id: string, signal: AbortSignal): Promise<TicketComment[] | undefined>;
  /** Uploads the file under its name and comments it. @param onProgress bytes sent so far */
  attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void>;
  /** Reads the state back; does nothing when the ticket is in it. */
  setState(id: string, to: TicketState, change: { ifRevision?: string }, signal: AbortSignal): Promise<Ticket>;
}

/** A field of a web form; without a text it is chosen there. */
export type FormField = {
  field: string;
  /** What the form calls it. */
  label: string;
  /** On which of its pages it is. */
  page: 'product' | 'ticket';
  text: string | undefined;
};

/** A help desk without an API: texts for its web form are prepared, a person registers the ticket and attaches the ZIP. */
export interface PortalHelpDesk {
  readonly kind: 'portal';
  readonly origin: string;
  readonly keys: TicketKeys;
  readonly url: string | undefined;
  /** Whether the texts are opened in a browser; undefined where the person is asked, once. */
  readonly browser: boolean | undefined;
  /** Whether the texts are handed to the clipboard of a terminal. */
  readonly clipboard: boolean;
  /** The fields of the form, in its order. */
  form(draft: TicketDraft): FormField[];
}

export type HelpDesk = ApiHelpDesk | PortalHelpDesk;

export type FailureKind =
  | 'auth'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  | 'too-large'
  | 'conflict'
  | 'refused-transition'
  | 'rate-limited'
  /** Nobody vouches for its certificate. */
  | 'untrusted'
  | 'unavailable'
  | 'outcome-unknown';

export class HelpDeskError extends Error {
  override readonly name = 'HelpDeskError';
  readonly kind: FailureKind;
  readonly status: number | undefined;
  /** How long it asks to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** The request may have had its effect. */
  readonly maybeApplied: boolean;
  /** The fields that it refused a ticket for the lack of. */
  readonly required: readonly RequiredField[];

  constructor(
    kind: FailureKind,
    message: string,
    facts: {
      status?: number;
      retryAfterMs?: number;
      maybeApplied?: boolean;
      required?: readonly RequiredField[];
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: facts.cause });
    this.kind = kind;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.maybeApplied = facts.maybeApplied ?? false;
    this.required = facts.required ?? [];
  }
}

/** How people read a severity. */
export const severityTitle: Record<Severity, string> = {
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  emergency: 'Emergency',
};
