import { icepack, say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode } from '../errors.js';
import type { Ring } from '../state/captures.js';
import type { CaptureResult } from './capture.js';

const maxReason = 400;

/** What a timer's captures say, as one mail: what has changed, since when, and the next step. Nothing where nothing has. */
export async function newsOf(
  results: readonly CaptureResult[],
  ringOf: (server: string) => Promise<Ring>,
  zone: string,
): Promise<OutputLine[]> {
  const told = results.filter(({ news }) => news !== undefined);
  const lines: OutputLine[] = [];
  for (const [at, result] of told.entries()) {
    const head = headOf(result, zone);
    lines.push(at === 0 ? { ...head, text: `icepack: ${head.text}` } : head);
    if (result.news === 'works again') continue;
    lines.push({ text: `  ${ringText(result.title, await ringOf(result.server), zone)} ${whenAgain}` });
    lines.push({ text: say`  → ${nextOf(result)}` });
  }
  const well = results.filter(({ outcome, news }) => outcome.kind === 'captured' && news === undefined);
  if (told.length > 0 && well.length > 0)
    lines.push({ text: `  Captured: ${well.map(({ title }) => title).join(', ')}.` });
  return lines;
}

const whenAgain = 'You hear of it again in a day, or when it works.';

function headOf({ title, standing, news, outcome }: CaptureResult, zone: string): OutputLine & { text: string } {
  if (news === 'works again') return { text: `captures of ${title} work again: ${whatOf(outcome)}`, tone: 'good' };
  const since = standing.since === undefined ? '' : ` since ${formatLocal(new Date(standing.since), zone)}`;
  const reason = printableLine(standing.reason ?? '', maxReason);
  const isSkipped = news === 'skips' || news === 'still skips';
  return isSkipped
    ? { text: `${title} was skipped ${standing.skips} times in a row: ${reason}`, tone: 'warn' }
    : { text: `no capture of ${title}${since}: ${reason}`, tone: 'bad' };
}

function ringText(title: string, { captures }: Ring, zone: string): string {
  const last = captures.at(-1);
  if (last === undefined) return `The ring of ${title} is empty.`;
  const bytes = captures.reduce((sum, each) => sum + each.bytes, 0);
  const newest = formatLocal(new Date(last.record.started), zone);
  return `The ring of ${title} holds ${countText(captures.length)}, ${formatSize(bytes)}, newest ${newest}.`;
}

export function countText(count: number): string {
  return `${count} ${count === 1 ? 'capture' : 'captures'}`;
}

function nextOf({ outcome, server }: CaptureResult): Text {
  if (outcome.kind === 'hung') return `Look at it: ps -fp ${outcome.pid}; end it: kill ${outcome.pid}`;
  if (outcome.kind === 'failed' && outcome.exit === exitCode.local && outcome.hint !== undefined) return outcome.hint;
  const doctor = icepack('doctor', server);
  return outcome.kind === 'failed' && typeof outcome.hint === 'string' ? say`${outcome.hint}; then ${doctor}` : doctor;
}

/** What became of each server, for whoever typed it. */
export function resultLines(results: readonly CaptureResult[]): OutputLine[] {
  return results.flatMap((result): OutputLine[] => {
    const { title, server, outcome } = result;
    const text = `${title}  ${server}  ${whatOf(outcome)}`;
    if (outcome.kind === 'captured')
      return [
        { text, tone: 'good' },
        ...outcome.lacks.map((lack) => ({ text: `  without ${printableLine(lack, maxReason)}` })),
      ];
    if (outcome.kind === 'rested') return [{ text }];
    return [{ text, tone: 'bad' }, { text: say`  → ${nextOf(result)}` }];
  });
}

function whatOf(outcome: CaptureResult['outcome']): string {
  switch (outcome.kind) {
    case 'captured':
      return `captured, ${formatSize(outcome.bytes)}`;
    case 'rested':
      return `nothing done: ${outcome.why}`;
    case 'skipped':
      return `skipped: ${printableLine(outcome.reason, maxReason)}`;
    case 'failed':
      return `failed: ${printableLine(outcome.reason, maxReason)}`;
    case 'hung':
      return `the capture of process ${outcome.pid} does not end, since ${outcome.since}`;
  }
}
