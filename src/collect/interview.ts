import { parseEventTime } from '../domain/event-time.js';
import type { Intent } from '../domain/journal.js';
import { type Severity, severities, severityMeaning } from '../domain/ticket.js';
import { isZone } from '../domain/zone-name.js';
import { reasonOf, type UserError, usageError } from '../errors.js';
import { askQuestions, type KnownAnswers } from '../tickets/question-form.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';

/**
 * The operator's zone where this machine does not tell it: asked for when a local time depends on it.
 * @throws UserError `zone-unknown` where nobody is there to ask
 */
export async function askZone(doubt: string, givenTime: string | undefined, operator: Operator): Promise<string> {
  const isNeeded = givenTime === undefined ? operator.ask !== undefined : isLocalTime(givenTime, operator.now());
  if (isNeeded && operator.ask === undefined)
    throw usageError('zone-unknown', doubt, 'Name it: --zone Europe/Stockholm; or give --at with its offset');
  if (isNeeded && operator.ask !== undefined)
    return operator.ask.text(`${doubt}. Which is it? (e.g. Europe/Stockholm)`, {
      initial: operator.zone,
      validate: (text) => (isZone(text) ? undefined : 'An IANA time zone such as Europe/Stockholm'),
    });
  const hint = 'Name it: --zone Europe/Stockholm';
  operator.emit({ type: 'warning', text: `${doubt}; ${operator.zone} is assumed`, hint });
  return operator.zone;
}

/** Whether a text means another instant in another zone. */
function isLocalTime(text: string, now: Date): boolean {
  const [east, west] = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'].map((zone) => {
    try {
      return parseEventTime(text, zone, now).getTime();
    } catch {
      return undefined; // no time at all, or one in the future there
    }
  });
  return east !== west;
}

/** When the incident was: as given, asked for, or now. */
export async function askEventTime(given: string | undefined, operator: Operator): Promise<Date> {
  if (given !== undefined) return parseEventTime(given, operator.zone, operator.now());
  if (operator.ask === undefined) return operator.now();
  const answer = await operator.ask.text(
    `When did it happen? (10:32, yesterday 1pm, 2h ago, or as a log has it; your time, ${operator.zone})`,
    {
      initial: 'now',
      validate: (text) => faultOf(() => parseEventTime(text, operator.zone, operator.now())),
    },
  );
  return parseEventTime(answer, operator.zone, operator.now());
}

/** Whether a ticket can be made of it. */
export function isDrafted({ summary, severity }: Intent): boolean {
  return summary !== undefined && severity !== undefined;
}

/**
 * What a new ticket says: as given, asked for where a ticket cannot be made of it and somebody is there.
 * @throws UserError `draft-incomplete` where nobody is
 */
export async function askDraft(given: Intent, operator: Operator, known: () => Promise<KnownAnswers>): Promise<Intent> {
  const ask = operator.ask;
  if (isDrafted(given)) return given;
  if (ask === undefined) throw draftIncomplete(given);
  const summary = given.summary ?? (await askSummary(ask));
  const severity = given.severity ?? (await askSeverity(ask));
  return askQuestions({ ...given, summary, severity }, ask, await known());
}

function draftIncomplete(given: Intent): UserError {
  const options = [
    ...(given.summary === undefined ? ['--summary "ONE LINE"'] : []),
    ...(given.severity === undefined ? [`--severity ${severities.join('|')}`] : []),
  ];
  return usageError(
    'draft-incomplete',
    `a new ticket needs ${options.map((option) => option.split(' ')[0]).join(' and ')}`,
    `Add ${options.join(' ')}; or give an existing ticket with --ticket NUMBER, or collect only with --no-submit`,
  );
}

async function askSummary(ask: Prompter): Promise<string> {
  const validate = (text: string) => (text.trim() === '' ? 'One line, please' : undefined);
  return (await ask.text('What happened, in one line?', { validate })).trim();
}

function askSeverity(ask: Prompter): Promise<Severity> {
  const choices = severities.map((value) => ({ value, title: `${value} – ${severityMeaning[value]}` }));
  return ask.choose<Severity>('How severe is it?', choices, 'medium');
}

function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
