import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { madeReading } from '../support/made-reading.ts';

/** The numbers of a column, each added to the one before it. */
function sums(deflated: Buffer, keyOf: (place: number) => number = () => 0): number[] {
  const before = new Map<number, number>();
  const bytes = inflateRawSync(deflated);
  const found: number[] = [];
  for (let at = 0, value = 0, factor = 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    const key = keyOf(found.length);
    const sum = (before.get(key) ?? 0) + (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
    before.set(key, sum);
    found.push(sum);
    [value, factor] = [0, 1];
  }
  return found;
}

describe('the columns of a page', () => {
  it('both times of a line together are the millisecond that its file has (R05)', async () => {
    const { lines, density } = madeReading({ linesEach: 200, offsets: [0.4, 73_000.5, -4200.6, null] });
    const columns = new Map(await columnsOf(lines, density, undefined));
    const at = sums(columns.get('at') ?? Buffer.alloc(0));
    const raw = sums(columns.get('raw') ?? Buffer.alloc(0), (line) => lines.log[line] ?? 0);

    expect(at.map((time, line) => time + (raw[line] ?? 0))).toEqual(
      Array.from({ length: lines.count }, (_, line) =>
        Math.round((lines.at[line] ?? 0) + (lines.rawOffset[line] ?? 0)),
      ),
    );
  });
});
