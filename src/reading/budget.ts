/** How much is read of a bundle at most. */
export type Limits = { lines: number; bytes: number; ms: number };

export const usualLimits: Limits = { lines: 5_000_000, bytes: 2 * 1024 ** 3, ms: 120_000 };

/** What may still be read; what is left out is said. */
export class Budget {
  lines = 0;
  private bytes = 0;
  private readonly limits: Limits;
  private readonly now: () => number;
  private readonly startedAt: number;

  constructor(limits: Limits, now: () => number) {
    this.limits = limits;
    this.now = now;
    this.startedAt = now();
  }

  read(bytes: number): void {
    this.bytes += bytes;
  }

  get hasLinesLeft(): boolean {
    return this.lines < this.limits.lines;
  }

  /** Why nothing more is read; undefined while there is room. */
  get spent(): string | undefined {
    const { limits } = this;
    if (!this.hasLinesLeft) return `more than ${groups(limits.lines)} lines are not read`;
    if (this.bytes >= limits.bytes) return `more than ${groups(limits.bytes)} bytes are not read`;
    if (this.now() - this.startedAt >= limits.ms) return `reading is ended after ${limits.ms / 1000} s`;
    return undefined;
  }
}

/** e.g. `995 947` */
export function groups(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
