import { printableLine } from '../domain/text.js';
import { type Channel, type Delivery, NotifyError, type Page, type Secret } from './channel.js';
import { fill, fillJson, headerValue, type JsonTemplate, type Words, wordsOf } from './fill.js';
import { type HttpAnswer, type HttpCall, send } from './http.js';
import { reach } from './reach.js';

/** How a gateway is spoken to, as data; texts are templates (`gatewayWords`). */
export type GatewayRecipe = {
  url: string;
  method: 'POST' | 'PUT' | 'GET';
  headers: Record<string, string>;
  /** Sent as a web form does, or as JSON. */
  form?: Record<string, string>;
  json?: JsonTemplate;
  /** What an answer of 2xx must say to mean yes: values by their place, or a pattern of its text. */
  okWhen?: Record<string, string[]> | RegExp;
  /** Where in the answer stands what to ask about later. */
  receipt?: string;
  /** The header by which it knows a repeated request. */
  idempotencyHeader?: string;
  status?: { url: string; path: string; sent: string[]; failed: string[] };
  /** What can be asked without telling anybody. */
  check?: string;
};

export type GatewaySettings = {
  name: string;
  recipe: GatewayRecipe;
  /** With a user, the token is its password; without one it is sent as a bearer's, unless a template has it. */
  user?: string;
  token?: Secret;
  /** For templates: `from`, `account`. */
  given?: Record<string, string>;
};

/** SMS and calls through any gateway that speaks HTTP. */
export class Gateway implements Channel {
  readonly kind = 'http';
  readonly name: string;
  readonly #settings: GatewaySettings;
  readonly #template: string;

  constructor(settings: GatewaySettings) {
    this.name = settings.name;
    this.#settings = settings;
    const { url, headers, form, json } = settings.recipe;
    this.#template = JSON.stringify([url, headers, form, json]);
  }

  get needs(): 'email' | 'phone' | 'nothing' {
    if (this.#template.includes('{phone}')) return 'phone';
    return this.#template.includes('{email}') ? 'email' : 'nothing';
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const { recipe, given } = this.#settings;
    const token = (await this.#settings.token?.()) ?? '';
    const words = wordsOf(page, { ...given, token });
    const call: HttpCall = { ...this.#call(recipe.url, words, token), method: recipe.method, ...bodyOf(recipe, words) };
    const key = recipe.idempotencyHeader;
    if (key !== undefined) call.headers = { ...call.headers, [key]: headerValue(idOf(page)) };
    const answer = await send(call, signal);
    refuseUnlessOk(recipe.okWhen, answer, call.url.origin);
    return recipe.receipt === undefined ? '' : (valueAt(answer.body, recipe.receipt) ?? '');
  }

  async delivery(receipt: string, signal: AbortSignal): Promise<Delivery> {
    const { status } = this.#settings.recipe;
    if (status === undefined || receipt === '') return 'waiting';
    const { body } = await this.#ask(status.url, receipt, signal);
    const found = valueAt(body, status.path) ?? '';
    if (status.sent.includes(found)) return 'sent';
    return status.failed.includes(found) ? 'failed' : 'waiting';
  }

  async check(signal: AbortSignal): Promise<string> {
    const { check, url } = this.#settings.recipe;
    if (check === undefined)
      return `${await reach(new URL(url.replace(/\{[a-z]+\}/g, '-')), signal)}; not proven until a page is sent`;
    const { status } = await this.#ask(check, '', signal);
    return `the gateway knows us (${status}); nothing was sent`;
  }

  async #ask(url: string, receipt: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { token: secret, given } = this.#settings;
    const token = (await secret?.()) ?? '';
    const words: Words = (word) => ({ ...given, token, receipt })[word] ?? '';
    return send({ ...this.#call(url, words, token), method: 'GET', asks: true }, signal);
  }

  #call(url: string, words: Words, token: string): Pick<HttpCall, 'url' | 'headers' | 'secrets'> {
    const { recipe, user } = this.#settings;
    const headers = Object.entries(recipe.headers).map(([name, value]) => [name, headerValue(fill(value, words))]);
    const pair = Buffer.from(`${user}:${token}`).toString('base64');
    const proof = user === undefined ? `Bearer ${token}` : `Basic ${pair}`;
    const isProven = token === '' || this.#template.includes('{token}');
    return {
      url: new URL(fill(url, words, encodeURIComponent)),
      headers: { ...Object.fromEntries(headers), ...(isProven ? {} : { authorization: proof }) },
      secrets: [token, pair],
    };
  }
}

/** The same for a page that is sent again, another one for another person. */
function idOf({ id, incident, to }: Page): string {
  return [incident.reference, id, to?.key ?? 'all'].join('.');
}

function bodyOf({ form, json }: GatewayRecipe, words: Words): Pick<HttpCall, 'body' | 'type'> {
  if (json !== undefined) return { body: JSON.stringify(fillJson(json, words)), type: 'application/json' };
  if (form === undefined) return {};
  const fields = Object.entries(form).map(([name, value]): [string, string] => [name, fill(value, words)]);
  return { body: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
}

/** @throws NotifyError where the words of an answer are not those of a yes, whatever its status */
function refuseUnlessOk(okWhen: GatewayRecipe['okWhen'], { status, body, text }: HttpAnswer, origin: string): void {
  if (okWhen === undefined) return;
  if (okWhen instanceof RegExp) {
    if (okWhen.test(text)) return;
    throw new NotifyError('refused', `${origin} answered ${status}, but no yes: ${text}`);
  }
  if (body === undefined)
    throw new NotifyError('refused', `${origin} answered ${status}, but not in JSON: ${text}`, { maybeSent: true });
  for (const [path, values] of Object.entries(okWhen)) {
    const found = valueAt(body, path);
    if (found !== undefined && values.includes(found)) continue;
    const said = printableLine(found ?? 'missing', 100);
    throw new NotifyError('refused', `${origin} answered ${status}, but ${path} is ${said}: ${text}`);
  }
}

/** @param path keys and numbers with dots between, e.g. `messages.0.status` */
function valueAt(body: unknown, path: string): string | undefined {
  const found = path.split('.').reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }, body);
  return ['string', 'number', 'boolean'].includes(typeof found) ? String(found) : undefined;
}
