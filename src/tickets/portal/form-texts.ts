import { dirname, join } from 'node:path';
import { defined } from '../../domain/defined.js';
import { latest } from '../../domain/journal.js';
import type { RunResult } from '../../domain/result.js';
import { UserError } from '../../errors.js';
import { makePrivateFolder, writeDurably } from '../../fs/durable.js';
import type { FormField, PortalHelpDesk } from '../../helpdesk/help-desk.js';
import type { Submission } from '../submission.js';
import { draftOf } from '../ticket-draft.js';
import { formPage } from './form-page.js';
import type { PageFacts } from './page-facts.js';

export type Texts = NonNullable<RunResult['texts']>;

/** Writes the texts of the form, each to a file of its own. */
export async function writeTexts(submission: Submission, desk: PortalHelpDesk): Promise<Texts> {
  const { run } = submission;
  const draft = draftOf(submission);
  await run.journal.write({ type: 'drafted', origin: desk.origin, draft, byHand: true });
  const texts = desk.form(draft).map(({ field, text = '(choose it in the form)' }) => ({
    field,
    text,
    path: join(folderOf(submission), `${field.toLowerCase()}.txt`),
  }));
  for (const { path, text } of texts) {
    await makePrivateFolder(dirname(path));
    await writeDurably(path, `${text}\n`);
  }
  return texts;
}

/** The fields of the form; none where no ticket was to be made. */
export function fieldsOf({ run }: Submission, desk: PortalHelpDesk): FormField[] {
  const drafted = latest(run.journal, 'drafted');
  return drafted?.byHand && drafted.origin === desk.origin ? desk.form(defined(drafted.draft)) : [];
}

/**
 * Writes the page, beside the texts. Nothing depends on it: where it cannot be written, that is said.
 * @returns its path, when it was written
 */
export async function writePage(
  submission: Submission,
  desk: PortalHelpDesk,
  known: Pick<PageFacts, 'ticket' | 'zip' | 'mayFit'>,
): Promise<string | undefined> {
  const { run, manifest, settings, operator } = submission;
  const path = join(folderOf(submission), 'form.html');
  const items = manifest.servers.flatMap((server) => server.items);
  const page = formPage({
    ...{ run: run.id, url: desk.url, fields: fieldsOf(submission, desk), ...known },
    collectedBytes: items.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    limitBytes: settings.attachmentLimit,
    fetch: known.zip && operator.handover?.fetch?.([known.zip.path]),
  });
  try {
    await makePrivateFolder(dirname(path));
    await writeDurably(path, page);
    return path;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    operator.emit({ type: 'warning', text: `the page for the browser was not written: ${error.message}` });
    return undefined;
  }
}

function folderOf({ run }: Submission): string {
  return join(run.folder, 'portal');
}
