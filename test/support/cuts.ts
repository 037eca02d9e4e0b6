import type { ChaosProxy, Direction, Toxics } from './chaos-proxy.ts';
import { seed, torture } from './kills.ts';

const everyByte = 97;

export type Cut = { way: Direction; afterBytes: number; by: 'fin' | 'rst' };

/** Every 97th byte of a good session, both ways; else so many of them, chosen by the seed. */
export function cutsOf(session: Record<Direction, number>, sample: number): Cut[] {
  const all = (['up', 'down'] as const).flatMap((way) =>
    Array.from({ length: Math.ceil(session[way] / everyByte) }, (_, index): Cut => {
      return { way, afterBytes: index * everyByte, by: index % 2 === 0 ? 'rst' : 'fin' };
    }),
  );
  if (torture) return all;
  const stride = all.length / sample;
  const offset = (seed % 1000) / 1000;
  return Array.from({ length: sample }, (_, index) => all[Math.floor((index + offset) * stride)]).filter(
    (cut) => cut !== undefined,
  );
}

/** The most that any connection of a good session carried. */
export function carried(proxies: readonly ChaosProxy[]): Record<Direction, number> {
  const most = (way: Direction) =>
    Math.max(...proxies.flatMap(({ connections }) => connections.map((each) => each[way])));
  return { up: most('up'), down: most('down') };
}

export function toxicsOf({ way, afterBytes, by }: Cut): Record<Direction, Toxics> {
  return { ...whole, [way]: { cut: { afterBytes, by } } };
}

export const whole: Record<Direction, Toxics> = { up: {}, down: {} };
