import { type Html, html } from '../../domain/html.js';
import { formatSize } from '../../domain/quantities.js';
import type { Reading } from '../../reading/reading.js';
import { counted } from '../wording.js';

const rowsMax = 500;

/** Every file of the bundle, with what the manifest says of it. */
export function contentsPart({ contents, bundle }: Reading): Html {
  const left = contents.length - rowsMax;
  return html`<section aria-labelledby="contents">
<h2 id="contents">Everything in the bundle</h2>
<details open><summary>${counted(contents.length, 'file')} of ${bundle.name}</summary>
<table class="entries contents" role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Path</th><th scope="col" role="columnheader" class="number">Size</th><th scope="col" role="columnheader">Status</th><th scope="col" role="columnheader">Where it is from</th></tr></thead>
<tbody role="rowgroup">
${contents.slice(0, rowsMax).map(row)}
</tbody></table>
${left > 0 ? html`<p class="quiet">${counted(left, 'more file')} are not listed here.</p>` : ''}
</details>
</section>`;
}

const statusSigns: Record<string, string> = { ok: '✓', partial: '!', skipped: '–', failed: '✗' };

function row({ path, bytes, status, reason, source, command, sha256, masked }: Reading['contents'][number]): Html {
  const from = [command, source].filter((part) => part !== undefined);
  const sign = statusSigns[status ?? ''] ?? '?';
  return html`<tr role="row"><td role="cell" class="path"><code dir="ltr" translate="no">${path}</code>${sha256 === undefined ? '' : html` <small class="hash" translate="no">${sha256}</small>`}</td>
<td role="cell" class="number">${bytes === undefined ? '' : formatSize(bytes)}</td>
<td role="cell" class="status ${status ?? 'unknown'}">${sign} ${status ?? 'not in the manifest'}${reason === undefined ? '' : html` <small dir="auto">${reason}</small>`}${masked > 0 ? html` <small>${counted(masked, 'secret')} masked</small>` : ''}</td>
<td role="cell" class="from">${from.map((part) => html`<code dir="ltr" translate="no">${part}</code>`)}</td></tr>`;
}
