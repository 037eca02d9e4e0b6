import type { Policy, Step } from '../../domain/escalation.js';

/** A place in a policy: one of its steps, or a round after the last, in which all are told again. */
export type Position = { why: string; atMs: number; steps: readonly Step[] };

const hourMs = 3_600_000;
/** After so many rounds there are hours between them. */
const quickRounds = 8;

/** The last position that is due after so long; -1 where none is yet. */
export function positionAt({ steps, againMs }: Policy, elapsedMs: number): number {
  const step = steps.findLastIndex(({ atMs }) => atMs <= elapsedMs);
  const over = elapsedMs - (steps.at(-1)?.atMs ?? 0);
  if (step < steps.length - 1 || againMs === undefined) return step;
  const quick = Math.min(quickRounds, Math.floor(over / againMs));
  const slow = Math.max(0, Math.floor((over - quickRounds * againMs) / slowMs(againMs)));
  return step + quick + slow;
}

/** A position by its number; undefined where the policy has ended before. */
export function positionNumber({ steps, againMs }: Policy, number: number): Position | undefined {
  const step = steps[number];
  if (step !== undefined) return { why: String(number + 1), atMs: step.atMs, steps: [step] };
  const round = number - steps.length + 1;
  if (againMs === undefined || round < 1) return undefined;
  const quick = Math.min(quickRounds, round) * againMs;
  const slow = Math.max(0, round - quickRounds) * slowMs(againMs);
  return { why: `again ${round}`, atMs: (steps.at(-1)?.atMs ?? 0) + quick + slow, steps };
}

function slowMs(againMs: number): number {
  return Math.max(againMs, hourMs);
}
