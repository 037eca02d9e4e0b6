import { Column } from './wire.js';

export const error = 4;
export const warning = 3;
export const severityNames = ['none', 'debug', 'info', 'warning', 'error', 'critical'] as const;

/** All of the lines but their texts. */
export class Lines {
  readonly count: number;
  readonly at: Float64Array;
  readonly log: Uint16Array;
  readonly severity: Uint8Array;
  readonly continued: Uint8Array;
  readonly number: Uint32Array;
  /** How far the clock of its server was ahead, in ms. */
  readonly raw: Float64Array;
  /** Its place among the lines of the bundle, from 1: what links name. */
  readonly place: Uint32Array;

  private constructor(count: number) {
    this.count = count;
    this.at = new Float64Array(count);
    this.log = new Uint16Array(count);
    this.severity = new Uint8Array(count);
    this.continued = new Uint8Array(count);
    this.number = new Uint32Array(count);
    this.raw = new Float64Array(count);
    this.place = new Uint32Array(count);
  }

  static async load(count: number, logs: number): Promise<Lines> {
    const names = ['at', 'log', 'kind', 'number', 'raw', 'place'] as const;
    const [at, log, kind, number, raw, place] = await Promise.all(names.map((name) => Column.named(name)));
    if (!at || !log || !kind || !number || !raw || !place) throw new Error('a column is missing');
    const lines = new Lines(count);
    lines.#fillPlain(at, log, kind, place);
    lines.#fillByLog(number, raw, logs);
    return lines;
  }

  #fillPlain(at: Column, log: Column, kind: Column, place: Column): void {
    let [atBefore, placeBefore] = [0, 0];
    for (let line = 0; line < this.count; line++) {
      atBefore += at.nextSigned();
      placeBefore += place.next();
      const of = kind.next();
      this.at[line] = atBefore;
      this.place[line] = placeBefore + 1;
      this.log[line] = log.next();
      this.severity[line] = of & 7;
      this.continued[line] = of >> 3;
    }
  }

  #fillByLog(number: Column, raw: Column, logs: number): void {
    const [numbers, raws] = [new Float64Array(logs), new Float64Array(logs)];
    for (let line = 0; line < this.count; line++) {
      const of = this.log[line] ?? 0;
      numbers[of] = (numbers[of] ?? 0) + number.nextSigned();
      raws[of] = (raws[of] ?? 0) + raw.nextSigned();
      this.number[line] = numbers[of] ?? 0;
      this.raw[line] = raws[of] ?? 0;
    }
  }

  /** The first line at that time or later. */
  lineAt(at: number): number {
    return lowerBound(this.at, at);
  }

  /** The line that a link names, or the nearest that is here. */
  lineOfPlace(place: number): number {
    return Math.min(lowerBound(this.place, place), this.count - 1);
  }
}

/** The first place in ascending values that is not less. */
export function lowerBound(values: ArrayLike<number>, value: number, length = values.length): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
