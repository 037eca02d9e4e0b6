import type { Bundle } from '../../domain/bundle-layout.js';
import { isAttached } from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type Comment, HelpDeskError } from '../help-desk.js';
import { filesOf, type Issue } from './answers.js';
import type { RedmineApi } from './api.js';
import { hasMarker, type RedmineFormatting, verbatim } from './text.js';

/** What is added to an issue. */
type Addition = {
  comment: Comment;
  formatting: RedmineFormatting;
  file?: { bundle: Bundle; onProgress?: (bytes: number) => void };
};

/**
 * A comment, and a file with it: one request for both. What is there already is left out, and afterwards all of it must
 * be there. @param key how messages name the issue @throws HelpDeskError
 */
export async function addTo(
  api: RedmineApi,
  { id, key }: { id: number; key: string },
  addition: Addition,
  signal: AbortSignal,
): Promise<void> {
  const read = () => api.issue(id, 'attachments,journals', signal);
  const before = await read();
  const upload = lackingIn(before, addition).file ? await uploaded(api, addition, signal) : undefined;
  // Meanwhile the request of a run that was killed may have come through.
  const { note, file } = lackingIn(upload === undefined ? before : await read(), addition);
  if (!note && !file) return;
  const fields = { ...(note ? noteOf(addition) : {}), ...(file ? { uploads: [upload] } : {}) };
  await api.change(id, fields, signal);
  expectIn(await afterWriting(read()), addition, key);
}

function lackingIn(issue: Issue, { comment, file }: Addition): { note: boolean; file: boolean } {
  return {
    note: noteIn(issue, comment.marker) === undefined,
    file: file !== undefined && !isAttached(filesOf(issue), file.bundle),
  };
}

/** @throws HelpDeskError where a 2xx was not true */
function expectIn(issue: Issue, addition: Addition, key: string): void {
  const lacking = lackingIn(issue, addition);
  const what = lacking.file ? addition.file?.bundle.name : lacking.note ? 'the comment' : undefined;
  if (what !== undefined)
    throw new HelpDeskError('outcome-unknown', `Redmine took ${what}, but it is not at ${key}`, { maybeApplied: true });
  const { comment } = addition;
  if (comment.public || noteIn(issue, comment.marker)?.private_notes) return;
  const right = 'the account lacks the right "Set notes as private"';
  throw new HelpDeskError('forbidden', `the comment is at ${key}, but everybody there can read it: ${right}`, {
    maybeApplied: true,
  });
}

async function uploaded(api: RedmineApi, { file }: Addition, signal: AbortSignal): Promise<Record<string, string>> {
  if (file === undefined) throw new Error('there is no file to upload');
  const token = await api.upload(file.bundle, signal, file.onProgress);
  return { token, filename: file.bundle.name, content_type: 'application/zip' };
}

function noteOf({ comment: { body, marker, public: isPublic }, formatting }: Addition): Record<string, unknown> {
  const text = body.includes(marker) ? body : `${body}\n\n${marker}`;
  return { notes: verbatim(text, formatting), ...(isPublic ? {} : { private_notes: true }) };
}

function noteIn({ journals }: Issue, marker: string): Issue['journals'][number] | undefined {
  return journals.find(({ notes }) => notes && hasMarker(notes, marker));
}
