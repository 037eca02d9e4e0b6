/** What the first pass knows of each line of one log. Columns, because there may be millions of lines. */
export class LogColumns {
  count = 0;
  /** The time it bears: an instant, or a wall clock read as if it were UTC; NaN where it bears none. */
  stamp = new Float64Array(4096);
  isWall = new Uint8Array(4096);
  severity = new Uint8Array(4096);
  /** The number of its template; 0: none. */
  template = new Uint16Array(4096);

  add(stamp: number, isWall: boolean, severity: number, template: number): void {
    const at = this.count;
    if (at === this.stamp.length) this.grow();
    this.stamp[at] = stamp;
    this.isWall[at] = isWall ? 1 : 0;
    this.severity[at] = severity;
    this.template[at] = template;
    this.count = at + 1;
  }

  private grow(): void {
    const size = this.count * 2;
    this.stamp = grown(this.stamp, new Float64Array(size));
    this.isWall = grown(this.isWall, new Uint8Array(size));
    this.severity = grown(this.severity, new Uint8Array(size));
    this.template = grown(this.template, new Uint16Array(size));
  }
}

function grown<T extends Float64Array | Uint8Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
