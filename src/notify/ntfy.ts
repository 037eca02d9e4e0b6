import { z } from 'zod';
import { cutText, printable, printableLine } from '../domain/text.js';
import type { Severity } from '../domain/ticket.js';
import type { Channel, Page, Replies, Reply, ReplyWay, Secret } from './channel.js';
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
  readonly answeredBy?: ReplyWay;
  readonly #settings: NtfySettings;

  constructor(settings: NtfySettings) {
    this.name = settings.name;
    this.#settings = settings;
    if (settings.ackTopic !== undefined) this.answeredBy = 'push';
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify(this.#messageOf(page));
    await send({ method: 'POST', url: new URL('/', this.#settings.url), body, ...(await this.#proof()) }, signal);
    return '';
  }

  /** What was published to the topic of answers, which keeps it for some hours; after the last that is known. */
  async replies(marks: readonly string[], signal: AbortSignal): Promise<Replies> {
    const { url, ackTopic } = this.#settings;
    if (ackTopic === undefined) return { replies: [], marks: [] };
    const topic = new URL(`/${ackTopic}/json`, url);
    topic.search = new URLSearchParams({ poll: '1', since: marks.at(-1) ?? 'all' }).toString();
    const { raw } = await send({ method: 'GET', url: topic, asks: true, ...(await this.#proof()) }, signal);
    const replies = raw
      .split('\n')
      .flatMap(replyIn)
      .filter(({ id }) => !marks.includes(id));
    return { replies, marks: [...marks, ...replies.map(({ id }) => id)].slice(-mostMarks) };
  }

  async #proof(): Promise<{ headers: Record<string, string>; secrets: string[] }> {
    const token = await this.#settings.token?.();
    if (token === undefined) return { headers: {}, secrets: [] };
    return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
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
    const { ackTopic } = this.#settings;
    if (ackTopic !== undefined) await this.replies([], signal);
    const answers = ackTopic === undefined ? '' : `; answers are read from ${ackTopic}`;
    return `${url.origin} is well; that ${topic} takes pages is not proven until one is sent${answers}`;
  }
}

const messageSchema = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  event: z.literal('message'),
  message: z.string(),
});
/** The server forgets what it kept, and gives all of it to who names what it forgot. */
const mostMarks = 200;

/** A line of what a topic has: a message, or what keeps the connection. */
function replyIn(line: string): Reply[] {
  const { data } = messageSchema.safeParse(parsed(line));
  return data === undefined ? [] : [{ id: data.id, text: data.message }];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
