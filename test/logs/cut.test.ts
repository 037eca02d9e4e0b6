import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLocal, formatOffset } from '../../src/domain/zone.ts';
import { createCutter } from '../../src/logs/cut.ts';
import type { CutOptions, CutResult } from '../../src/logs/cut-result.ts';

const stockholm = 'Europe/Stockholm';
const standard: CutOptions = {
  window: { since: new Date('2026-11-20T09:02:00Z'), until: new Date('2026-11-20T10:02:00Z') }, // 10:02 to 11:02
  zone: stockholm,
  readAt: new Date('2026-11-20T12:00:00Z'),
};

/** Cuts the parts of a log, each of which comes in chunks. */
function cutChunks(parts: readonly Buffer[][], options = standard): { kept: Buffer; result: CutResult } {
  const cutter = createCutter(options);
  const kept: Buffer[] = [];
  for (const chunks of parts) {
    for (const chunk of chunks) kept.push(...cutter.push(chunk));
    kept.push(...cutter.endOfPart());
  }
  return { kept: Buffer.concat(kept), result: cutter.result() };
}

function cut(text: string, options = standard): string {
  return cutChunks([[Buffer.from(text, 'latin1')]], options).kept.toString('latin1');
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return chunks;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return at < bytes.length ? [...chunks, bytes.subarray(at)] : chunks;
}

describe('a log from which a window is cut', () => {
  it('keeps the lines of the window and no others', () => {
    const log = ['2026-11-20 10:01:59 before', '2026-11-20 10:30:00 inside', '2026-11-20 11:02:01 after', ''].join(
      '\n',
    );

    expect(cut(log)).toBe('2026-11-20 10:30:00 inside\n');
  });

  it('keeps what lies exactly on either edge (D18)', () => {
    const log = '2026-11-20 10:02:00 since\n2026-11-20 11:02:00 until\n';

    expect(cut(log)).toBe(log);
    expect(cut('2026-11-20T10:01:59.999 early\n2026-11-20T11:02:00.001 late\n')).toBe('');
  });

  it('keeps a whole second when the window begins inside it (D18, D19)', () => {
    const window = { since: new Date('2026-11-20T09:02:00.700Z'), until: new Date('2026-11-20T10:02:00.300Z') };
    const log = '2026-11-20 10:02:00 perhaps before\n2026-11-20 11:02:00 perhaps after\n';

    expect(cut(log, { ...standard, window })).toBe(log);
  });

  it('keeps an entry of several lines whole (D07)', () => {
    const log = [
      '2026-11-20 10:00:00 ERROR before',
      '  at before',
      '2026-11-20 11:02:00 ERROR inside',
      '  at inside (Main.java:2026)',
      '',
      'Caused by: more',
      '2026-11-20 11:03:00 ERROR after',
      '  at after',
      '',
    ].join('\n');

    expect(cut(log)).toBe('2026-11-20 11:02:00 ERROR inside\n  at inside (Main.java:2026)\n\nCaused by: more\n');
  });

  it('keeps equal lines as often as they are there (D13)', () => {
    const log = '2026-11-20 10:30:00 again\n'.repeat(3);

    expect(cut(log)).toBe(log);
  });

  it('keeps lines of the window that stand among others, when the clock was set back (D06)', () => {
    const log = [
      '2026-11-20 10:30:00 a',
      '2026-11-20 11:30:00 b',
      '2026-11-20 10:40:00 c',
      '2026-11-20 09:30:00 d',
      '2026-11-20 10:50:00 e',
      '',
    ];

    expect(cut(log.join('\n'))).toBe('2026-11-20 10:30:00 a\n2026-11-20 10:40:00 c\n2026-11-20 10:50:00 e\n');
  });

  it('keeps lines whose message begins like a zone (D19)', () => {
    const log = '2026-11-20 10:30:00 -1 was returned\n2026-11-20 10:30:00 -12 dBm\n2026-11-20 10:30:00 -12345 bytes\n';

    expect(cut(log)).toBe(log);
  });

  it('keeps lines that name their zone, whatever it is (D19)', () => {
    const log = [
      '2026-11-20T09:30:00Z utc',
      '2026-11-20T04:30:00-05:00 new york',
      '2026-11-20 10:30:00+01 hours alone',
      '1795167125 unix',
      '',
    ].join('\n');

    expect(cut(log)).toBe(log);
    expect(cut('2026-11-20T10:30:00Z late\n2026-11-20T10:30:00+05:00 early\n')).toBe('');
  });

  it('keeps bytes as they are: CR, NUL, Latin-1, no text at all (D15)', () => {
    const line = '2026-11-20 10:30:00 caf\xe9\0\r\x1b[31m\xff\xfe\r\n';

    expect(cut(`2026-11-20 09:00:00 x\r\n${line}2026-11-20 12:00:00 y\r\n`)).toBe(line);
  });

  it('takes a lone CR for no end of a line (D15)', () => {
    const log = '2026-11-20 10:30:00 progress\r2026-11-20 12:00:00 more\n';

    expect(cut(log)).toBe(log);
  });

  it('is kept whole when no time in it is recognised (D11)', () => {
    const log = 'no time here\nnor here\n\xff\0\n';

    const { kept, result } = cutChunks([[Buffer.from(log, 'latin1')]]);

    expect(kept.toString('latin1')).toBe(log);
    expect(result).toMatchObject({ stampedLines: 0, first: undefined, last: undefined, bytesIn: 25, bytesOut: 25 });
  });

  it('keeps what stands before its first time', () => {
    const log = '# opened\nmore\n2026-11-20 09:00:00 early\n';

    expect(cut(log)).toBe('# opened\nmore\n');
  });

  it('ends a last line that has no end, so that the next part begins a line (D20, D21)', () => {
    const parts = ['2026-11-20 10:30:00 old', '2026-11-20 10:31:00 new'].map((text) => [Buffer.from(text)]);

    const { kept } = cutChunks(parts);

    expect(kept.toString()).toBe('2026-11-20 10:30:00 old\n2026-11-20 10:31:00 new\n');
  });

  it('says what it covered and how much was kept', () => {
    const log = '2026-11-20 09:00:00 a\n2026-11-20 10:30:00 b\n2026-11-20 12:00:00 c\n';

    const { result } = cutChunks([[Buffer.from(log)]]);

    expect(result).toMatchObject({
      first: new Date('2026-11-20T08:00:00Z'),
      last: new Date('2026-11-20T11:00:00Z'),
      stampedLines: 3,
      bytesIn: 66,
      bytesOut: 22,
      openEnd: false,
      localLines: 3,
    });
  });

  it('is empty when nothing came (D10)', () => {
    const { kept, result } = cutChunks([[]]);

    expect(kept).toHaveLength(0);
    expect(result).toMatchObject({ stampedLines: 0, bytesIn: 0, bytesOut: 0 });
  });
});

describe('a stamp that is coarser than the window', () => {
  const window = { since: new Date('2026-11-20T10:02:30.500Z'), until: new Date('2026-11-20T11:00:00Z') };

  it.each([
    ['without seconds stands for its whole minute', '2026-11-20 10:02', '2026-11-20 10:01'],
    ['without a fraction stands for its whole second', '2026-11-20 10:02:30', '2026-11-20 10:02:29'],
  ])('%s', (_what, inside, outside) => {
    const kept = cut(`${outside} out\n${inside} in\n`, { ...standard, zone: 'UTC', window });

    expect(kept).toBe(`${inside} in\n`);
  });
});

describe('a window on the night when the clocks are set back', () => {
  const line = '2026-10-25 02:30:00 which pass?\n';

  it.each([
    ['the first pass', '2026-10-25T00:20:00Z', '2026-10-25T00:40:00Z'],
    ['the second pass', '2026-10-25T01:20:00Z', '2026-10-25T01:40:00Z'],
    ['both passes', '2026-10-25T00:20:00Z', '2026-10-25T01:40:00Z'],
  ])('keeps the repeated hour when it lies in %s (D03)', (_pass, since, until) => {
    const window = { since: new Date(since), until: new Date(until) };

    expect(cut(line, { ...standard, window })).toBe(line);
  });

  it('loses nothing of itself on the night when the clocks are set forward', () => {
    const window = { since: new Date('2026-03-29T00:30:00Z'), until: new Date('2026-03-29T01:30:00Z') };
    const log = '2026-03-29 01:30:00 a\n2026-03-29 01:59:59 b\n2026-03-29 03:00:00 c\n2026-03-29 03:30:00 d\n';

    expect(cut(log, { ...standard, window, readAt: new Date('2026-03-29T12:00:00Z') })).toBe(log);
  });

  it('tells the passes apart where the lines name their zone (D03)', () => {
    const window = { since: new Date('2026-10-25T01:20:00Z'), until: new Date('2026-10-25T01:40:00Z') };
    const log = '2026-10-25T02:30:00+02:00 first\n2026-10-25T02:30:00+01:00 second\n';

    expect(cut(log, { ...standard, window })).toBe('2026-10-25T02:30:00+01:00 second\n');
  });
});

const bsdMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
type Format = (at: Date, zone: string) => string;
const zoned: Format[] = [
  (at) => at.toISOString(),
  (at, zone) => `[${formatLocal(at, zone, true)}${formatOffset(at, zone)}]`,
  (at, zone) => `<34>1 ${formatLocal(at, zone, true).replace(' ', 'T')}${formatOffset(at, zone).replace(':', '')}`,
  (at) => String(at.getTime()),
  (at) => `[${Math.floor(at.getTime() / 1000)}]`,
];
const unzoned: Format[] = [
  (at, zone) => formatLocal(at, zone, true),
  (at, zone) => formatLocal(at, zone, true).replaceAll('-', '/'),
  (at, zone) => `${formatLocal(at, zone, true).replace(' ', 'T')},000`,
  (at, zone) => {
    const text = formatLocal(at, zone, true);
    return `${bsdMonths[Number(text.slice(5, 7)) - 1]} ${String(Number(text.slice(8, 10))).padStart(2)} ${text.slice(11)}`;
  },
];

const continuation = fc.constantFrom('  at frame', '', 'Caused by: x', 'Ω', '2026', '\t...', 'Nov', '[', '\0\0');
const entry = fc.record({
  offsetS: fc.oneof(fc.integer({ min: -7200, max: 7200 }), fc.constantFrom(-1800, 1800, 0, -1801, 1801)),
  format: fc.constantFrom(...zoned, ...unzoned),
  message: fc.constantFrom(' same message', ' -1', ' é', ' x\r2026-11-20 10:00:00', ' +12 dB', ''),
  more: fc.array(continuation, { maxLength: 3 }),
  lineEnd: fc.constantFrom('\n', '\r\n'),
});
/** Events in ordinary times and right at changes of the clocks. */
const events = fc.constantFrom(
  [stockholm, '2026-11-20T09:32:00Z'],
  [stockholm, '2026-10-25T00:45:00Z'],
  [stockholm, '2026-10-25T01:10:00Z'],
  [stockholm, '2026-03-29T01:00:00Z'],
  [stockholm, '2026-12-31T23:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Asia/Kolkata', '2028-02-29T12:00:00Z'],
) as fc.Arbitrary<[string, string]>;

describe('a cut, whatever the log', () => {
  it('holds every entry of the window whole, in order and unmodified, and nothing that is clearly outside (D07, PT08)', () => {
    fc.assert(
      fc.property(events, fc.array(entry, { maxLength: 25 }), ([zone, event], entries) => {
        const at = new Date(event);
        const window = { since: new Date(at.getTime() - 1_800_000), until: new Date(at.getTime() + 1_800_000) };
        const written = entries.map(({ offsetS, format, message, more, lineEnd }, index) => {
          const when = new Date(at.getTime() + offsetS * 1000);
          const lines = [`${format(when, zone)}${message} #${index}`, ...more];
          return { when, text: lines.map((line) => line + lineEnd).join(''), named: zoned.includes(format) };
        });
        const log = Buffer.from(written.map(({ text }) => text).join(''));

        const { kept } = cutChunks([log.length > 0 ? [log] : []], {
          window,
          zone,
          readAt: new Date(at.getTime() + 3 * 3_600_000),
        });

        let rest = kept.toString();
        for (const { when, text, named } of written) {
          const inside = when >= window.since && when <= window.until;
          const isNext = rest.startsWith(text);
          if (inside) expect(isNext, `${when.toISOString()} ${text}`).toBe(true);
          // A wall-clock time may stand for another instant, up to an hour away.
          const outsideMs = Math.max(window.since.getTime() - when.getTime(), when.getTime() - window.until.getTime());
          if (isNext && !inside) expect(outsideMs).toBeLessThanOrEqual(named ? 999 : 3_600_999);
          if (isNext) rest = rest.slice(text.length);
        }
        expect(rest).toBe('');
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same however the bytes arrive (D16, PT09)', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(
          '2026-11-20 10:30:00 inside é',
          '2026-11-20 09:00:00 early',
          '2026-11-20T12:30:00Z late',
          'Nov 20 10:31:00 host bsd',
          '  at more',
          '',
          '\r',
        ),
        fc.string({ unit: 'binary', maxLength: 20 }),
      ),
      { maxLength: 12 },
    );

    fc.assert(
      fc.property(lines, fc.boolean(), fc.array(fc.integer({ min: 1, max: 40 })), (all, ended, sizes) => {
        const log = Buffer.from(all.join('\n') + (ended ? '\n' : ''));

        const whole = cutChunks([log.length > 0 ? [log] : []]);

        expect(cutChunks([split(log, sizes)])).toEqual(whole);
        expect(cutChunks([[...log].map((byte) => Buffer.from([byte]))])).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on empty chunks (PT09)', () => {
    const log = Buffer.from('2026-11-20 10:30:00 inside\n');
    const empty = Buffer.alloc(0);

    expect(cutChunks([[empty, log, empty]])).toEqual(cutChunks([[log]]));
    expect(cutChunks([[empty]])).toEqual(cutChunks([[]]));
  });

  it('gives bytes of the log alone, and counts them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const log = Buffer.concat([Buffer.from(bytes), Buffer.from('\n')]);

        const { kept, result } = cutChunks([[log]]);

        expect(result.bytesIn).toBe(log.length);
        expect(result.bytesOut).toBe(kept.length);
        if (result.stampedLines === 0) expect(kept.equals(log)).toBe(true);
      }),
    );
  });
});
