import { cutText, printable, printableLine } from '../domain/text.js';
import type { Severity } from '../domain/ticket.js';
import type { Channel, Page, Secret } from './channel.js';
import { send } from './http.js';

export type NtfySettings = {
  name: string;
  url: URL;
  topic: string;
  token?: Secret;
  /** Where the button of a page tells that somebody has it. */
  ackTopic?: string;
};

const priorities: Record<Severity, number> = { emergency: 5, high: 4, medium: 3, low: 3 };

/** A push to telephones (ntfy, "publish as JSON"). What is sent again takes the place of the first, since its version 2.16. */
export class Ntfy implements Channel {
  readonly kind = 'ntfy';
  readonly needs = 'nothing';
  readonly name: string;
  readonly #settings: NtfySettings;

  constructor(settings: NtfySettings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const { url, token: secret } = this.#settings;
    const token = await secret?.();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const body = JSON.stringify(this.#messageOf(page));
    await send({ method: 'POST', url: new URL('/', url), headers, body, secrets: [token ?? ''] }, signal);
    return '';
  }

  #messageOf(page: Page): object {
    const resolved = page.status === 'resolved';
    return {
      topic: this.#settings.topic,
      title: printableLine(page.subject, 250),
      message: cutText(printable(page.text), 3000),
      priority: resolved ? 2 : priorities[page.severity],
      tags: [resolved ? 'white_check_mark' : 'rotating_light'],
      sequence_id: `${page.incident.reference}-${page.id}`.replace(/[^A-Za-z0-9_-]/g, '-').slice(-64),
      actions: this.#actionsOf(page),
    };
  }

  #actionsOf({ incident, ackToken, status }: Page): object[] {
    const { url, ackTopic } = this.#settings;
    if (ackTopic === undefined || ackToken === undefined || status === 'resolved') return [];
    const body = `ack ${incident.id} ${ackToken}`;
    return [
      {
        action: 'http',
        label: 'Acknowledge',
        url: new URL(`/${ackTopic}`, url).href,
        method: 'POST',
        body,
        clear: true,
      },
    ];
  }

  async check(signal: AbortSignal): Promise<string> {
    const { url, topic } = this.#settings;
    await send({ method: 'GET', url: new URL('/v1/health', url), asks: true }, signal);
    return `${url.origin} is well; that ${topic} takes pages is not proven until one is sent`;
  }
}
