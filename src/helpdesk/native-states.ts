import { defined } from '../domain/defined.js';
import { type TicketState, ticketStates } from '../domain/ticket.js';

/** What a help desk calls each state: the first name is the one that is set, all of them are read. */
export type NativeStates = Readonly<Record<TicketState, readonly [string, ...string[]]>>;

/** The names that a configuration has. */
export type GivenStates = { readonly [state in TicketState]?: readonly [string, ...string[]] | undefined };

/** The names of a configuration in the place of the usual ones. */
export function statesWith(usual: NativeStates, given: GivenStates): NativeStates {
  return { ...usual, ...defined(given) };
}

/** The state that a help desk's own name is; desks do not all keep the case. */
export function stateNamed(native: string, states: NativeStates): TicketState | 'other' {
  return ticketStates.find((state) => isNamed(native, state, states)) ?? 'other';
}

/** Whether a help desk's own name is one of those of a state; two states may share one. */
export function isNamed(native: string, state: TicketState, states: NativeStates): boolean {
  return states[state].some((name) => name.toLowerCase() === native.toLowerCase());
}
