import type { OutputLine } from '../../domain/line.js';
import type { Maintenance } from '../../domain/maintenance.js';
import { primaryContact } from '../../domain/on-duty.js';
import { printableLine } from '../../domain/text.js';
import type { Sighting, Stamp } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import { reasonOf, UserError } from '../../errors.js';
import { NotifyError } from '../../notify/channel.js';
import { sendLetter } from '../../notify/send-letter.js';
import type { WatchNotes } from '../../state/watch-notes.js';
import { Pace } from '../incident/pace.js';
import type { Watching } from '../watching.js';
import { type Due, reminderLetter } from './reminder-text.js';
import { endedByThemselves, isLong, type UntilWell, untilWell } from './until-well.js';

type Tools = {
  watch: Pick<WatchNotes, 'maintenances' | 'reminded'>;
  stamp(): Promise<Stamp>;
  /** Tells whoever reads the messages of a watch. */
  tell(line: OutputLine): void;
  signal: AbortSignal;
};

const dayMs = 86_400_000;
const lookEveryMs = 60_000;

/**
 * Reminds people once a day of what nobody is told of until it is well: it may never be, or nobody may want that any more. It
 * is noted before it leaves, so that no restart sends two; one that surely did not leave is tried again.
 */
export class Reminder {
  private readonly tools: Tools;
  private readonly pace = new Pace();

  constructor(tools: Tools) {
    this.tools = tools;
  }

  async look(watching: Watching, { servers }: Sighting): Promise<void> {
    const now = await this.tools.stamp();
    await this.pace.at(now, () => this.remind(watching, { servers }, new Date(now.wallMs)), lookEveryMs);
    const failure = this.pace.newFailure();
    if (failure !== undefined) this.tools.tell({ text: printableLine(reasonOf(failure), 400), tone: 'warn' });
  }

  private async remind(watching: Watching, seen: Pick<Sighting, 'servers'>, now: Date): Promise<void> {
    const { watch, tell, signal } = this.tools;
    const channel = watching.channels.find((each) => each.channel.mail !== undefined)?.channel.name;
    const { known } = await watch.maintenances.list();
    const last = await watch.reminded.at();
    const due = dueOf(watching.watched, seen, known, last, now);
    const to = due === undefined ? [] : addressesOf([...due.goOn, ...due.ended], watching.escalation, now);
    if (due === undefined || channel === undefined || to.length === 0) return;
    await watch.reminded.note(now);
    const letter = reminderLetter(due, to, now, watching.about);
    try {
      await sendLetter(letter, 'the reminder of what nobody is told of', channel, watching.channels, signal);
    } catch (error) {
      if (isUnsent(error)) await watch.reminded.note(last);
      throw error;
    }
    tell({ text: printableLine(`${letter.subject}: ${to.join(', ')} reminded`, 300) });
  }
}

/** What is to be said now; undefined where nothing is, or where it was said less than a day ago. */
export function dueOf(
  watched: readonly Watched[],
  seen: Pick<Sighting, 'servers'>,
  known: readonly Maintenance[],
  last: Date | undefined,
  now: Date,
): Due | undefined {
  if (last !== undefined && Math.abs(now.getTime() - last.getTime()) < dayMs) return undefined;
  const goOn = untilWell(watched, seen, known, now).filter((each) => isLong(each, now));
  const ended = last === undefined ? [] : endedByThemselves(watched, known, last, now);
  return goOn.length + ended.length === 0 ? undefined : { goOn, ended };
}

/** Whoever announced it, where that is a person of the configuration, and who is to work on what happens at its servers. */
function addressesOf(all: readonly UntilWell[], escalation: Watching['escalation'], now: Date): string[] {
  if (escalation === undefined) return [];
  const people = all.flatMap(({ by = '', servers }) => [
    escalation.people.get(by),
    ...servers.map((server) => primaryContact(server, escalation, now)),
  ]);
  return [...new Set(people.flatMap((person) => person?.email ?? []))];
}

function isUnsent(error: unknown): boolean {
  return error instanceof UserError && error.cause instanceof NotifyError && !error.cause.maybeSent;
}
