import type { IncidentEntry } from '../../domain/incident.js';
import { cutText, printableLine } from '../../domain/text.js';
import type { ReplyWay } from '../../notify/channel.js';
import type { Case } from './case.js';
import { serverOfCustomer } from './copy-orders.js';
import type { DuePage } from './due.js';

/** What a page says beside what its journal knows. */
export type IncidentFacts = {
  organization: string | undefined;
  /** e.g. `ICE01` for `ice01`. */
  titleOf(server: string): string;
  ticket?: { key: string; url: string };
  /** Why there is no ticket yet. */
  ticketTrouble?: string;
  /** The zone of those who read it. */
  zone: string;
};

/** What one page is made of. */
export type PageParts = {
  one: Case;
  due: DuePage;
  n: number;
  facts: IncidentFacts;
  /** How it can be answered where it comes, and by which token. */
  answer?: { by: ReplyWay; token: string };
  /** Incidents whose pages were held back, and are told within this one. */
  bundled: readonly string[];
};

export type Member = Extract<IncidentEntry, { type: 'joined' }>;

/** What is bad, or was; a customer sees what is theirs. */
export function membersOf({ one, due }: PageParts): readonly Member[] {
  const { standing, log } = one;
  const all = standing.members.length > 0 ? standing.members : log.entries.filter((entry) => entry.type === 'joined');
  const theirs = serverOfCustomer(due.person ?? '');
  if (theirs === undefined) return all;
  const { customers, channels } = one.setting;
  const needs = channels.get(due.channel)?.needs;
  if (needs === undefined || needs === 'nothing') return [];
  const addressOf = (server: string) => customers.get(server)?.[needs];
  return log.entries
    .filter((entry) => entry.type === 'joined')
    .filter(({ thing }) => thing.server === theirs || addressOf(thing.server) === addressOf(theirs));
}

/** When it was seen bad first. */
export function sinceOf(members: readonly Member[]): Date {
  return new Date(Math.min(...members.map(({ since }) => Date.parse(since))));
}

/** e.g. `ICE01, ICE02 and 3 more` */
export function serversText(members: readonly Member[], { titleOf }: IncidentFacts): string {
  const titles = [...new Set(members.map(({ thing }) => printableLine(titleOf(thing.server), 40)))];
  const [some, more] = [titles.slice(0, 3), titles.length - 3];
  return more > 0 ? `${some.join(', ')} and ${more} more` : some.join(', ');
}

/** e.g. `Example AB, cluster east: server silent (ICE01)` */
export function titleOf(parts: PageParts): string {
  const { opened } = parts.one.standing;
  const where = [parts.facts.organization, opened.place].filter((each) => each !== undefined && each !== '');
  const servers = serversText(membersOf(parts), parts.facts);
  const head = where.length === 0 ? '' : `${where.join(', ')}: `;
  return printableLine(`${head}${opened.event}${servers === '' ? '' : ` (${servers})`}`, 160);
}

/** At most so many characters, with dots where it is cut. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${cutText(text, Math.max(0, length - 3)).trimEnd()}...`;
}
