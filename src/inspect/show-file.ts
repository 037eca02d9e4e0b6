import type { VerbOutcome } from '../domain/line.js';
import { document } from '../domain/result.js';
import { printable } from '../domain/text.js';
import { exitCode, usageError } from '../errors.js';
import { cleanLine } from '../reading/clean-text.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';
import { fileNamed, type LineRange } from './file-named.js';
import { type Looking, maxDocumentLines } from './looking.js';
import { numberedPieces } from './numbered-pieces.js';

/** Shows a file or lines of it: to a pipe as it is, to a terminal so that it can be looked at. */
export async function showFile(path: string, bundle: OpenBundle, { output, signal }: Looking): Promise<VerbOutcome> {
  const { file, range } = fileNamed(path, bundle);
  if (output === undefined) return fileDocument(printableOf(file, range), file.path, range?.from ?? 1);
  for await (const piece of output.isTerminal ? printableOf(file, range) : rawOf(file, range)) {
    signal.throwIfAborted();
    if (!(await output.write(piece))) break;
  }
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

async function fileDocument(pieces: AsyncIterable<string>, path: string, from: number): Promise<VerbOutcome> {
  const lines: string[] = [];
  let rest = '';
  let more = 0;
  for await (const piece of pieces) {
    rest += piece;
    if (!rest.endsWith('\n')) continue;
    if (lines.length < maxDocumentLines) lines.push(rest.slice(0, -1));
    else more++;
    rest = '';
  }
  return { exitCode: exitCode.ok, lines: [], json: document('inspect', exitCode.ok, { path, from, lines, more }) };
}

/** The bytes as they are. */
async function* rawOf(file: BundleFile, range: LineRange | undefined): AsyncGenerator<Buffer> {
  if (range === undefined) yield* file.read();
  else
    for await (const { bytes, isLast } of numberedPieces(file, range))
      yield isLast ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes;
}

/** The text as a terminal may show it. @throws UserError `bad-file` where it is no text */
async function* printableOf(file: BundleFile, range: LineRange | undefined): AsyncGenerator<string> {
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
