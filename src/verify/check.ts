import { printableLine } from '../domain/text.js';
import { type ExitCode, exitCode, mostUrgent } from '../errors.js';

/**
 * `objection`: whoever reads it would object, or something optional is missing; `missing`: mandatory evidence is; `unsafe`:
 * it is not what it should be; `unknown`: it could not be checked, which is never `ok`.
 */
export type CheckState = 'ok' | 'objection' | 'missing' | 'unsafe' | 'unknown';

/** One thing that was looked at. The id is stable. */
export type Check = {
  id: string;
  state: CheckState;
  /** What it is about, in a few words: `layout`, `ICE02 Techsupport`. */
  where: string;
  text: string;
};

export function check(state: CheckState, id: string, where: string, text: string): Check {
  return { id, state, where, text };
}

const exits: Record<CheckState, ExitCode> = {
  ok: exitCode.ok,
  unknown: exitCode.ok,
  objection: exitCode.partial,
  missing: exitCode.incomplete,
  unsafe: exitCode.notAsItShouldBe,
};

export function exitOf(checks: readonly Check[]): ExitCode {
  return mostUrgent(checks.map(({ state }) => exits[state]));
}

export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** What is to be told where little is said. */
export function reasonsIn(checks: readonly Check[]): string[] {
  return checks
    .filter(({ state }) => state !== 'ok' && state !== 'unknown')
    .map(({ where, text }) => printableLine(`${where}: ${text}`, 300));
}
