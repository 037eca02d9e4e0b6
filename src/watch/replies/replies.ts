import type { Escalation } from '../../domain/escalation.js';
import type { OutputLine } from '../../domain/line.js';
import { printableLine } from '../../domain/text.js';
import type { Stamp } from '../../domain/watch-event.js';
import { reasonOf } from '../../errors.js';
import { type Channel, NotifyError } from '../../notify/channel.js';
import type { IncidentStore } from '../../state/incidents.js';
import type { ReplyNotes } from '../../state/replies.js';
import { waitedMs } from '../escalation/waited.js';
import { outcomeLine } from './outcome-text.js';
import { takeReply } from './take.js';

export type RepliesTools = {
  watch: { incidents: IncidentStore; replies: ReplyNotes };
  stamp(): Promise<Stamp>;
  tell(line: OutputLine): void;
  signal: AbortSignal;
};

/** What is asked over a network is not asked more often. */
const pollEveryMs = 10_000;

/** Fetches what came back over channels, and takes the answers among it. */
export class Replies {
  private readonly tools: RepliesTools;
  private readonly polled = new Map<string, Stamp>();
  private readonly going = new Map<string, Promise<void>>();
  /** What was told last of each channel whose answers cannot be taken. */
  private readonly faults = new Map<string, string>();

  constructor(tools: RepliesTools) {
    this.tools = tools;
  }

  /** @param isWaiting whether somebody is to answer */
  async look(channels: readonly Channel[], escalation: Escalation, isWaiting: boolean): Promise<void> {
    const due = await this.due(channels, isWaiting);
    await Promise.all(due.map((channel) => this.begin(channel, escalation)));
  }

  private async due(channels: readonly Channel[], isWaiting: boolean): Promise<Channel[]> {
    const now = await this.tools.stamp();
    return channels.filter(({ name, answeredBy, replies }) => {
      if (replies === undefined || answeredBy === undefined) return false;
      if (answeredBy !== 'push') return true;
      const last = this.polled.get(name);
      if (!isWaiting || (last !== undefined && waitedMs(last, now) < pollEveryMs)) return false;
      this.polled.set(name, now);
      return true;
    });
  }

  /** One at a time for each channel. What fails is told once, and holds up no page. */
  private begin(channel: Channel, escalation: Escalation): Promise<void> {
    const { name } = channel;
    const going =
      this.going.get(name) ??
      this.fetch(channel, escalation)
        .then((fault) => this.tellFault(name, fault))
        .catch((error: unknown) => this.tellFault(name, reasonOf(error)))
        .finally(() => this.going.delete(name));
    this.going.set(name, going);
    return going;
  }

  private tellFault(name: string, fault: string | undefined): void {
    if (fault !== undefined && fault !== this.faults.get(name) && !this.tools.signal.aborted)
      this.tools.tell({ text: `answers over ${name} cannot be read: ${printableLine(fault, 300)}`, tone: 'bad' });
    if (fault === undefined) this.faults.delete(name);
    else this.faults.set(name, fault);
  }

  /** @returns why some of it could not be read */
  private async fetch(channel: Channel, escalation: Escalation): Promise<string | undefined> {
    const { name, answeredBy: by } = channel;
    const { watch, stamp, tell, signal } = this.tools;
    const { incidents, replies: notes } = watch;
    const { marks, faults } = await notes.read();
    const known = marks[name] ?? [];
    const found = await fetched(channel, known, signal);
    const isNew = found.marks.join('\n') !== known.join('\n');
    if (!isNew && found.replies.length === 0 && found.fault === faults[name]) return found.fault;
    await notes.update(async (before) => {
      let { refused } = before;
      for (const { id, from, text } of found.replies) {
        if (by === undefined) break;
        const heard = { by, channel: name, from, line: firstLineOf(text), id };
        const taken = await takeReply(heard, refused, { escalation, incidents, replies: notes, stamp });
        refused = [...taken.refused];
        const line = outcomeLine(taken.outcome, by, escalation);
        if (line !== undefined) tell(line);
      }
      const { [name]: _, ...others } = before.faults;
      const faultsNow = found.fault === undefined ? others : { ...others, [name]: found.fault };
      return { ...before, refused, marks: { ...before.marks, [name]: found.marks }, faults: faultsNow };
    });
    return found.fault;
  }
}

/** A channel that fails has given nothing, and what is known of it stays known. */
async function fetched(channel: Channel, marks: string[], signal: AbortSignal) {
  try {
    return (await channel.replies?.(marks, signal)) ?? { replies: [], marks };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotifyError)) throw error;
    return { replies: [], marks, fault: printableLine(reasonOf(error), 300) };
  }
}

function firstLineOf(text: string): string {
  return text.split(/\r\n|[\r\n]/).find((line) => line.trim() !== '') ?? '';
}
