import type { Marker, MarkerKind, Reading } from './reading.js';
import { isRoutine, sameMarkers } from './routine.js';

/** A marker as it is told; `times`: how often the same happened at that server in all. */
export type ToldMarker = Marker & { times: number };

/**
 * The markers nearest to the event, in the order of time.
 * @param within only those at most so many ms from the event
 * @param most how many are told; `more` counts those that are not
 */
export function toldMarkers(
  { markers, layout, span }: Pick<Reading, 'markers' | 'layout' | 'span'>,
  { kinds, within = Number.POSITIVE_INFINITY, most }: { kinds: readonly MarkerKind[]; within?: number; most: number },
): { told: ToldMarker[]; more: number } {
  const event = layout.event?.at.getTime() ?? span.since;
  const away = ({ at }: Marker) => Math.abs(at - event);
  const all = sameMarkers(
    markers.filter(({ kind }) => kinds.includes(kind)),
    event,
  ).flatMap((same): ToldMarker[] => {
    const each = isRoutine(same) ? same.markers.slice(0, 1) : same.markers;
    return each.map((marker) => ({ ...marker, times: isRoutine(same) ? same.times : 1 }));
  });
  const near = all.filter((marker) => away(marker) <= within).sort((a, b) => away(a) - away(b));
  const told = near.slice(0, most).sort((a, b) => a.at - b.at || a.server - b.server);
  return { told, more: near.length - told.length };
}
