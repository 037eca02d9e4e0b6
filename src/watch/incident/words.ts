import { serverTitle } from '../../domain/appliance.js';
import type { IncidentEntry, IncidentLog, Thing } from '../../domain/incident.js';
import { printableLine } from '../../domain/text.js';
import type { Severity } from '../../domain/ticket.js';
import { severities } from '../../domain/ticket.js';
import type { Watched } from '../../domain/watch-policy.js';
import { formatLocal } from '../../domain/zone.js';
import { exitCode } from '../../errors.js';
import { everyMember, membersOf, opening } from '../core/incidents.js';
import { keyOf, type Member } from '../core/things.js';
import { suppressionText, thingName } from '../standing.js';

/** What the words of an incident are made of. */
export type About = {
  watched: readonly Watched[];
  organization: string | undefined;
  /** In which times are shown. */
  zone: string;
  /** Masks secrets in what a server printed, as in every text that leaves this machine. */
  mask(text: string): string;
};

/** @param isRedacted whether secrets are masked at all */
export async function aboutOf(given: Omit<About, 'mask'>, isRedacted: boolean): Promise<About> {
  if (!isRedacted) return { ...given, mask: (text) => text };
  const { redactText } = await import('../../redaction/redact-text.js');
  return { ...given, mask: (text) => redactText(text, []) };
}

/** So many servers are named in a subject. */
const namedServers = 3;
const maxLine = 300;

/** @returns e.g. `Example AB, cluster east: server silent (ICE01)`: organization, cluster and kind of event */
export function subjectOf(log: IncidentLog, about: About): string {
  const { place, event } = opening(log);
  const servers = serversOf(everyMember(log));
  const where = [about.organization, place].filter((part) => part !== undefined && part !== '').join(', ');
  return printableLine(
    `${where === '' ? '' : `${where}: `}${event} (${someOf(servers.map((name) => titleOf(name, about)))})`,
  );
}

/** e.g. `ICE01, ICE02, ICE03 and 27 more` */
function someOf(names: readonly string[]): string {
  const more = names.length - namedServers;
  return more > 0 ? `${names.slice(0, namedServers).join(', ')} and ${more} more` : names.join(', ');
}

/** The highest severity of what was bad since it was opened. */
export function severityOf(log: IncidentLog): Severity {
  const ranks = everyMember(log).map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(0, ...ranks)] ?? 'low';
}

/** What is bad at which server, in one line: `ICE01 data /data: data volume over 90 % since 2026-11-20 10:18: 93 % used`. */
export function memberLine({ thing, event, since, text }: Member, about: About): string {
  const what = `${titleOf(thing.server, about)} ${nameOf(thing)}: ${event} since ${timeOf(since, about)}`;
  return printableLine(`${what}: ${about.mask(text)}`, maxLine);
}

/** What had suppressed it until now, in one line; undefined where nothing had. */
export function suppressedLine({ thing, suppressedBy }: Member, about: About): string | undefined {
  if (suppressedBy === undefined) return undefined;
  return `${titleOf(thing.server, about)} ${nameOf(thing)}: ${suppressionText(suppressedBy)}`;
}

/** What the first thing that was bad says, with where it is. */
export function messageOf(log: IncidentLog, about: About): string {
  const [first] = everyMember(log);
  return first === undefined ? '' : memberLine(first, about);
}

export function timeOf(iso: string, { zone }: About): string {
  return `${formatLocal(new Date(iso), zone)} ${zone}`;
}

/** What has become of an incident, as its ticket is told it: each is told once, in order; not each time that something flaps. */
export function newsIn({ entries }: IncidentLog): IncidentEntry[] {
  const flapping = new Set<string>();
  return entries.filter((entry) => {
    if (entry.type === 'flapping') flapping.add(keyOf(entry.thing));
    if (entry.type === 'calm') flapping.delete(keyOf(entry.thing));
    if (entry.type === 'joined' || entry.type === 'left') return !flapping.has(keyOf(entry.thing));
    return newsTypes.has(entry.type) || isWithoutBundle(entry);
  });
}

/** One that is over the limit is told by what collected it, which asks at the ticket how it is to be brought there. */
function isWithoutBundle(entry: IncidentEntry): boolean {
  return entry.type === 'collected' && entry.reason !== undefined && entry.exit !== exitCode.overLimit;
}

const newsTypes: ReadonlySet<IncidentEntry['type']> = new Set([
  'flapping',
  'calm',
  'cleared',
  'suppressed',
  'released',
]);

/** What of the news is not known yet, as a comment; the same news always make the same words. */
export function newsText(known: readonly IncidentEntry[], news: readonly IncidentEntry[], about: About): string {
  const left = membersOf({ entries: [...known, ...news] }).length;
  const still = left > 0 ? [`${left === 1 ? '1 thing is' : `${left} things are`} bad now.`] : [];
  return [...news.flatMap((entry) => newsLines(entry, about)), ...still].join('\n');
}

function newsLines(entry: IncidentEntry, about: About): string[] {
  if (entry.type === 'joined') return [`Bad: ${memberLine(entry, about)}`];
  if (entry.type === 'left' || entry.type === 'flapping' || entry.type === 'calm') return thingLines(entry, about);
  if (entry.type === 'suppressed') {
    const until = entry.until === undefined ? '' : ` until ${timeOf(entry.until, about)}`;
    return [printableLine(`All of it is suppressed: ${entry.by}${until}. Nobody is told meanwhile.`, maxLine)];
  }
  if (entry.type === 'released') return ['Suppressed no more, and still bad: people are told again.'];
  if (entry.type === 'cleared') return ['All of it is well again. Whether it is repaired, a person says.'];
  if (entry.type !== 'collected') return [];
  const servers = entry.servers.map((name) => titleOf(name, about)).join(', ');
  return [printableLine(`No bundle of ${servers}: ${about.mask(entry.reason ?? '')}`, maxLine)];
}

function thingLines(entry: Extract<IncidentEntry, { type: 'left' | 'flapping' | 'calm' }>, about: About): string[] {
  const { thing, at } = entry;
  const what = `${titleOf(thing.server, about)} ${nameOf(thing)} at ${timeOf(at, about)}`;
  if (entry.type === 'left') return [`Well again: ${printableLine(`${what}: ${about.mask(entry.text)}`, maxLine)}`];
  if (entry.type === 'flapping')
    return [
      printableLine(`Flapping: ${what}: it comes and goes. It counts as bad until it is calm, and that is told.`),
    ];
  return [printableLine(`Calm: ${what}: it is ${entry.bad ? 'bad, and stays so' : 'well again'}.`)];
}

export function serversOf(members: readonly Member[]): string[] {
  return [...new Set(members.map(({ thing }) => thing.server))];
}

/** @returns e.g. `ICE01` */
export function titleOf(server: string, { watched }: About): string {
  const found = watched.find(({ appliance }) => appliance.name === server);
  return found === undefined ? server : serverTitle(found.appliance.id);
}

function nameOf({ check, instance, reported }: Thing): string {
  return printableLine(thingName({ check, instance, reported }));
}
