import { defined } from '../../domain/defined.js';
import { longestSilenceMs, type Maintenance } from '../../domain/maintenance.js';
import { parseRecurrence } from '../../domain/recurrence.js';
import { type UserError, usageError } from '../../errors.js';
import { timeAhead } from './begin-time.js';

/** What was typed of maintenance. */
export type Typed = {
  targets: readonly string[];
  from?: string;
  for?: number;
  until?: string;
  every?: string;
  skip?: string[];
  untilOk?: boolean;
  check?: string;
  long?: boolean;
  downtime?: boolean;
  reason: string;
  zone: string;
  by: string;
  now: Date;
};

const dayMs = 86_400_000;
const longestMs = 7 * dayMs;

/** What is announced with that. @throws UserError `bad-time`, `contradiction`, `usage` */
export function announced(typed: Typed): Omit<Maintenance, 'id' | 'schema'> {
  const { targets, reason, zone, by, now, downtime } = typed;
  const [, check, instance] = /^([^:]+)(?::(.+))?$/s.exec(typed.check ?? '') ?? [];
  return {
    ...{ targets: [...targets], reason, by, zone, created: now.toISOString(), when: whenOf(typed, check) },
    ...defined({ check, instance, downtime: downtime ? (true as const) : undefined }),
  };
}

function whenOf(typed: Typed, check: string | undefined): Maintenance['when'] {
  const { every, untilOk, from, until, skip = [] } = typed;
  if (every !== undefined) {
    if (from !== undefined || until !== undefined || typed.for !== undefined || untilOk)
      throw contradiction('--every says when it is; leave out --from, --for, --until and --until-ok');
    if (parseRecurrence(every) === undefined) throw badHours(every);
    return { kind: 'recurring', hours: every, skip };
  }
  if (skip.length > 0) throw contradiction('--skip leaves out a date of --every');
  if (untilOk && check === undefined)
    throw usageError('usage', '--until-ok lasts until a check is well: --check names it', 'As in: --check data:/data');
  const span = spanOf(typed);
  return { kind: untilOk ? 'until-ok' : 'once', from: span.from.toISOString(), until: span.until.toISOString() };
}

function spanOf({ from = 'now', until, for: forMs, untilOk, long, zone, now }: Typed) {
  if (until !== undefined && forMs !== undefined) throw contradiction('--until and --for both say when it ends');
  const begin = timeAhead(from, '--from', zone, now);
  const most = untilOk || long ? longestSilenceMs : longestMs;
  const end =
    until === undefined
      ? withLength(begin, forMs ?? (untilOk ? longestSilenceMs : undefined))
      : timeAhead(until, '--until', zone, now);
  const lengthMs = end.getTime() - begin.getTime();
  if (lengthMs <= 0) throw contradiction('it ends before it begins');
  if (lengthMs > most)
    throw usageError(
      'bad-time',
      `it lasts longer than ${most / dayMs} days`,
      most === longestSilenceMs ? 'Announce it again then' : `Add --long: up to ${longestSilenceMs / dayMs} days`,
    );
  return { from: begin, until: end };
}

function withLength(begin: Date, lengthMs: number | undefined): Date {
  if (lengthMs === undefined) throw usageError('usage', 'maintenance has an end: --for or --until says when', endHint);
  return new Date(begin.getTime() + lengthMs);
}

const endHint = `As in: --for 2h; at most ${longestMs / dayMs} days, with --long ${longestSilenceMs / dayMs}`;

function contradiction(message: string): UserError {
  return usageError('contradiction', message, 'Say one of them');
}

function badHours(text: string): UserError {
  return usageError(
    'bad-time',
    `--every "${text}" are no hours that come again`,
    'Write it like one of: "Sun 02:00-04:00", "Mon-Fri 22:00-23:00", "2nd Tue 20:00-23:00", "last Sun 01:00-03:00"',
  );
}
