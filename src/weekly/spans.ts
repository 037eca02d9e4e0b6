import { type Maintenance, spansAhead } from '../domain/maintenance.js';
import type { Span } from '../domain/recurrence.js';

/** What two spans have in common; undefined where that is nothing. */
export function common(one: Span, other: Span): Span | undefined {
  const from = one.from > other.from ? one.from : other.from;
  const until = one.until < other.until ? one.until : other.until;
  return from < until ? { from, until } : undefined;
}

/** What is left of a span without others. */
export function without(span: Span, others: readonly Span[]): Span[] {
  return others.reduce<Span[]>(
    (left, other) =>
      left.flatMap((part) => {
        if (common(part, other) === undefined) return [part];
        const parts = [
          { from: part.from, until: other.from },
          { from: other.until, until: part.until },
        ];
        return parts.filter(({ from, until }) => from < until);
      }),
    [span],
  );
}

export function lengthMs({ from, until }: Span): number {
  return until.getTime() - from.getTime();
}

/** How long something of several spans holds: what is in two of them counts once. */
export function unionMs(spans: readonly Span[], within: Span): number {
  const left = without(within, spans).reduce((sum, part) => sum + lengthMs(part), 0);
  return lengthMs(within) - left;
}

/** More than there are in a week, whatever comes again. */
const most = 16;

/** When maintenance was planned within a time, and when it was: from when it was announced, until it was ended. */
export function maintenanceIn(maintenance: Maintenance, within: Span): { planned: Span; real: Span }[] {
  const { ended, ...planned } = maintenance;
  return spansAhead(planned, within.from, most).flatMap((span) => {
    const lasted = {
      from: new Date(maintenance.created),
      until: ended === undefined ? span.until : new Date(ended.at),
    };
    const real = common(span, lasted);
    return real === undefined || common(real, within) === undefined ? [] : [{ planned: span, real }];
  });
}
