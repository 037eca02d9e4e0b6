import type { Marker, MarkerKind } from './reading.js';

/** What happened more often than this is a routine: it is told once, by the time nearest to the event. */
const routineTimes = 5;
/** Kinds that are a routine in a server's life; of others each moment counts. */
const mayBeRoutine: readonly MarkerKind[] = ['change', 'login'];

/** What is the same for two markers of a kind at one server: the text, whatever its numbers. */
export function sameText(text: string): string {
  return text.replaceAll(/\d+/g, '#');
}

/** Markers of the same, nearest to the event first; `times`: how often it happened in all, also where not each has a marker. */
export type Same = { markers: Marker[]; times: number };

export function sameMarkers(markers: readonly Marker[], eventAt: number): Same[] {
  const away = ({ at }: Marker) => Math.abs(at - eventAt);
  const groups = groupsOf(markers, ({ server, kind, text }) => `${server} ${kind} ${sameText(text)}`);
  return groups.map((group) => ({ markers: group.sort((a, b) => away(a) - away(b)), times: timesOf(group) }));
}

/** Of each log at least so many as there are markers of it. */
function timesOf(group: readonly Marker[]): number {
  const ofLogs = groupsOf(group, ({ log }) => String(log));
  return ofLogs.reduce((sum, own) => sum + Math.max(own.length, own[0]?.times ?? 0), 0);
}

/** The markers of each key, in the order in which keys and markers came. */
export function groupsOf(markers: readonly Marker[], keyOf: (marker: Marker) => string): Marker[][] {
  const groups = new Map<string, Marker[]>();
  for (const marker of markers) {
    const group = groups.get(keyOf(marker)) ?? [];
    groups.set(keyOf(marker), group);
    group.push(marker);
  }
  return [...groups.values()];
}

export function isRoutine({ times }: Same): boolean {
  return times > routineTimes;
}

/** Whether it stands for all of a routine. */
export function standsForRoutine({ kind, times = 1 }: Marker): boolean {
  return mayBeRoutine.includes(kind) && times > routineTimes;
}

/** Leaves of each routine the marker that is nearest to the event, so that it hides nothing else. */
export function routinesOnce(markers: readonly Marker[], eventAt: number): Marker[] {
  const [usual, others] = [true, false].map((is) => markers.filter(({ kind }) => mayBeRoutine.includes(kind) === is));
  const once = sameMarkers(usual ?? [], eventAt).flatMap((same) =>
    isRoutine(same) ? same.markers.slice(0, 1).map((marker) => ({ ...marker, times: same.times })) : same.markers,
  );
  return [...(others ?? []), ...once];
}
