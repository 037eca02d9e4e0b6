import type { Shift } from '../report/page-data.js';

const dayMs = 86_400_000;

/** Shows instants as the clocks of a zone do. */
export class Clock {
  readonly #shifts: readonly Shift[];

  constructor(shifts: readonly Shift[]) {
    this.#shifts = shifts;
  }

  /** Instant plus what the zone is ahead: its UTC fields are those of the zone. */
  local(at: number): number {
    let minutes = this.#shifts[0]?.[1] ?? 0;
    for (const [from, of] of this.#shifts) if (from <= at) minutes = of;
    return at + minutes * 60_000;
  }

  /** `10:31:58.500` */
  time(at: number): string {
    return new Date(this.local(at)).toISOString().slice(11, 23);
  }

  /** `10:31:58`, without seconds where there are none. */
  short(at: number): string {
    return this.time(at).slice(0, Math.round(at) % 60_000 === 0 ? 5 : 8);
  }

  /** `2026-11-20` */
  day(at: number): string {
    return new Date(this.local(at)).toISOString().slice(0, 10);
  }

  /** The instant of a time of day within a span, the nearest to `near`; undefined where the text is no time. */
  instantOf(text: string, near: number): number | undefined {
    const [, hour, minute, second = '0'] = /^\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*$/.exec(text) ?? [];
    if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
    const ofDay = (Number(hour) * 60 + Number(minute)) * 60_000 + Math.round(Number(second) * 1000);
    const shift = this.local(near) - near;
    const day = Math.floor((near + shift) / dayMs) * dayMs;
    const candidates = [-1, 0, 1].map((days) => {
      const at = day + days * dayMs + ofDay - shift;
      return at + shift - (this.local(at) - at); // the zone may have another offset then
    });
    return candidates.sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
  }
}
