import { createHmac } from 'node:crypto';
import { printable, printableLine } from '../domain/text.js';
import type { Channel, Page, Secret } from './channel.js';
import { send } from './http.js';
import { reach } from './reach.js';

export type WebhookSettings = { name: string; url: URL; secret: Secret; now?: () => Date };

/**
 * A program of somebody's own. `Icepack-Signature` is `sha256=` and the HMAC of `Icepack-Timestamp` (seconds), a dot and
 * the body; `Icepack-Id` is the same for a page that is sent again.
 */
export class Webhook implements Channel {
  readonly kind = 'webhook';
  readonly needs = 'nothing';
  readonly name: string;
  readonly #settings: WebhookSettings;

  constructor(settings: WebhookSettings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const { url, now = () => new Date() } = this.#settings;
    const secret = await this.#settings.secret();
    const body = JSON.stringify(bodyOf(page));
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const headers = {
      'icepack-id': page.id.replace(/[^\x21-\x7e]/g, '-'),
      'icepack-timestamp': timestamp,
      'icepack-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    };
    await send({ method: 'POST', url, headers, body, secrets: [secret] }, signal);
    return '';
  }

  async check(signal: AbortSignal): Promise<string> {
    return `${await reach(this.#settings.url, signal)}; that it takes the signature is not proven until a page is sent`;
  }
}

function bodyOf({ id, incident, status, severity, subject, text, short, to }: Page): object {
  const person = to === undefined ? {} : { to: { key: to.key, name: to.name } };
  return {
    ...{ schema: 1, id, incident: { id: incident.id, reference: incident.reference }, status, severity },
    ...{ subject: printableLine(subject, 1000), text: printable(text), short: printableLine(short, 500) },
    ...person,
  };
}
