import { WholeLines } from '../logs/whole-lines.js';
import { withoutLineEnd } from '../reading/line-cut.js';
import { logText } from '../reading/log-text.js';
import type { BundleFile } from '../reading/open-bundle.js';
import type { LineRange } from './file-named.js';

/** The lines of a range, each in one piece or, where it is long, in several; `isLast`: the line ends there. */
export async function* numberedPieces(
  file: BundleFile,
  { from, to }: LineRange,
): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  const lines = new WholeLines();
  lines.startPart();
  let number = 0;
  let isOpen = false;
  function* piecesOf(pieces: Iterable<{ kind: string; bytes: Buffer }>): Generator<{ bytes: Buffer; isLast: boolean }> {
    for (const { kind, bytes } of pieces) {
      if (kind === 'beginning') {
        number++;
        isOpen = true;
        if (number >= from && number <= to) yield { bytes, isLast: false };
      } else if (kind === 'more') {
        const end = withoutLineEnd(bytes, 0, bytes.length);
        isOpen = end === bytes.length;
        if (number >= from && number <= to) yield { bytes: bytes.subarray(0, end), isLast: !isOpen };
      } else {
        for (let at = 0; at < bytes.length && number < to; ) {
          const next = lines.ends.next(bytes, at);
          const end = next < 0 ? bytes.length : next;
          if (++number >= from) yield { bytes: bytes.subarray(at, withoutLineEnd(bytes, at, end)), isLast: true };
          at = end;
        }
      }
    }
  }
  for await (const chunk of logText(file)) {
    yield* piecesOf(lines.take(chunk));
    if (number >= to && !isOpen) return;
  }
  yield* piecesOf(lines.endOfPart());
}
