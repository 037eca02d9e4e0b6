import { cutText, printable, printableLine } from '../domain/text.js';
import { type Channel, NotifyError, type Page, type Secret } from './channel.js';
import { send } from './http.js';

export type AlertmanagerSettings = {
  name: string;
  url: URL;
  user?: string;
  /** With a user its password, else a bearer's. */
  token?: Secret;
  /** Beside ours, for its routes. */
  labels?: Record<string, string>;
  now?: () => Date;
};

const minuteMs = 60_000;

/** Prometheus Alertmanager, API v2. An alert that is not sent again is over after five minutes. */
export class Alertmanager implements Channel {
  readonly kind = 'alertmanager';
  readonly needs = 'nothing';
  readonly repeatMs = minuteMs;
  readonly name: string;
  readonly #settings: AlertmanagerSettings;

  constructor(settings: AlertmanagerSettings) {
    this.name = settings.name;
    this.#settings = settings;
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const { proof, secrets } = await this.#proof();
    const call = { method: 'POST', url: this.#at('api/v2/alerts'), headers: proof, secrets };
    await send({ ...call, body: JSON.stringify([this.#alertOf(page)]) }, signal);
    return '';
  }

  #alertOf({ status, severity, subject, text, incident }: Page): object {
    const now = (this.#settings.now?.() ?? new Date()).getTime();
    const endsAt = status === 'firing' ? now + 5 * minuteMs : now;
    return {
      labels: { ...this.#settings.labels, alertname: 'icepack', reference: incident.reference, severity },
      annotations: {
        summary: printableLine(subject, 1000),
        description: cutText(printable(text), 10_000),
        incident: incident.id,
      },
      endsAt: new Date(endsAt).toISOString(),
    };
  }

  async check(signal: AbortSignal): Promise<string> {
    const { proof, secrets } = await this.#proof();
    const call = { method: 'GET', url: this.#at('api/v2/status'), headers: proof, secrets, asks: true } as const;
    const { body } = await send(call, signal);
    const version = (body as { versionInfo?: { version?: unknown } } | undefined)?.versionInfo?.version;
    if (typeof version === 'string') return `Alertmanager ${printableLine(version, 40)} answers; no alert was sent`;
    throw new NotifyError('refused', `${call.url.origin} answers, but is no Alertmanager`);
  }

  /** Below the path that it may have behind a proxy. */
  #at(path: string): URL {
    return new URL(path, this.#settings.url.href.replace(/\/?$/, '/'));
  }

  async #proof(): Promise<{ proof: Record<string, string>; secrets: string[] }> {
    const { user, token: secret } = this.#settings;
    const token = await secret?.();
    if (token === undefined) return { proof: {}, secrets: [] };
    const pair = Buffer.from(`${user}:${token}`).toString('base64');
    return {
      proof: { authorization: user === undefined ? `Bearer ${token}` : `Basic ${pair}` },
      secrets: [token, pair],
    };
  }
}
