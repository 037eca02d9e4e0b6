import { describe, expect, it } from 'vitest';
import { advanced, type Running, runningText } from '../../src/ui/running-text.ts';

const begun: Running = { since: 0, bytes: 0 };

describe('what runs', () => {
  it('says since when, and how long it may take (field-F17)', () => {
    expect(runningText(begun, 4200)).toBe('4 s');
    expect(runningText({ ...begun, limitMs: 600_000 }, 80_000)).toBe('1 min 20 s of 10 min');
  });

  it('says how much has come, of how much, and how fast since the first byte (field-F17)', () => {
    const first = advanced(begun, 1_000_000, undefined, 60_000);

    expect(runningText(first, 60_000)).toBe('1 min, 1.0 MB');
    expect(runningText(advanced(first, 3_000_000, undefined, 62_000), 62_000)).toBe('1 min 2 s, 3.0 MB, 1.0 MB/s');
    expect(runningText(advanced(first, 3_000_000, 12_000_000, 62_000), 62_000)).toBe(
      '1 min 2 s, 3.0 MB of 12.0 MB (25 %), 1.0 MB/s',
    );
  });

  it('claims no total that was exceeded (field-F17)', () => {
    expect(runningText(advanced(begun, 200, 100, 0), 0)).toBe('0 s, 200 B');
  });
});
