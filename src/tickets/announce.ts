import { serverTitle } from '../domain/appliance.js';
import type { Bundle } from '../domain/bundle-layout.js';
import { icepack, placeholder, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { bundleMarker, type Ticket } from '../domain/ticket.js';
import { exitCode } from '../errors.js';
import type { ApiHelpDesk } from '../helpdesk/help-desk.js';
import { withRetries } from './retry.js';
import type { Sent, Submission } from './submission.js';
import { uploadRequest } from './ticket-text.js';

/** Over the limit: the ticket learns the size and asks for upload instructions, once (guide, chapter 2, Attachments). */
export async function announce(
  { run, manifest, operator, intent, signal }: Submission,
  ticket: Ticket,
  { zip, limit, unfit }: { zip: Bundle; limit: number | undefined; unfit: string | undefined },
  desk: ApiHelpDesk,
): Promise<Sent> {
  const before = latest(run.journal, 'announced');
  if (before?.sha256 !== zip.sha256) {
    const marker = bundleMarker(zip.sha256);
    await withRetries(
      () =>
        desk.comment(
          ticket.id,
          { body: uploadRequest(manifest, zip, limit, marker, before?.name), public: true, marker },
          signal,
        ),
      operator,
      signal,
    );
    await run.journal.write({ type: 'announced', id: ticket.id, name: zip.name, sha256: zip.sha256 });
  }
  const message = `${zip.name} is ${formatSize(zip.bytes)}, over ${limitText(limit)}; ${ticket.key} asks support for upload instructions`;
  return {
    exit: exitCode.overLimit,
    error: {
      code: 'over-limit',
      message,
      hint: say`The ZIP is kept${unfit === undefined ? '' : `; ${unfit}`}. ${intent.fit || unfit !== undefined ? 'When support has answered' : say`Make it fit: ${icepack('submit', run.id, '--fit')}, or when support has answered`}: ${icepack('upload', run.id, '--to', placeholder('URL'))}. The largest in it: ${largestIn(manifest) ?? 'nothing'}`,
    },
  };
}

/** The limit in words; after a refusal nobody knows what it is. */
function limitText(limit: number | undefined): string {
  return limit === undefined ? 'what the help desk takes' : `the limit of ${formatSize(limit)}`;
}

/** The largest item of a bundle, for the message to whoever has to make it smaller. */
function largestIn({ servers }: Manifest): string | undefined {
  const items = servers.flatMap(({ id, items }) => items.map((item) => ({ item, title: serverTitle(id) })));
  const [largest] = items.sort((a, b) => (b.item.bytes ?? 0) - (a.item.bytes ?? 0));
  return largest && `${largest.title} ${largest.item.path}, ${formatSize(largest.item.bytes ?? 0)}`;
}
