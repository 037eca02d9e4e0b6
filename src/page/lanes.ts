import type { PageData } from '../report/page-data.js';
import type { View } from './bins.js';

export type Lane = { label: string; note: string; servers: readonly number[]; isOnCommonClock: boolean };

const compactFrom = 7;
const collapsedFrom = 13;

/** A lane for each server, or where there are many for each cluster. */
export function lanesOf(servers: PageData['servers'], byCluster: boolean): Lane[] {
  if (!byCluster)
    return servers.map(({ label, isOnCommonClock, clock }, server) => ({
      ...{ label, servers: [server], isOnCommonClock },
      note: isOnCommonClock ? clock.replace(/ ±.*/, '') : 'own clock',
    }));
  const clusters = [...new Set(servers.map(({ cluster }) => cluster ?? 'others'))];
  return clusters.map((label) => {
    const own = [...servers.keys()].filter((server) => (servers[server]?.cluster ?? 'others') === label);
    return { label, note: `${own.length} servers`, servers: own, isOnCommonClock: true };
  });
}

/** Whether lanes of clusters are worth having. */
export function mayCollapse(servers: PageData['servers']): boolean {
  return servers.length >= collapsedFrom && new Set(servers.map(({ cluster }) => cluster)).size > 1;
}

export type LaneShape = { height: number; errors: number; heat: number };

export function shapeOf(lanes: number): LaneShape {
  return lanes >= compactFrom ? { height: 32, errors: 13, heat: 3 } : { height: 54, errors: 25, heat: 5 };
}

const stepsMs = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * 60_000),
];

/** Round times to write below, so many that they do not touch. */
export function ticksOf({ since, until }: View, width: number, local: (at: number) => number): number[] {
  const most = Math.max(2, Math.floor(width / 86));
  const step = stepsMs.find((ms) => (until - since) / ms <= most) ?? 86_400_000;
  const shift = local(since) - since;
  const first = Math.ceil((since + shift) / step) * step - shift;
  return Array.from(
    { length: Math.max(0, Math.floor((until - first) / step) + 1) },
    (_, place) => first + place * step,
  );
}
