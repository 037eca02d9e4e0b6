import { parseEventTime } from '../domain/event-time.js';
import type { Intent } from '../domain/journal.js';
import { type Severity, severities } from '../domain/ticket.js';
import { isZone } from '../domain/zone-name.js';
import { reasonOf, usageError } from '../errors.js';
import { type GuideAnswers, type GuideQuestion, guideQuestions } from '../tickets/questions.js';
import type { Operator } from '../ui/operator.js';

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

/**
 * What a new ticket says: as given, asked for where somebody is there.
 * @throws UserError `draft-incomplete` where nobody is
 */
export async function askDraft(given: Intent, operator: Operator): Promise<Intent> {
  const ask = operator.ask;
  if (ask === undefined) {
    const options = [
      ...(given.summary === undefined ? ['--summary "ONE LINE"'] : []),
      ...(given.severity === undefined ? [`--severity ${severities.join('|')}`] : []),
    ];
    if (options.length === 0) return given;
    throw usageError(
      'draft-incomplete',
      `a new ticket needs ${options.map((option) => option.split(' ')[0]).join(' and ')}`,
      `Add ${options.join(' ')}; or give an existing ticket with --ticket NUMBER, or collect only with --no-submit`,
    );
  }
  const isComplete = given.summary !== undefined && given.severity !== undefined && given.description !== undefined;
  const summary =
    given.summary ??
    (
      await ask.text('What happened, in one line?', {
        validate: (text) => (text.trim() === '' ? 'One line, please' : undefined),
      })
    ).trim();
  const severity =
    given.severity ??
    (await ask.choose<Severity>(
      'How severe is it?',
      severities.map((value) => ({ value, title: value })),
      'medium',
    ));
  const description = given.description ?? (await ask.text('Describe it in more words (Enter: nothing more)'));
  const wantsQuestions =
    !isComplete && (await ask.confirm("Answer support's seven usual questions now? They will ask", false));
  const answers = wantsQuestions ? await askQuestions(operator) : {};
  return { ...given, summary, severity, description, answers: { ...given.answers, ...answers } };
}

async function askQuestions(operator: Operator): Promise<GuideAnswers> {
  const answers: GuideAnswers = {};
  for (const [key, question] of Object.entries(guideQuestions)) {
    const answer = await operator.ask?.text(`${question} (Enter: skip)`);
    if (answer?.trim()) answers[key as GuideQuestion] = answer.trim();
  }
  return answers;
}

function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
