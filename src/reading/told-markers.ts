import type { Marker, MarkerKind, Reading } from './reading.js';

/** A marker as it is told; `times`: how often the same happened at that server in all. */
export type ToldMarker = Marker & { times: number };

/** What happened more often than this is a routine: it is told once, by the time nearest to the event. */
const routineTimes = 5;

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
  const same = new Map<string, Marker[]>();
  for (const marker of markers.filter(({ kind }) => kinds.includes(kind))) {
    const key = `${marker.server} ${marker.kind} ${marker.text.replaceAll(/\d+/g, '#')}`;
    same.set(key, [...(same.get(key) ?? []), marker]);
  }
  const all = [...same.values()].flatMap((group): ToldMarker[] => {
    const near = group.sort((a, b) => away(a) - away(b));
    const each = near.length > routineTimes ? near.slice(0, 1) : near;
    return each.map((marker) => ({ ...marker, times: near.length > routineTimes ? near.length : 1 }));
  });
  const near = all.filter((marker) => away(marker) <= within).sort((a, b) => away(a) - away(b));
  const told = near.slice(0, most).sort((a, b) => a.at - b.at || a.server - b.server);
  return { told, more: near.length - told.length };
}
