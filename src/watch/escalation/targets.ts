import type { Escalation, Needs, Step } from '../../domain/escalation.js';
import { isReachable, whoIs } from '../../domain/on-duty.js';
import type { Person } from '../../domain/person.js';

/** What the core has to know of a channel. */
export type ChannelTerms = {
  needs: Needs;
  /** Those that stand in for it, in this order. */
  orElse: readonly string[];
  /** So long it may take until it says that a page went out; absent where it does not say. */
  withinMs?: number;
};

/** What the configuration says about paging. */
export type Setting = {
  escalation: Escalation;
  channels: ReadonlyMap<string, ChannelTerms>;
  /** Of servers, by their names. */
  customers: ReadonlyMap<string, Customer>;
  primaryContacts: ReadonlyMap<string, string>;
  /** Nobody is told before an incident is so old: others may join it. */
  waitMs: number;
  /** Nobody looks again by and by: what is held back for a minute would wait for whoever comes next. */
  isLast?: boolean;
};

export type Customer = { email?: string; phone?: string };

/** Whom to tell over which channel, and which ones stand in for it. An engine is told for nobody in particular. */
export type Target = { person?: string; chain: readonly string[] };

type Channels = Setting['channels'];

/** Everybody whom steps name, as the rota has it at a moment, over each of their channels. */
export function targetsOf(steps: readonly Step[], setting: Setting, when: Date): Target[] {
  const all = steps.flatMap(({ to, by }) => {
    const people = to.flatMap((name) => whoIs(name, setting.escalation, when));
    return by.flatMap((channel) => targetsBy(channel, people, setting.channels));
  });
  return all.filter((one, at) => all.findIndex((other) => isSameTarget(one, other)) === at);
}

/** The same people over one channel. */
export function targetsBy(channel: string, people: readonly Person[], channels: Channels): Target[] {
  if (channels.get(channel)?.needs === 'nothing') return [{ chain: chainOf(channel, undefined, channels) }];
  return people
    .map((person) => ({ person: person.key, chain: chainOf(channel, person, channels) }))
    .filter(({ chain }) => chain.length > 0);
}

/** A channel with all that stand in for it, and for these, as far as somebody can be reached over them. */
export function chainOf(first: string, who: Customer | undefined, channels: Channels): string[] {
  const chain: string[] = [];
  const add = (name: string) => {
    if (!channels.has(name) || chain.includes(name)) return;
    chain.push(name);
    for (const other of channels.get(name)?.orElse ?? []) add(other);
  };
  add(first);
  return chain.filter((name) => isReachable(who ?? {}, channels.get(name)?.needs ?? 'nothing'));
}

/** The channels that write mails. */
export function mailChannels(channels: Channels): string[] {
  return [...channels].flatMap(([name, { needs }]) => (needs === 'email' ? [name] : []));
}

function isSameTarget(one: Target, other: Target): boolean {
  return one.person === other.person && one.chain[0] === other.chain[0];
}
