import { serverTitle } from '../domain/appliance.js';
import { icepack, say, type Text } from '../domain/command.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { JsonDocument } from '../domain/result.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode } from '../errors.js';

const mostReasons = 3;

type Facts = { began: Date; zone: string; trouble?: VerbOutcome['trouble'] };

/**
 * All that `--quiet` says: nothing where all is well, or where another run is at it; else what is wrong, since when, and the
 * next step.
 */
export function quietMessage(told: JsonDocument, facts: Facts): OutputLine[] {
  if (told.exitCode === exitCode.busy || (told.exitCode === exitCode.ok && told.next.length === 0)) return [];
  const reasons = facts.trouble?.reasons ?? reasonsIn(told);
  const more = reasons.length - mostReasons;
  return [
    { text: headOf(told, facts), tone: told.exitCode === exitCode.ok ? 'strong' : 'bad' },
    ...reasons.slice(0, mostReasons).map((reason) => ({ text: `  ${printableLine(reason, 400)}` })),
    ...(more > 0 ? [{ text: `  and ${more} more` }] : []),
    { text: say`  → ${told.next[0] ?? facts.trouble?.hint ?? told.error?.hint ?? whereItStands(told)}` },
  ];
}

function headOf({ verb, outcome, exitCode, run }: JsonDocument, { began, zone }: Facts): string {
  const what = `${verb === '' ? '' : `${verb}: `}${outcome} (exit code ${exitCode})`;
  return `icepack: ${what}, since ${formatLocal(began, zone)} ${zone}${run ? `, run ${run}` : ''}`;
}

/** Where nobody knows a step that would help. */
function whereItStands({ verb, ticket }: JsonDocument): Text {
  if (typeof ticket?.key === 'string') return `Nothing more to do: ${ticket.key} has what there is`;
  return verb === 'doctor' ? say`See: ${icepack('doctor')}` : say`See: ${icepack('runs')}`;
}

/** Why it is not all well, as the document has it. */
function reasonsIn({ error, servers = [] }: JsonDocument): string[] {
  const losses = servers.flatMap(({ id, losses }) => losses.map(({ reason }) => `${serverTitle(id)}: ${reason}`));
  return [...new Set([...(error === null ? [] : [error.message]), ...losses])];
}
