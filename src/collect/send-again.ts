import { type Intent, latest } from '../domain/journal.js';
import type { RunResult } from '../domain/result.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Workplace } from '../servers/workplace.js';
import type { Run } from '../state/runs.js';
import { checkDesk } from '../tickets/check-desk.js';
import { deskFor } from '../tickets/choose-desk.js';
import { namesGiven } from '../tickets/missing-fields.js';
import type { SubmitOptions } from '../tickets/submission.js';
import { submitRun } from '../tickets/submit.js';
import type { Operator } from '../ui/operator.js';
import { withFields } from './ask-fields.js';
import { askDraft } from './interview.js';
import { knownAnswers } from './known-answers.js';
import { redactSaid } from './redact-said.js';

/** A run as it is to be sent: what was said of it, then and now, and the help desk as far as that is known. */
export type Sending = { run: Run; said: Intent; settings: DeskSettings; redact: boolean };

/** Brings what was collected earlier to its ticket, and asks what that lacks where somebody is there. */
export async function sendAgain(
  { run, said, settings: before, redact }: Sending,
  options: Pick<SubmitOptions, 'yes' | 'saysOutput'>,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<RunResult> {
  const { operator, runs } = workplace;
  const manifest = await run.readManifest();
  const isNew = said.ticket === undefined;
  const known = () => knownAnswers({ settings: before, servers: manifest.servers, run: run.id }, runs);
  const drafted = isNew ? await askDraft(said, operator, known) : said;
  tellOtherTicket(run, drafted.ticket, operator);
  const settings = await deskFor(before, drafted, [run.journal], operator.now());
  const filled = isNew ? await withFields(drafted, settings, workplace) : drafted;
  const intent = redactSaid(filled, redact, operator);
  await run.journal.write({ type: 'meant', intent });
  const account = await checkDesk(settings.desk, operator, signal, { fields: namesGiven(settings, intent) });
  const submitOptions = { noSubmit: false, ...options };
  return submitRun({ run, manifest, intent, options: submitOptions, settings, account, operator, runs, signal });
}

/** A bundle may be wanted at two tickets; whoever mistyped a number has to know. */
function tellOtherTicket({ id, journal }: Run, ticket: string | undefined, operator: Operator): void {
  const known = latest(journal, 'registered');
  if (known === undefined || known.byHand || ticket === undefined || known.key === ticket) return;
  const text = `run ${id} is at ${known.key} already; now it goes to ${ticket} as well`;
  operator.emit({ type: 'warning', text, hint: `${known.key} keeps what it has` });
}
