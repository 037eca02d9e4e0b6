import { linesOfBlock } from './inflate.js';
import { type Matches, matcher } from './matcher.js';
import type { Asked, Told } from './worker-words.js';

/** Looks for a text in blocks of lines, beside the page. */
let matches: Matches = () => false;

self.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  if (data.type === 'search') matches = matcher(data.query, data.isRegex);
  else searchBlock(data);
});

async function searchBlock({ block, base64, count }: Asked & { type: 'block' }): Promise<void> {
  const texts = await linesOfBlock(base64, count);
  const hits = texts?.flatMap((text, place) => (matches(text) ? [place] : []));
  self.postMessage({ block, hits } satisfies Told);
}
