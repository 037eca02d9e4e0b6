import { createHash } from 'node:crypto';
import { cutText, printable, printableLine } from '../domain/text.js';
import type { Severity } from '../domain/ticket.js';
import type { Channel, Page, Secret } from './channel.js';
import { send } from './http.js';
import { reach } from './reach.js';

export type PagerDutySettings = {
  name: string;
  routingKey: Secret;
  /** Of the Events API: another one for accounts in the EU. */
  url: URL;
  /** What the watch is called there. */
  source: string;
};

const severities: Record<Severity, string> = { emergency: 'critical', high: 'error', medium: 'warning', low: 'info' };

/** PagerDuty, Events API v2: one alert for a reference, however often it is sent. */
export class PagerDuty implements Channel {
  readonly kind = 'pagerduty';
  readonly needs = 'nothing';
  readonly name: string;
  readonly #settings: PagerDutySettings;

  constructor(settings: PagerDutySettings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const { url, routingKey } = this.#settings;
    const key = await routingKey();
    const body = JSON.stringify({
      routing_key: key,
      event_action: page.status === 'firing' ? 'trigger' : 'resolve',
      dedup_key: dedupKey(page.incident.reference),
      payload: this.#payloadOf(page),
    });
    await send({ method: 'POST', url: new URL('/v2/enqueue', url), body, secrets: [key] }, signal);
    return '';
  }

  #payloadOf({ id, subject, text, severity, incident }: Page): object {
    return {
      summary: printableLine(subject, 1024),
      source: this.#settings.source,
      severity: severities[severity],
      custom_details: { incident: incident.id, page: id, text: cutText(printable(text), 10_000) },
    };
  }

  async check(signal: AbortSignal): Promise<string> {
    return `${await reach(this.#settings.url, signal)}; the routing key is not proven until a page is sent`;
  }
}

/** At most 255 characters, and another one for each reference. */
function dedupKey(reference: string): string {
  if (reference.length <= 255) return reference;
  return `${cutText(reference, 190)}${createHash('sha256').update(reference).digest('hex')}`;
}
