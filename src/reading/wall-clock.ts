import { instantsAt } from '../logs/bounds.js';

/** Clocks are set at such times only. */
const slotMs = 900_000;

/** Wall clock times of one zone as instants; most are in the same quarter of an hour as the one before. */
export class WallClock {
  private readonly zone: string;
  private slot = Number.NaN;
  private offsetMs = 0;
  /** By how much the second reading is later, in the hour that comes twice; 0 in every other one. */
  private secondMs = 0;

  constructor(zone: string) {
    this.zone = zone;
  }

  /** The instant; the first one of two. */
  first(wallMs: number): number {
    const slot = Math.floor(wallMs / slotMs);
    if (slot !== this.slot) this.look(slot);
    return wallMs - this.offsetMs;
  }

  /** By how much the time that was read last may be later, as it comes twice. */
  get mayBeLaterMs(): number {
    return this.secondMs;
  }

  private look(slot: number): void {
    this.slot = slot;
    const wallMs = slot * slotMs;
    const [first = wallMs, second = first] = instantsAt(wallMs, this.zone);
    this.offsetMs = wallMs - first;
    this.secondMs = second - first;
  }
}
