import { z } from 'zod';
import { itemSchema } from './manifest.js';

/** What may be captured ahead of an incident, in the order in which it is taken last. */
export const captureItems = ['techsupport', 'cli', 'vm'] as const;

/** How captures are made, and how many are kept. */
export type CapturePolicy = {
  items: readonly (typeof captureItems)[number][];
  everyMs: number;
  /** So many of the newest, and the newest of each of so many days. */
  keep: number;
  daily: number;
  maxAgeMs: number;
  /** Of all servers together. */
  maxBytes: number;
  /** Captures begin up to so much later, always the same at a server. */
  jitterMs: number;
  /** A server that is under such a load, or has less room, is left alone. */
  skip: { loadPerCore: number; freeDiskBytes: number };
};

const instant = z.iso.datetime({ offset: true });

/** `capture.json`: what was captured of a server, and when. */
export const captureSchema = z.object({
  schema: z.literal(1),
  /** e.g. `000042-20261120T0902Z`: the number grows, whatever the clock does. */
  id: z.string().regex(/^\d{6,9}-\d{8}T\d{4}Z$/),
  tool: z.object({ name: z.string(), version: z.string() }),
  server: z.object({
    name: z.string(),
    id: z.number(),
    address: z.string(),
    ports: z.object({ cli: z.number(), hostOs: z.number() }),
  }),
  started: instant,
  ended: instant,
  zone: z.string(),
  clock: z.object({ offsetMs: z.number(), errorMs: z.number() }).nullable(),
  versions: z.record(z.string(), z.string()),
  items: z.array(itemSchema),
  /** Secrets in texts were left in them: `redaction: false`. */
  unredacted: z.literal(true).optional(),
});

export type CaptureRecord = z.infer<typeof captureSchema>;

/** A whole capture in the ring. */
export type Capture = { id: string; folder: string; bytes: number; record: CaptureRecord };

/** The number that an id begins with. */
export function sequenceOf(id: string): number {
  return Number(/^\d+/.exec(id)?.[0] ?? 0);
}
