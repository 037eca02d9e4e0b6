import type { Stamp } from './stamp-fields.js';

/** The time of one entry. */
export type EntryTime = {
  kind: Stamp['kind'];
  ms: number;
  /** The time by the server's wall clock. */
  wallMs: number;
  isInside: boolean;
  /** Lines without a time right before it. */
  untimed: number;
};

/** The first and last of some times. */
type Seen = { firstMs: number; lastMs: number };

/** The first and last time of stamps that name a zone, and of those that do not (read as if they were UTC). */
export type SeenByKind = Record<Stamp['kind'], Seen>;

/** More lines without a time than this are not part of an entry: time went on meanwhile. */
export const maxUntimedLines = 20;
/** Threads that write at once put lines out of order by no more than this. */
export const disorderMs = 2000;
/** This many consistent lines in a row are not text in a message: the clock was set. */
export const steadyLines = 3;

export function emptyEntry(): EntryTime {
  return { kind: 'local', ms: 0.5, wallMs: 0.5, isInside: false, untimed: 0 };
}

/** Copies an entry into an existing object, because this runs for every line of every log. */
export function copyTo(room: EntryTime, { kind, ms, wallMs, isInside, untimed }: EntryTime): EntryTime {
  room.kind = kind;
  room.ms = ms;
  room.wallMs = wallMs;
  room.isInside = isInside;
  room.untimed = untimed;
  return room;
}

export function nothingSeen(): SeenByKind {
  const never = { firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  return { instant: { ...never }, local: { ...never } };
}

export function extend(span: Seen, ms: number): void {
  if (ms < span.firstMs) span.firstMs = ms;
  if (ms > span.lastMs) span.lastMs = ms;
}
