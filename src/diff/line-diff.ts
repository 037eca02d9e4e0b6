/** A line of a difference: in both, only in the first, only in the second. */
export type DiffLine = { mark: ' ' | '-' | '+'; text: string };

/** Longer texts are not laid beside each other: that takes time and memory by the square. */
const maxLines = 1500;
const context = 3;

/**
 * What differs between two texts, with three lines round it; what lies between is left out, as an empty line.
 * @param steady what of a line is compared
 * @returns undefined where they are too long
 */
export function lineDiff(
  left: readonly string[],
  right: readonly string[],
  steady: (line: string) => string,
): DiffLine[] | undefined {
  if (left.length > maxLines || right.length > maxLines) return undefined;
  return withContext(allLines(left, right, steady));
}

/** By the longest common subsequence: `common[i][j]` is its length behind line i and line j. */
function allLines(left: readonly string[], right: readonly string[], steady: (line: string) => string): DiffLine[] {
  const [first, second] = [left.map(steady), right.map(steady)];
  const common = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    const row = common[i] ?? new Uint16Array();
    for (let j = right.length - 1; j >= 0; j--)
      row[j] = first[i] === second[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const lines: DiffLine[] = [];
  for (let [i, j] = [0, 0]; i < left.length || j < right.length; ) {
    if (i < left.length && j < right.length && first[i] === second[j]) {
      lines.push({ mark: ' ', text: right[j] ?? '' });
      i++;
      j++;
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      lines.push({ mark: '-', text: left[i++] ?? '' });
    else lines.push({ mark: '+', text: right[j++] ?? '' });
  }
  return lines;
}

function withContext(lines: readonly DiffLine[]): DiffLine[] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(({ mark }) => mark !== ' ');
  const shown: DiffLine[] = [];
  let last = -1;
  for (const [at, line] of lines.entries()) {
    if (!isNear(at)) continue;
    if (shown.length > 0 && at > last + 1) shown.push({ mark: ' ', text: '' });
    shown.push(line);
    last = at;
  }
  return shown;
}
