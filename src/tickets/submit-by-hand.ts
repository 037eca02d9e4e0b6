import { icepack, placeholder, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import { formatSize } from '../domain/quantities.js';
import type { RunResult, TicketResult } from '../domain/result.js';
import { exitCode, UserError } from '../errors.js';
import type { PortalHelpDesk } from '../helpdesk/help-desk.js';
import { pastRuns } from '../runs/past-runs.js';
import { endedEarly } from './ended-early.js';
import { fitted } from './fit.js';
import { fieldsOf, type Texts, writePage, writeTexts } from './portal/form-texts.js';
import { handOver } from './portal/hand-over.js';
import { finish, type Submission, writeBundle } from './submission.js';

export async function submitByHand(submission: Submission, desk: PortalHelpDesk): Promise<RunResult> {
  const { run, intent } = submission;
  const key = intent.ticket ?? latest(run.journal, 'registered')?.key ?? (await keyOfEarlier(submission, desk));
  if (key !== undefined) return byHandTo(submission, key, desk);

  const texts = await writeTexts(submission, desk);
  const page = await writePage(submission, desk, { ticket: undefined, zip: undefined, mayFit: false });
  const typed = await typedNumber(submission, desk, texts, page);
  return typed === undefined ? pendingBundle(submission, desk, texts) : byHandTo(submission, typed, desk, texts);
}

/** The number that a person was given for the ticket; undefined where nobody is there, or it comes later. */
async function typedNumber(
  submission: Submission,
  desk: PortalHelpDesk,
  texts: Texts,
  page: string | undefined,
): Promise<string | undefined> {
  const { operator } = submission;
  if (operator.ask === undefined) return undefined;
  await handOver({ desk, fields: fieldsOf(submission, desk), texts, page }, operator, operator.ask);
  const typed = await operator.ask.text('The number the ticket was given (empty: later)', {
    validate: (answer) =>
      answer.trim() === '' || desk.keys.parse(answer) !== undefined ? undefined : `Write it like ${desk.keys.example}`,
  });
  return desk.keys.parse(typed);
}

/** The ZIP of a ticket that has no number yet. Where it cannot be written, the texts are there all the same. */
async function pendingBundle(submission: Submission, desk: PortalHelpDesk, texts: Texts): Promise<RunResult> {
  try {
    const made = await writeBundle(submission, undefined, []);
    const result = await finish(submission, made, null, { exit: exitCode.ok, texts });
    return await withPage(result, submission, desk);
  } catch (error) {
    if (!(error instanceof UserError) || error.exit !== exitCode.local) throw error;
    const { code, message, exit } = error;
    const hint = `What was collected is kept: ${submission.run.folder}\nRegister the ticket with the texts, and make room; then the ZIP is written by the command below`;
    return { ...endedEarly(submission, new UserError(code, message, { exit, hint })), texts };
  }
}

/** Names the page in a result, with the ZIP in it as it is now. */
async function withPage(
  result: RunResult,
  submission: Submission,
  desk: PortalHelpDesk,
  unfit?: string,
): Promise<RunResult> {
  const { bundle: zip, ticket } = result;
  if (zip === null) return result;
  const page = await writePage(submission, desk, { ticket: ticket?.key, zip, mayFit: unfit === undefined });
  const fetch = submission.operator.handover?.fetch?.([...(page === undefined ? [] : [page]), zip.path]);
  return { ...result, ...defined({ page, fetch }) };
}

/** The ticket that a person registered for an earlier run of the same incident. */
async function keyOfEarlier({ run, manifest, runs }: Submission, desk: PortalHelpDesk): Promise<string | undefined> {
  for await (const past of pastRuns(runs, run.id)) {
    const registered = latest(past.run.journal, 'registered');
    if (past.manifest.reference === manifest.reference && registered?.origin === desk.origin) return registered.key;
  }
  return undefined;
}

/** Names the ZIP after a ticket that a person has registered, and says where to drop it. */
async function byHandTo(submission: Submission, key: string, desk: PortalHelpDesk, texts?: Texts): Promise<RunResult> {
  const { run, settings, intent } = submission;
  await run.journal.write({
    type: 'registered',
    origin: desk.origin,
    id: key,
    key,
    url: desk.url ?? '',
    created: false,
    given: true,
    byHand: true,
  });
  submission.operator.emit({ type: 'note', text: `the bundle is for ${key}; a person attaches it` });
  const made = await fitted(submission, await writeBundle(submission, key, []), settings.attachmentLimit);
  const ticket: TicketResult = { id: key, key, url: desk.url ?? '', state: 'open', created: false };
  const overLimit = made.zip.bytes > settings.attachmentLimit;
  const message = `${made.zip.name} is ${formatSize(made.zip.bytes)}, over the limit of ${formatSize(settings.attachmentLimit)}`;
  const result = await finish(submission, made, ticket, {
    exit: overLimit ? exitCode.overLimit : exitCode.ok,
    ...defined({ texts, toDrop: overLimit ? undefined : dropping(made.zip.name, ticket) }),
    ...(overLimit
      ? {
          error: {
            code: 'over-limit',
            message,
            hint: say`Do not attach it. ${made.unfit === undefined ? '' : `${capital(made.unfit)}. `}${intent.fit || made.unfit !== undefined ? '' : say`Make it fit: ${icepack('submit', run.id, '--fit')}, or `}ask in a comment of ${key} for upload instructions, then: ${icepack('upload', run.id, '--to', placeholder('URL'))}`,
          },
        }
      : {}),
  });
  return withPage(result, submission, desk, made.unfit);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function dropping(name: string, { key, url }: TicketResult): string {
  return `open ${key}${url === '' ? '' : ` at ${url}`} and drop the ZIP into its attachment box: ${name}`;
}
