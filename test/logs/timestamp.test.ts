import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyStamp, type Stamp } from '../../src/logs/stamp-fields.ts';
import { StampReader } from '../../src/logs/timestamp.ts';

const readAt = Date.UTC(2026, 10, 21, 12, 0, 0);

function reader(): StampReader {
  return new StampReader({ latestLocalMs: readAt, offsetMinutes: 60 });
}

/** What a line begins with: `instant 2026-…Z`, `local 2026-…`, or undefined. */
function stampOf(text: string | Buffer, latestLocalMs = readAt): string | undefined {
  const line = Buffer.concat([Buffer.from(text as string), Buffer.from('\n')]);
  const stamp: Stamp = emptyStamp();
  if (!new StampReader({ latestLocalMs, offsetMinutes: 60 }).read(line, 0, line.length, stamp)) return undefined;
  const shown = new Date(stamp.ms).toISOString();
  return stamp.kind === 'instant' ? `instant ${shown}` : `local ${shown.slice(0, -1)}`;
}

const local = 'local 2026-11-20T10:32:05.000';
const instant = 'instant 2026-11-20T09:32:05.000Z';

describe('the time at the head of a log line', () => {
  it.each([
    ['2026-11-20T10:32:05', local],
    ['2026-11-20 10:32:05 message', local],
    ['2026-11-20t10:32:05', local],
    ['2026-11-20_10:32:05', local],
    ['2026-11-20 10:32', 'local 2026-11-20T10:32:00.000'],
    ['2026-11-20 10:32 message', 'local 2026-11-20T10:32:00.000'],
    ['2026-11-20T10:32:05.123 message', 'local 2026-11-20T10:32:05.123'],
    ['2026-11-20 10:32:05,123 message', 'local 2026-11-20T10:32:05.123'],
    ['2026-11-20 10:32:05.1', 'local 2026-11-20T10:32:05.100'],
    ['2026-11-20T10:32:05.123456789 message', 'local 2026-11-20T10:32:05.123'],
    ['2026-11-20T10:32:05.999999', 'local 2026-11-20T10:32:05.999'],
    ['2026-11-20T10:32:05. message', local],
    ['2026-11-20T09:32:05Z message', instant],
    ['2026-11-20T09:32:05z', instant],
    ['2026-11-20T09:32Z', 'instant 2026-11-20T09:32:00.000Z'],
    ['2026-11-20T10:32:05+01:00 message', instant],
    ['2026-11-20T10:32:05+0100', instant],
    ['2026-11-20 10:32:05 +0100 message', instant],
    ['2026-11-20T04:02:05.250-05:30', 'instant 2026-11-20T09:32:05.250Z'],
    ['2026/11/20 10:32:05 message', local],
    ['[2026-11-20 10:32:05] message', local],
    ['  [2026-11-20T10:32:05.5Z] message', 'instant 2026-11-20T10:32:05.500Z'],
    ['\t2026-11-20 10:32:05', local],
    ['\ufeff2026-11-20 10:32:05 the first line', local],
    ['<34>1 2026-11-20T09:32:05Z host app - - - message', instant],
    ['<165>1 2026-11-20T10:32:05.003+01:00 host', 'instant 2026-11-20T09:32:05.003Z'],
    ['<34>2026-11-20T10:32:05 message', local],
    ['<34>Nov 20 10:32:05 host app: message', local],
    ['Nov 20 10:32:05 host app[12]: message', local],
    ['nov 20 10:32:05 host', local],
    ['Nov  2 10:32:05 host', 'local 2026-11-02T10:32:05.000'],
    ['Nov 02 10:32:05 host', 'local 2026-11-02T10:32:05.000'],
    ['1795167125 message', instant],
    ['1795167125.250 message', instant],
    ['1795167125123 message', 'instant 2026-11-20T09:32:05.123Z'],
    ['[1795167125] message', instant],
  ])('is read from %j (D19)', (line, expected) => {
    expect(stampOf(line)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '[',
    '<34>',
    '<>',
    '2026',
    '2026-11-20',
    '2026-11-20 message of a day',
    '2026-11-20T10',
    '2026-11-20T10:3',
    '2026-11/20 10:32:05',
    '2026-11-20x10:32:05',
    '2026-11-20 10:32:5x',
    '    at com.example.Main(Main.java:2026)',
    'message at 2026-11-20 10:32:05',
    'x2026-11-20 10:32:05',
    '10:32:05 message',
    '179516712 nine digits',
    '17951671250 eleven digits',
    '17951671251234 fourteen digits',
    '1795167125abc',
    'Nov 20 2026',
    'Nov 20 10-32-05 message',
    'Now 20 10:32:05 message',
    '192.168.100.100 GET /',
  ])('is not read from %j (D17)', (line) => {
    expect(stampOf(line)).toBeUndefined();
  });

  it.each([
    '0000-00-00 00:00:00',
    '1989-12-31 23:59:59',
    '2101-01-01 00:00:00',
    '9999-12-31 23:59:59',
    '2026-13-01 10:32:05',
    '2026-00-10 10:32:05',
    '2026-11-31 10:32:05',
    '2026-11-00 10:32:05',
    '2025-02-29 10:32:05',
    '2100-02-29 10:32:05',
    '2026-11-20 24:00:00',
    '2026-11-20 10:60:00',
    '2026-11-20 10:32:61',
    'Feb 30 10:32:05 host',
    'Nov 31 10:32:05 host',
    'Nov 00 10:32:05 host',
    'Nov 20 25:32:05 host',
    '0000000000 message',
    '9999999999 message',
  ])('is not an absurd one: %j (D17)', (line) => {
    expect(stampOf(line)).toBeUndefined();
  });

  it('may be a leap second (D17)', () => {
    expect(stampOf('2016-12-31T23:59:60Z')).toBe('instant 2017-01-01T00:00:00.000Z');
    expect(stampOf('2026-06-30 23:59:60')).toBe('local 2026-07-01T00:00:00.000');
  });

  it.each([
    ['2026-11-20 10:32:05+01 message', instant],
    ['2026-11-20 10:32:05-05', 'instant 2026-11-20T15:32:05.000Z'],
  ])('may have a zone of hours alone: %j (D19)', (line, expected) => {
    expect(stampOf(line)).toBe(expected);
  });

  it.each([
    '2026-11-20 10:32:05 -1 was returned',
    '2026-11-20 10:32:05 -12 dBm',
    '2026-11-20 10:32:05 -12345 bytes',
    '2026-11-20 10:32:05 +46660299200 called',
    '2026-11-20 10:32:05-x',
    '2026-11-20 10:32:05+99:00',
    '2026-11-20 10:32:05+01:75',
  ])('takes a number in the message for no zone: %j (D19)', (line) => {
    expect(stampOf(line)).toBe(local);
  });

  it('is read within the bounds it is given', () => {
    const line = Buffer.from('junk\n2026-11-20 10:32:05 message\n2026-11-20 10:32:06\n');
    const stamp: Stamp = emptyStamp();

    const found = reader().read(line, 5, line.indexOf('\n', 5) + 1, stamp);

    expect(found).toBe(true);
    expect(new Date(stamp.ms).toISOString()).toBe('2026-11-20T10:32:05.000Z');
  });

  it('is a real time or none, whatever the bytes', () => {
    const fragments = fc.constantFrom(
      ...[
        '2026',
        '-',
        '/',
        '11',
        '20',
        'T',
        ' ',
        '10',
        ':',
        '32',
        '05',
        '.',
        ',',
        '5',
        'Z',
        '+',
        '01',
        '00',
        '[',
        '<34>',
      ],
      ...['1 ', 'Nov', 'Feb 29 ', '1795167125', '1795167125123', '\t', '\0', '\n', 'é', '\ufeff'],
      ...['2026-11-20T10:32:05', '2026-11-20 10:32', 'Nov 20 10:32:05'],
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
      fc.array(fragments, { maxLength: 14 }).map((parts) => Buffer.from(parts.join(''))),
    );

    fc.assert(
      fc.property(bytes, fc.nat(5), (line, start) => {
        const stamp: Stamp = emptyStamp();

        const found = reader().read(line, Math.min(start, line.length), line.length, stamp);

        if (found) expect(Number.isFinite(stamp.ms)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is read back from every format it was written in (D19)', () => {
    const range = { min: Date.UTC(2001, 8, 10), max: Date.UTC(2099, 11, 31) };

    fc.assert(
      fc.property(fc.integer(range), fc.constantFrom(-720, -330, 0, 60, 345, 840), (ms, minutes) => {
        const iso = new Date(ms).toISOString();
        const zone = `${minutes < 0 ? '-' : '+'}${new Date(Math.abs(minutes) * 60_000).toISOString().slice(11, 16)}`;
        const shifted = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);

        expect(stampOf(iso)).toBe(`instant ${iso}`);
        expect(stampOf(iso.slice(0, -1))).toBe(`local ${iso.slice(0, -1)}`);
        expect(stampOf(`${ms} message`)).toBe(`instant ${iso}`);
        expect(stampOf(`[${shifted}${zone}] message`)).toBe(`instant ${iso}`);
        expect(stampOf(`<1>1 ${shifted}${zone.replace(':', '')} host`)).toBe(`instant ${iso}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a time without a year', () => {
  it.each([
    ['is of the year in which it was read', 'Jan  1 00:00:01', '2026-06-15T00:00:00Z', '2026-01-01T00:00:01'],
    ['is of the last year just after new year', 'Dec 31 23:59:59', '2027-01-01T00:00:05Z', '2026-12-31T23:59:59'],
    ['is of the new year just after new year', 'Jan  1 00:00:01', '2027-01-01T00:00:05Z', '2027-01-01T00:00:01'],
    ['may be a little later than the reading', 'Jan  1 00:00:01', '2026-12-31T23:59:58Z', '2027-01-01T00:00:01'],
    [
      'is of the last year when it would be days ahead',
      'Nov 25 10:00:00',
      '2026-11-20T00:00:00Z',
      '2025-11-25T10:00:00',
    ],
    ['is of the leap year on 29 February', 'Feb 29 10:00:00', '2026-03-01T00:00:00Z', '2024-02-29T10:00:00'],
    ['is of this leap year on 29 February', 'Feb 29 10:00:00', '2028-03-01T00:00:00Z', '2028-02-29T10:00:00'],
  ])('%s (D05)', (_name, line, latest, expected) => {
    expect(stampOf(`${line} host app: message`, Date.parse(latest))).toBe(`local ${expected}.000`);
  });

  it('has its year back, for every entry of the last eleven months (D05)', () => {
    const range = { min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) };
    const elevenMonthsMs = 335 * 86_400_000;
    const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

    fc.assert(
      fc.property(fc.integer(range), fc.nat(elevenMonthsMs), (latest, agoMs) => {
        const iso = new Date(latest - agoMs).toISOString().slice(0, 19);
        const day = String(Number(iso.slice(8, 10))).padStart(2);

        const found = stampOf(`${names[Number(iso.slice(5, 7)) - 1]} ${day} ${iso.slice(11)} host`, latest);

        expect(found).toBe(`local ${iso}.000`);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a word behind the time that was seen before', () => {
  /** What each line is read as, by one reader. */
  function readBehind(...texts: string[]): string[] {
    const log = reader();
    const stamp = emptyStamp();
    return texts.map((text) => {
      const line = Buffer.from(`2026-11-20 10:32:05${text}\n`);
      log.read(line, 0, line.length, stamp);
      return `${stamp.kind}${log.unknownZones.map((word) => ` ${word}`).join('')}`;
    });
  }

  it('means what it meant, unless what follows it may change that', () => {
    expect(readBehind(' INFO a', ' INFO +01:00', ' INFO b')).toEqual(['local', 'local', 'local']);
    expect(readBehind(' UTC a', ' UTC a', ' UTC +01:00 a')).toEqual(['instant', 'instant', 'instant']);
    expect(readBehind(' EFWX message', ' EFWX INFO message')).toEqual(['local', 'local EFWX']);
    expect(readBehind(' Coordinated Universal Time', ' Coordinated attack')).toEqual(['instant', 'local']);
    expect(readBehind(' Coordinated attack', ' Coordinated Universal Time')).toEqual(['local', 'instant']);
    expect(readBehind(' (CET a', ' (CET) a', ' (CET a')).toEqual(['local', 'instant', 'local']);
  });
});

describe('lines of Clavister firewalls', () => {
  it('are UTC line by line, whatever priority and name they have', () => {
    const log = reader();
    const stamp = emptyStamp();
    const kinds = ['<134>[', '<6>[', '<134>['].flatMap((head) =>
      ['] EFW: SYSTEM: a', '] INFO a', '] fw EFW: a', '] fw EFWX: a'].map((rest) => {
        const line = Buffer.from(`${head}2026-11-20 10:32:05${rest}\n`);
        log.read(line, 0, line.length, stamp);
        return stamp.kind;
      }),
    );
    expect(kinds).toEqual(Array.from({ length: 3 }, () => ['instant', 'local', 'instant', 'local']).flat());
  });
});
