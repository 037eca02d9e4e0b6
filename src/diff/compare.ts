import type { Known } from '../reading/facts/server-facts.js';
import type { TarListing } from '../reading/facts/tar-listing.js';
import { steady, withoutMasks } from '../reading/facts/volatile.js';
import { compareLogs } from './compare-logs.js';
import { compareMessages } from './compare-messages.js';
import type { Comparison, Pair, Side, Titles, Work } from './comparison.js';
import { type DiffLine, lineDiff } from './line-diff.js';

/**
 * @param all also what changes by itself
 * @param messageNames what messages are called that only the one has, or only the other
 */
export function compare(pairs: readonly Pair[], titles: Titles, all: boolean, messageNames: Titles): Comparison {
  const found: Comparison = { differences: [], notComparable: [] };
  for (const { label, left, right } of pairs) {
    if (left === undefined || right === undefined)
      found.notComparable.push({ where: label, text: `not in ${left === undefined ? titles.left : titles.right}` });
    else comparePair({ label, titles, all, found }, left, right);
  }
  found.differences.push(...compareMessages(pairs, messageNames));
  return found;
}

function comparePair(work: Work, left: Side, right: Side): void {
  const isFact = ({ group }: Known) => group !== 'cli' && group !== 'config' && group !== 'logs';
  const [first, second] = [left, right].map(
    ({ known }) => new Map(known.filter(isFact).map((each) => [each.group + each.name, each])),
  );
  for (const key of new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]))
    compareFact(work, first?.get(key), second?.get(key));
  for (const command of new Set([...left.answers.keys(), ...right.answers.keys()]))
    compareAnswer(work, command, left.answers.get(command), right.answers.get(command));
  compareBackup(work, left.backup, right.backup);
  compareLogs(work, left.logs, right.logs);
}

function missingSide({ titles }: Work, isLeftMissing: boolean): string {
  return isLeftMissing ? titles.left : titles.right;
}

function compareFact(work: Work, left: Known | undefined, right: Known | undefined): void {
  const known = left ?? right;
  if (known === undefined) return;
  const where = `${work.label} ${known.name}`;
  if (left === undefined || right === undefined) {
    if (known.compared !== undefined || known.isAssumed || work.all)
      work.found.notComparable.push({ where, text: `not in ${missingSide(work, left === undefined)}` });
  } else if (left.isAssumed || right.isAssumed) compareAssumed(work, where, left, right);
  else if (known.group === 'items') compareItems(work, where, left, right);
  else if (work.all ? left.text !== right.text : left.compared !== right.compared)
    work.found.differences.push({ where, left: left.text, right: right.text });
}

/** What is only assumed tells nothing of the server. */
function compareAssumed({ found, titles }: Work, where: string, left: Known, right: Known): void {
  const sides = [...(left.isAssumed ? [titles.left] : []), ...(right.isAssumed ? [titles.right] : [])];
  found.notComparable.push({ where, text: `only assumed in ${sides.join(' and ')}` });
}

/** Evidence that one side does not have whole says nothing of the server. */
function compareItems({ found, titles }: Work, where: string, left: Known, right: Known): void {
  if (left.text === right.text) return;
  const said = left.text === 'ok' ? `${right.text} in ${titles.right}` : `${left.text} in ${titles.left}`;
  found.notComparable.push({ where, text: said });
}

function compareAnswer(work: Work, command: string, left?: readonly string[], right?: readonly string[]): void {
  const where = `${work.label} ${command}`;
  if (left === undefined || right === undefined) {
    work.found.notComparable.push({ where, text: `not in ${missingSide(work, left === undefined)}` });
    return;
  }
  const seen = work.all ? withoutMasks : steady;
  if (left.map(seen).join('\n') === right.map(seen).join('\n')) return;
  const lines = lineDiff(left, right, seen);
  const [gone, come] = ['-', '+'].map((mark) => lines?.filter((line) => line.mark === mark) ?? []);
  work.found.differences.push({
    where,
    left: gone?.length === 1 ? (gone[0]?.text.trim() ?? '') : `${left.length} lines`,
    right: come?.length === 1 ? (come[0]?.text.trim() ?? '') : `${right.length} lines`,
    ...(lines === undefined ? {} : { lines }),
  });
}

function compareBackup(work: Work, left: TarListing | undefined, right: TarListing | undefined): void {
  const where = `${work.label} Config`;
  if (left === undefined && right === undefined) return;
  if (!left?.isWhole || !right?.isWhole) {
    work.found.notComparable.push({ where, text: `no whole listing in ${missingSide(work, !left?.isWhole)}` });
    return;
  }
  const changes = changesOf(left, right);
  if (changes.length === 0) return;
  const lines = changes.map(
    ({ mark, text }): DiffLine => ({ mark: mark === '~' ? ' ' : mark, text: mark === '~' ? `~ ${text}` : text }),
  );
  work.found.differences.push({ where, left: `${left.files.size} files`, right: `${right.files.size} files`, lines });
}

const mostChanges = 200;

function changesOf(
  { files: left }: TarListing,
  { files: right }: TarListing,
): { mark: '-' | '+' | '~'; text: string }[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  const changes = names.flatMap((name): { mark: '-' | '+' | '~'; text: string }[] => {
    const [before, after] = [left.get(name), right.get(name)];
    if (before === undefined) return [{ mark: '+', text: name }];
    if (after === undefined) return [{ mark: '-', text: name }];
    if (before.bytes === after.bytes && before.crc32 === after.crc32) return [];
    const what = before.bytes === after.bytes ? 'other content' : `${before.bytes} → ${after.bytes} bytes`;
    return [{ mark: '~', text: `${name} (${what})` }];
  });
  return changes.slice(0, mostChanges);
}
