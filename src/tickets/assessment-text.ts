import { serverTitle } from '../domain/appliance.js';
import { type Assessment, type Loss, type LostItem, pathsText } from '../domain/assessment.js';
import { formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { skippedTexts } from './skipped-text.js';

const maxReason = 400;

export const verdictTexts: Record<Assessment['verdict'], string> = {
  complete: 'complete',
  partial: 'partial',
  incomplete: 'INCOMPLETE: without configuration backup or techsupport',
  unreachable: 'NOT REACHED',
};

/** What was had of a server, a line per item; then what was not asked for. */
export function collectedLines({ collected, losses, skipped }: Assessment): string[] {
  const partial = [...new Set(losses.flatMap((loss) => loss.partial))];
  return [
    ...collected.map((item) => sizedText(item, item.reason)),
    ...partial.map((item) => sizedText(item, 'not whole')),
    ...skippedTexts(skipped).map((text) => `not taken: ${printableLine(text, maxReason)}`),
  ];
}

function sizedText({ path, bytes }: LostItem, note: string | undefined): string {
  const facts = [bytes === undefined ? undefined : formatSize(bytes), note].filter(Boolean).join('; ');
  return printableLine(facts === '' ? path : `${path} (${facts})`, maxReason);
}

/** Each cause once, with all it cost. @returns nothing where everything that was asked for is there */
export function lossLines({ losses }: Assessment): string[] {
  return losses.flatMap((loss) => [
    printableLine(loss.reason, maxReason),
    ...costLines(loss).map((line) => `  ${line}`),
  ]);
}

export function costLines({ also, missing, partial, shared }: Loss): string[] {
  return [
    ...also.map((reason) => printableLine(`also: ${reason}`, maxReason)),
    ...(missing.length === 0 ? [] : [`missing: ${printableLine(pathsText(missing), maxReason)}`]),
    ...(partial.length === 0 ? [] : [`not whole: ${printableLine(pathsText(partial), maxReason)}`]),
    ...(missing.length + partial.length === 0 ? [`nothing ${shared ? 'else ' : ''}is missing because of it`] : []),
  ];
}

/** Of all servers: what is missing or not whole, and why; a sentence where nothing is. */
export function missingLines(assessments: readonly Assessment[]): string[] {
  const lost = assessments.filter(({ losses }) => losses.length > 0);
  if (lost.length === 0) return ['Nothing: everything that was asked for was collected.'];
  return lost.flatMap((assessment) => [
    `${serverTitle(assessment.server.id)} (${assessment.server.name}): ${verdictTexts[assessment.verdict]}`,
    ...lossLines(assessment).map((line) => `  ${line}`),
  ]);
}
