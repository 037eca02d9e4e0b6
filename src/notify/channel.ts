import type { Severity } from '../domain/ticket.js';

/** @param key what the configuration calls a person */
export type Recipient = { key: string; name: string; email?: string; phone?: string };

/** What is to be said of one incident, to one person or to another alerting system. */
export type Page = {
  /** `I42.3`: the same when it is sent again. */
  id: string;
  /** `reference` tells it from all others for ever; `threadStart`: nothing was said of it before. */
  incident: { id: string; reference: string; threadStart: boolean };
  status: 'firing' | 'resolved';
  severity: Severity;
  /** One line. */
  subject: string;
  /** As long as needed. */
  text: string;
  /** What an SMS or a voice says. */
  short: string;
  /** Absent where a system is told. */
  to?: Recipient;
  html?: string;
  /** Proves that who acknowledges got this page. */
  ackToken?: string;
};

/** A mail that tells of no incident. */
export type Letter = {
  /** The same when it is sent again: of it the Message-ID is made. */
  id: string;
  /** One line. */
  subject: string;
  text: string;
  html: string;
  /** Addresses. */
  to: readonly string[];
  cc: readonly string[];
};

/** How a page is answered where it came: by an SMS, by a mail, by a button. */
export type ReplyWay = 'sms' | 'mail' | 'push';

/** What somebody sent back. `id` tells it from all others, also where it is read again; `from`: their number. */
export type Reply = { id: string; from?: string; text: string };

/** @param marks what is to be given the next time @param fault why some of it could not be read */
export type Replies = { replies: Reply[]; marks: string[]; fault?: string };

/** What is needed to ask about a page later; empty where nothing can be asked. */
export type Receipt = string;

/** `waiting`: nobody has it yet, as far as the channel can tell. */
export type Delivery = 'waiting' | 'sent' | 'failed';

export type ChannelKind = 'smtp' | 'http' | 'gammu' | 'smstools' | 'ntfy' | 'pagerduty' | 'alertmanager' | 'webhook';

/**
 * A way by which a page reaches a person or another alerting system. Every call is one attempt and classifies its
 * failure; deciding, waiting, repeating and noting are done above, once.
 */
export interface Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  /** What a person must have to be reached by it. */
  readonly needs: 'email' | 'phone' | 'nothing';
  /** How often a page has to be sent again while its incident fires, else it is taken for over. */
  readonly repeatMs?: number;
  /** How its pages can be answered; absent where they cannot. */
  readonly answeredBy?: ReplyWay;
  /** @throws NotifyError */
  send(page: Page, signal: AbortSignal): Promise<Receipt>;
  /** Sends a mail; absent where it sends none. @throws NotifyError */
  mail?(letter: Letter, signal: AbortSignal): Promise<void>;
  /** What became of a page; absent where nothing tells. @throws NotifyError */
  delivery?(receipt: Receipt, signal: AbortSignal): Promise<Delivery>;
  /** Takes back what nobody has sent yet. @returns whether there was something to take back */
  withdraw?(receipt: Receipt): Promise<boolean>;
  /** What came back that no mark tells of; absent where nothing is fetched. @throws NotifyError */
  replies?(marks: readonly string[], signal: AbortSignal): Promise<Replies>;
  /** Proves what can be proven without telling anybody. @returns what was proven @throws NotifyError */
  check(signal: AbortSignal): Promise<string>;
}

/**
 * - `auth`: the credential was refused, or is not there
 * - `refused`: repeating the same does no good
 * - `unavailable`: it may work later
 * - `invalid`: this page cannot be sent by this channel
 */
export type NotifyFailure = 'auth' | 'refused' | 'unavailable' | 'invalid';

export class NotifyError extends Error {
  override readonly name = 'NotifyError';
  readonly kind: NotifyFailure;
  /** The page may have been sent all the same. */
  readonly maybeSent: boolean;
  /** How long it asks to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: NotifyFailure,
    message: string,
    facts: { maybeSent?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.kind = kind;
    this.maybeSent = facts.maybeSent ?? false;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** Reads a secret when it is needed. @throws NotifyError `auth` */
export type Secret = () => Promise<string>;

/** @throws NotifyError `invalid` where a page has no telephone number */
export function phoneOf({ to }: Page): string {
  const digits = to?.phone?.replace(/[\s()./-]/g, '').replace(/^00/, '+');
  if (digits !== undefined && /^\+\d{4,15}$/.test(digits)) return digits;
  throw new NotifyError('invalid', `${to?.name ?? 'nobody'} has no telephone number that can be called`);
}

/** A channel as it is configured, with what is tried when it fails, or when nothing was delivered for so long. */
export type ConfiguredChannel = { channel: Channel; orElse: readonly string[]; withinMs: number };
