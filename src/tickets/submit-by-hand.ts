import { dirname, join } from 'node:path';
import { icepack, placeholder, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import { formatSize } from '../domain/quantities.js';
import type { RunResult, TicketResult } from '../domain/result.js';
import { exitCode, UserError } from '../errors.js';
import { makePrivateFolder, writeDurably } from '../fs/durable.js';
import type { PortalHelpDesk } from '../helpdesk/help-desk.js';
import { pastRuns } from '../runs/past-runs.js';
import { endedEarly } from './ended-early.js';
import { fitted } from './fit.js';
import { finish, type Submission, writeBundle } from './submission.js';
import { draftOf } from './ticket-draft.js';

export async function submitByHand(submission: Submission, desk: PortalHelpDesk): Promise<RunResult> {
  const { run, intent, operator } = submission;
  const key = intent.ticket ?? latest(run.journal, 'registered')?.key ?? (await keyOfEarlier(submission, desk));
  if (key !== undefined) return byHandTo(submission, key, desk);

  const texts = await writeTexts(submission, desk);
  if (operator.ask === undefined) {
    return pendingBundle(submission, texts);
  }
  operator.emit({
    type: 'note',
    text: `Register the ticket${desk.url === undefined ? '' : ` at ${desk.url}`} with these texts; they are also in ${join(run.folder, 'portal')}`,
    asked: true,
  });
  for (const { field, text } of texts) operator.emit({ type: 'note', text: `--- ${field} ---\n${text}`, asked: true });
  const typed = await operator.ask.text('The number the ticket was given (empty: later)', {
    validate: (answer) =>
      answer.trim() === '' || desk.keys.parse(answer) !== undefined ? undefined : `Write it like ${desk.keys.example}`,
  });
  const given = desk.keys.parse(typed);
  if (given !== undefined) return byHandTo(submission, given, desk, texts);
  return pendingBundle(submission, texts);
}

/** The ZIP of a ticket that has no number yet. Where it cannot be written, the texts are there all the same. */
async function pendingBundle(submission: Submission, texts: NonNullable<RunResult['texts']>): Promise<RunResult> {
  try {
    return await finish(submission, await writeBundle(submission, undefined, []), null, { exit: exitCode.ok, texts });
  } catch (error) {
    if (!(error instanceof UserError) || error.exit !== exitCode.local) throw error;
    const { code, message, exit } = error;
    const hint = `What was collected is kept: ${submission.run.folder}\nRegister the ticket with the texts, and make room; then the ZIP is written by the command below`;
    return { ...endedEarly(submission, new UserError(code, message, { exit, hint })), texts };
  }
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
async function byHandTo(
  submission: Submission,
  key: string,
  desk: PortalHelpDesk,
  texts?: RunResult['texts'],
): Promise<RunResult> {
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
  return finish(submission, made, ticket, {
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
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function dropping(name: string, { key, url }: TicketResult): string {
  return `open ${key}${url === '' ? '' : ` at ${url}`} and drop the ZIP into its attachment box: ${name}`;
}

async function writeTexts(
  { run, manifest, intent, settings }: Submission,
  desk: PortalHelpDesk,
): Promise<NonNullable<RunResult['texts']>> {
  const draft = draftOf({ intent, manifest, settings });
  await run.journal.write({ type: 'drafted', origin: desk.origin, draft, byHand: true });
  const texts = desk
    .form(draft)
    .map(({ field, text }) => ({ field, text, path: join(run.folder, 'portal', `${field.toLowerCase()}.txt`) }));
  for (const { path, text } of texts) {
    await makePrivateFolder(dirname(path));
    await writeDurably(path, `${text}\n`);
  }
  return texts;
}
