import { serverTitle } from '../domain/appliance.js';
import { pathsText } from '../domain/assessment.js';
import { icepack, say, type Text } from '../domain/command.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { JsonDocument } from '../domain/result.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode } from '../errors.js';

const mostReasons = 3;

type Facts = { began: Date; zone: string; trouble?: VerbOutcome['trouble'] };

/**
 * Everything that `--quiet` prints: nothing if all is well and nobody is to be told, or if another run is at work; else what
 * is wrong, since when, and the next step.
 */
export function quietMessage(told: JsonDocument, facts: Facts): OutputLine[] {
  const isWell = told.exitCode === exitCode.ok && told.next.length === 0 && told.say === undefined;
  if (told.exitCode === exitCode.busy || isWell) return [];
  const reasons = facts.trouble?.reasons ?? reasonsIn(told);
  const more = reasons.length - mostReasons;
  return [
    { text: headOf(told, facts), tone: told.exitCode === exitCode.ok ? 'strong' : 'bad' },
    ...reasons.slice(0, mostReasons).flatMap(reasonLines),
    ...(more > 0 ? [{ text: `  and ${more} more` }] : []),
    ...(told.say === undefined ? [] : [{ text: `  → ${told.say}${told.ticket ? ` (${told.ticket.key})` : ''}` }]),
    { text: say`  → ${nextOf(told) ?? facts.trouble?.hint ?? told.error?.hint ?? whereItStands(told)}` },
  ];
}

function reasonLines(reason: string): OutputLine[] {
  return reason.split('\n').map((line) => ({ text: `  ${printableLine(line, 400)}` }));
}

function nextOf({ next, steps = [] }: JsonDocument): Text | undefined {
  const [command] = next;
  if (command === undefined) return undefined;
  const why = steps[0]?.command === command ? `  (${steps[0].why})` : '';
  return say`${command}${why}`;
}

function headOf({ verb, outcome, exitCode: exit, run, ticket, bundle }: JsonDocument, { began, zone }: Facts): string {
  const what = `${verb === '' ? '' : `${verb}: `}${outcome} (exit code ${exit})`;
  const at = ticket?.key === undefined ? '' : `, ${ticket.key}${bundle?.attached ? ' has the bundle' : ''}`;
  return `icepack: ${what}, since ${formatLocal(began, zone)} ${zone}${run ? `, run ${run}` : ''}${at}`;
}

/** The text for when no next step is known. */
function whereItStands({ verb, ticket }: JsonDocument): Text {
  if (typeof ticket?.key === 'string') return `Nothing more to do: ${ticket.key} has what there is`;
  return verb === 'doctor' ? say`See: ${icepack('doctor')}` : say`See: ${icepack('runs')}`;
}

/** The reasons why not all is well, as in the document. */
function reasonsIn({ error, servers = [] }: JsonDocument): string[] {
  const losses = servers.flatMap(({ id, losses }) => {
    const title = serverTitle(id);
    return losses.map(({ reason, missing, partial }) => {
      const cost = pathsText([...missing, ...partial].map((path) => ({ path })));
      return `${reason.startsWith(title) ? '' : `${title}: `}${reason}${cost === '' ? '' : `; missing or not whole: ${cost}`}`;
    });
  });
  return [...new Set([...(error === null ? [] : [error.message]), ...losses])];
}
