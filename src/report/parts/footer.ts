import { type Html, html } from '../../domain/html.js';
import { shellWord } from '../../domain/quoting.js';
import type { Reading } from '../../reading/reading.js';
import { counted } from '../wording.js';

export function footer({ bundle, manifest, contents, logs }: Reading, tool: string): Html {
  const masked = contents.reduce((sum, each) => sum + each.masked, 0);
  const paths = logs.filter(({ lines }) => lines > 0).map(({ path }) => path);
  return html`<footer>
<p>Made by ${tool} from <span translate="no">${bundle.name}</span>${bundle.sha256 === undefined ? '' : html`, SHA-256 <code class="hash" translate="no">${bundle.sha256}</code>`}.
${manifest === undefined ? '' : html`Collected by ${manifest.tool.name} ${manifest.tool.version}, run ${manifest.run}, reference ${manifest.reference}; ${counted(masked, 'secret')} masked.`}</p>
${paths.length === 0 ? '' : html`<details class="screen"><summary>The same lines in lnav, of the unpacked bundle</summary><p><code class="command" translate="no">lnav ${paths.map(shellWord).join(' ')}</code></p></details>`}
<p class="print-only">All lines are in the bundle; the list of them is not printed.</p>
</footer>`;
}
