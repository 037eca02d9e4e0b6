import { nearest, printable, printableLine } from '../domain/text.js';
import { usageError } from '../errors.js';
import { WholeLines } from '../logs/whole-lines.js';
import { cleanLine } from '../reading/clean-text.js';
import { withoutLineEnd } from '../reading/line-cut.js';
import { logText } from '../reading/log-text.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';

/** Which lines of a file, from 1; both ends belong to it. */
export type LineRange = { from: number; to: number };

/** Finds a file by its path in the bundle, with or without the folder on top, or by how its path ends. */
export function fileNamed(
  given: string,
  { files, top }: OpenBundle,
): { file: BundleFile; range: LineRange | undefined } {
  const whole = fileAt(given, files, top);
  if (whole !== undefined) return { file: whole, range: undefined };
  const [, path = given, from, to] = /^(.*):(\d{1,9})(?:-(\d{1,9}))?$/.exec(given) ?? [];
  const file = fileAt(path, files, top);
  if (file === undefined) throw noFile(path, files);
  const range = from === undefined ? undefined : { from: Number(from), to: Number(to ?? from) };
  if (range !== undefined && (range.from < 1 || range.to < range.from))
    throw usageError('bad-file', `"${given}" names no lines: they are counted from 1`, 'Write it as PATH:120-160');
  return { file, range };
}

function fileAt(path: string, files: readonly BundleFile[], top: string | undefined): BundleFile | undefined {
  const below = top !== undefined && path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path;
  const exact = files.find((file) => file.path === path || file.path === below);
  if (exact !== undefined) return exact;
  const ending = files.filter((file) => file.path.endsWith(`/${path}`));
  return ending.length === 1 ? ending[0] : undefined;
}

function noFile(path: string, files: readonly BundleFile[]) {
  const several = files.filter((file) => file.path.endsWith(`/${path}`)).map((file) => printableLine(file.path));
  const near =
    nearest(
      path,
      files.map((file) => file.path),
    ) ?? files.find((file) => file.path.includes(path))?.path;
  const hint =
    several.length > 1
      ? `Which one: ${several.slice(0, 6).join(', ')}?`
      : near && `Did you mean ${printableLine(near)}?`;
  return usageError(
    'bad-file',
    `there is no one file "${printableLine(path)}" in the bundle`,
    hint || 'See them all with --tree',
  );
}

/** The bytes as they are. */
export async function* rawOf(file: BundleFile, range: LineRange | undefined): AsyncGenerator<Buffer> {
  if (range === undefined) yield* file.read();
  else
    for await (const { bytes, isLast } of numberedPieces(file, range))
      yield isLast ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes;
}

/** The text as a terminal may show it. @throws UserError `bad-file` where it is no text */
export async function* printableOf(file: BundleFile, range: LineRange | undefined): AsyncGenerator<string> {
  for await (const { bytes, isLast } of numberedPieces(file, range ?? { from: 1, to: Number.POSITIVE_INFINITY })) {
    if (range === undefined && bytes.includes(0)) throw noText(file);
    yield `${cleanLine(bytes.toString('utf8'))}${isLast ? '\n' : ''}`;
  }
}

function noText({ path }: BundleFile) {
  return usageError(
    'bad-file',
    `"${printable(path)}" is no text, and is not shown at a terminal`,
    'Send it on: … | less, or > FILE',
  );
}

/** The lines of a range, each in one piece or, where it is long, in several; `isLast`: the line ends there. */
async function* numberedPieces(
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
