import type { Ticket, TicketState } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import type { NativeStates } from '../native-states.js';
import type { FieldMeta, Transition } from './answers.js';
import { takes } from './screen.js';

export type Workflow = { states: NativeStates; resolution: string };

/**
 * The step of the workflow that leads to a state from where the ticket is. Its ids differ by project and by status.
 * @throws HelpDeskError `refused-transition` where there is none, or it asks for what nobody knows
 */
export function transitionTo(
  to: TicketState,
  ticket: Ticket,
  transitions: readonly Transition[],
  { states, resolution }: Workflow,
): { transition: { id: string }; fields?: { resolution: { name: string } } } {
  const open = transitions.filter(({ isAvailable }) => isAvailable);
  const chosen = states[to]
    .map((name) => open.find((each) => each.to.name.toLowerCase() === name.toLowerCase()))
    .find((each) => each !== undefined);
  if (chosen === undefined) {
    const ways = open.map((each) => `"${each.to.name}"`).join(', ') || 'nothing that we may';
    throw refused(
      `${stays(ticket)}: from there it can become ${ways}, and "${to}" is none of them; see helpdesk.states`,
    );
  }
  const { resolution: field, ...others } = chosen.fields;
  refuseUnknown(others, chosen, ticket);
  const transition = { id: chosen.id };
  if (field === undefined || to === 'open' || to === 'awaiting-information') return { transition };
  if (takes(field, resolution)) return { transition, fields: { resolution: { name: resolution } } };
  if (!isAsked(field)) return { transition };
  const names = field.allowedValues?.map((name) => `"${name}"`).join(', ');
  throw refused(`${stays(ticket)}: there is no resolution "${resolution}", but ${names}; see helpdesk.resolution`);
}

function refuseUnknown(fields: Record<string, FieldMeta>, { to }: Transition, ticket: Ticket): void {
  const asked = Object.entries(fields).filter(([, field]) => isAsked(field));
  if (asked.length === 0) return;
  const names = asked.map(([id, { name }]) => name || id).join(', ');
  throw refused(`${stays(ticket)}: to become "${to.name}" it asks for ${names}; do that in Jira`);
}

function isAsked({ required, hasDefaultValue }: FieldMeta): boolean {
  return required && !hasDefaultValue;
}

export function stays({ key, nativeState }: Ticket): string {
  return `${key} stays "${nativeState}"`;
}

function refused(message: string): HelpDeskError {
  return new HelpDeskError('refused-transition', message);
}
