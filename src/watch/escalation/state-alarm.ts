import { hostname } from 'node:os';
import pLimit from 'p-limit';
import { defined } from '../../domain/defined.js';
import { escalationRoute } from '../../domain/on-duty.js';
import type { Person } from '../../domain/person.js';
import { printableLine } from '../../domain/text.js';
import { type Severity, severities } from '../../domain/ticket.js';
import type { Stamp } from '../../domain/watch-event.js';
import { reasonOf } from '../../errors.js';
import type { ConfiguredChannel, Page, Recipient } from '../../notify/channel.js';
import { oneSms } from '../../notify/gsm7.js';
import { withDeadline } from '../../servers/deadline.js';
import type { AlarmNote } from '../../state/watch-notes.js';
import type { Member } from '../core/things.js';
import { type About, memberLine, titleOf } from '../incident/words.js';
import { shortened } from './page-facts.js';
import { type Setting, targetsOf } from './targets.js';
import { waitedMs } from './waited.js';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const sendMs = 60_000;
const longest = 160;

/** Why the state cannot be written, and what is bad meanwhile. */
export type Unwritten = { why: string; bad: readonly Member[]; about: About };

/** Who is told, and over what. */
export type AlarmWays = { setting: Setting; channels: ReadonlyMap<string, ConfiguredChannel> };

/**
 * Tells people that the state of the watch cannot be written: no page can be noted then, and none goes out. Once an hour,
 * also over a restart, as long as the time of a file can be set; each minute while nobody can be reached.
 */
export class StateAlarm {
  private readonly note: AlarmNote;
  private readonly stamp: () => Promise<Stamp>;
  private readonly oneAtATime = pLimit(1);
  private last: { at: Stamp; restMs: number } | undefined;

  constructor(note: AlarmNote, stamp: () => Promise<Stamp>) {
    this.note = note;
    this.stamp = stamp;
  }

  /** Whether people were told, by this process or an earlier one, and it was not over since. */
  async isRaised(): Promise<boolean> {
    return (await this.note.toldAt()) !== undefined;
  }

  /** @returns who was told, in words; undefined where it is not time */
  raise(unwritten: Unwritten, ways: AlarmWays, signal: AbortSignal): Promise<string | undefined> {
    return this.oneAtATime(async () => {
      const now = await this.stamp();
      if (!(await this.isDue(now))) return undefined;
      const told = await toldFirst(ways, severityOf(unwritten.bad), now, (to) => pageOf(unwritten, now, to), signal);
      this.last = { at: now, restMs: told.isReached ? hourMs : minuteMs };
      if (told.isReached) await this.note.note(new Date(now.wallMs));
      return told.text;
    });
  }

  /** Where it was raised, engines are told that it is over. */
  over(
    { about, ...unwritten }: Unwritten,
    { channels }: Pick<AlarmWays, 'channels'>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.oneAtATime(async () => {
      if (!(await this.isRaised())) return;
      const page = { ...pageOf({ about, ...unwritten }, await this.stamp()), status: 'resolved' as const };
      for (const { channel } of channels.values())
        if (channel.needs === 'nothing') await whyNotSent(channel, page, signal);
      await this.note.note(undefined);
      this.last = undefined;
    });
  }

  private async isDue(now: Stamp): Promise<boolean> {
    if (this.last !== undefined) return waitedMs(this.last.at, now) >= this.last.restMs;
    const told = (await this.note.toldAt())?.getTime();
    return told === undefined || told > now.wallMs || now.wallMs - told >= hourMs;
  }
}

/** That nothing is followed is grave, whatever is bad. */
function severityOf(bad: readonly Member[]): Severity {
  const ranks = bad.map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(severities.indexOf('high'), ...ranks)] ?? 'high';
}

type Told = { isReached: boolean; text: string };

/**
 * Those of the first step are told, each by the first way that works; where nobody can be reached, those of the next.
 * @param role whoever has it is told before these, by the same ways; where it is one
 */
export async function toldFirst(
  { setting, channels }: AlarmWays,
  severity: Severity,
  now: Stamp,
  page: (to: Recipient | undefined) => Page,
  signal: AbortSignal,
  role?: string,
): Promise<Told> {
  const when = new Date(now.wallMs);
  const { policies, people } = setting.escalation;
  const route = escalationRoute(setting.escalation, severity, when);
  const policy = policies.get(route?.policy ?? '') ?? [...policies.values()][0];
  const failed: string[] = [];
  const [first] = policy?.steps ?? [];
  const ahead = first === undefined || role === undefined || !setting.escalation.roles.has(role) ? [] : [role];
  const before = first === undefined ? [] : ahead.map((name) => ({ ...first, to: [name] }));
  for (const step of [...before, ...(policy?.steps ?? [])]) {
    const told: string[] = [];
    for (const [key, ways] of waysOf([step], setting, when)) {
      const person = people.get(key);
      const { way, failures } = await firstThatWorks(
        ways,
        channels,
        { ...page(person && recipientOf(person)), severity },
        signal,
      );
      failed.push(...failures);
      if (way !== undefined) told.push(person === undefined ? way : `${person.name} (${way})`);
    }
    if (told.length > 0) return { isReached: true, text: `told of that: ${told.join(', ')}` };
  }
  return { isReached: false, text: `nobody could be told of that: ${failed.join('; ') || 'nobody is named'}` };
}

function recipientOf({ key, name, email, phone }: Person): Recipient {
  return { key, name, ...defined({ email, phone }) };
}

async function firstThatWorks(
  ways: readonly string[],
  channels: AlarmWays['channels'],
  page: Page,
  signal: AbortSignal,
): Promise<{ way?: string; failures: string[] }> {
  const failures: string[] = [];
  for (const way of ways) {
    const why = await whyNotSent(channels.get(way)?.channel, page, signal);
    if (why === undefined) return { way, failures };
    failures.push(`${way}: ${why}`);
  }
  return { failures };
}

/** All ways to a person, in the order in which they are tried; `''` stands for what takes pages for nobody in particular. */
function waysOf(steps: Parameters<typeof targetsOf>[0], setting: Setting, when: Date): Map<string, string[]> {
  const ways = new Map<string, string[]>();
  for (const { person = '', chain } of targetsOf(steps, setting, when))
    ways.set(person, [...new Set([...(ways.get(person) ?? []), ...chain])]);
  return ways;
}

async function whyNotSent(
  channel: ConfiguredChannel['channel'] | undefined,
  page: Page,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (channel === undefined) return 'there is no such channel';
  try {
    await withDeadline(sendMs, signal, (limited) => channel.send(page, limited));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return reasonOf(error);
  }
}

function pageOf({ why, bad, about }: Unwritten, now: Stamp, to?: Recipient): Page {
  const host = printableLine(hostname(), 60);
  const reason = printableLine(why.replace(/^"[^"]*": /, ''), 60);
  const subject = `icepack on ${host}: its state cannot be written: ${reason}`;
  const [first] = bad;
  const what =
    first === undefined ? '' : ` Bad now: ${bad.length}, first ${titleOf(first.thing.server, about)} ${first.event}`;
  const short = `icepack on ${host}: state cannot be written: ${reason} - incidents are not followed; free some space there.${what}`;
  const text = [
    `icepack on ${host} cannot write its state: ${printableLine(why, 300)}`,
    'Incidents are not followed: there are no tickets, no pages and no bundles meanwhile, but for this one each hour.',
    `Free some space on ${host}, or repair what is wrong there; the watch goes on by itself then.`,
    ...(bad.length === 0 ? [] : ['', 'Bad now:', ...bad.map((member) => `  ${memberLine(member, about)}`)]),
  ];
  return {
    id: `state.${now.wallMs}`,
    incident: { id: 'state', reference: `icepack-state-${host}`, threadStart: false },
    ...{
      status: 'firing',
      severity: 'high',
      subject,
      text: `${text.join('\n')}\n`,
      short: shortened(oneSms(short), longest),
    },
    ...defined({ to }),
  };
}
