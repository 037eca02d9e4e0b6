import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onClockOf, type Window, windowAround } from '../../src/domain/window.ts';
import { createCutter } from '../../src/logs/cut.ts';
import type { CutOptions, CutResult } from '../../src/logs/cut-result.ts';
import {
  allZones,
  bsdText,
  bytesOf,
  formats,
  type LogEntry,
  logAround,
  type MadeLog,
  moments,
  readingsOf,
  wallMs,
} from './generator.ts';

const halfHourMs = 1_800_000;
const stockholm = 'Europe/Stockholm';
const standard: CutOptions = {
  window: between('2026-11-20T09:02:00Z', '2026-11-20T10:02:00Z'), // 10:02 to 11:02
  zone: stockholm,
  readAt: new Date('2026-11-20T12:00:00Z'),
};

function between(since: string, until: string): Window {
  return { since: new Date(since), until: new Date(until) };
}

/** Cuts the files of a log, each of which comes in chunks. */
function cutParts(parts: readonly Iterable<Buffer>[], options = standard): { kept: Buffer; result: CutResult } {
  const cutter = createCutter(options);
  const kept: Buffer[] = [];
  for (const chunks of parts) {
    for (const chunk of chunks) kept.push(...cutter.push(chunk));
    kept.push(...cutter.endOfPart());
  }
  return { kept: Buffer.concat(kept), result: cutter.result() };
}

function cut(text: string | Buffer, options = standard): string {
  const { kept } = cutParts([[typeof text === 'string' ? Buffer.from(text) : text]], options);
  return kept.toString();
}

function* split(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function isIn(at: Date, { since, until }: Window): boolean {
  return at >= since && at <= until;
}

/** Whether the docstring of `createCutter` lets an entry be kept: one of its readings, or the width of a change of clocks. */
function mayBeKept(entry: LogEntry, { window, zone }: CutOptions): boolean {
  const offsets = [window.since, window.until].map((at) => wallMs(at, zone) - at.getTime());
  const slackMs = entry.format.named ? 0 : Math.max(...offsets) - Math.min(...offsets);
  return readingsOf(entry, zone).some(
    (ms) => ms + entry.format.spanMs > window.since.getTime() - slackMs && ms <= window.until.getTime() + slackMs,
  );
}

/** Lines end with a line feed, in a text of several CRs and no line feed with a CR; the last one may have no end. */
function linesIn(kept: Buffer, log: string): number {
  const text = kept.toString('latin1');
  const hasCrs = !log.includes('\n') && (log.endsWith('\r') || log.split('\r').length > 3);
  const ends = text.match(hasCrs ? /[\r\n]/g : /\n/g)?.length ?? 0;
  const isEnded = text === '' || text.endsWith('\n') || (hasCrs && text.endsWith('\r'));
  return ends + (isEnded ? 0 : 1);
}

/** The cut is the preamble and some of the entries, in their order and byte for byte: those of the window and no foreign ones. */
function expectTruth(log: MadeLog, kept: Buffer, options: CutOptions): void {
  const { preamble, entries } = log;
  expect(kept.subarray(0, preamble.length).equals(preamble), 'preamble').toBe(true);
  let at = preamble.length;
  for (const [index, entry] of entries.entries()) {
    const isLast = index === entries.length - 1;
    const isNext = endsLike(kept.subarray(at, at + entry.bytes.length), entry.bytes, isLast);
    const what = `${entry.format.name} ${entry.at.toISOString()} ${JSON.stringify(entry.bytes.toString('latin1'))}`;
    const isKept = isNext && mayBeKept(entry, options);
    if (isIn(entry.at, options.window)) expect(isKept, `in the window: ${what}`).toBe(true);
    if (isKept) at += Math.min(entry.bytes.length, kept.length - at);
  }
  const foreign = kept.subarray(at).toString('latin1');
  if (!log.ended && isHalfLine(foreign) && bytesOf(log).toString('latin1').endsWith(foreign.slice(0, -1))) return;
  expect(foreign, 'what is of no entry of the window').toBe('');
}

/** So little of a line that its stamp may not be whole: nothing can be said of its time. */
function isHalfLine(text: string): boolean {
  return text.length <= 48 && text.indexOf('\n') === text.length - 1;
}

/** A last line without an end is given a line feed where CR LF would have been. */
function endsLike(found: Buffer, expected: Buffer, isLast: boolean): boolean {
  if (found.equals(expected)) return true;
  const withoutCr = Buffer.concat([expected.subarray(0, -2), Buffer.from('\n')]);
  return isLast && expected.at(-2) === 13 && found.equals(withoutCr);
}

/** A log around one of the moments, and a window in it whose edges it knows. */
const casesOfTruth = fc
  .record({
    moment: fc.constantFrom(...moments),
    shiftMs: fc.constantFrom(0, -halfHourMs, halfHourMs, 1, 500, -3_600_000, 3_600_000),
    beforeMs: fc.constantFrom(0, 1, 60_000, halfHourMs, 3_600_000),
    afterMs: fc.constantFrom(0, 999, halfHourMs, 3_600_000),
  })
  .chain(({ moment: [zone, at], shiftMs, beforeMs, afterMs }) => {
    const event = new Date(Date.parse(at) + shiftMs);
    const window = windowAround(event, { beforeMs, afterMs });
    const options: CutOptions = { window, zone, readAt: new Date(event.getTime() + 3 * 3_600_000) };
    return fc.record({
      log: logAround(event, zone, { edgesMs: [-beforeMs, 0, afterMs] }),
      options: fc.constant(options),
    });
  });

describe('a window cut out of a log whose truth is known', () => {
  it('holds every entry of the window whole, in order and byte for byte, and nothing that cannot be of it (PT08, D03, D06, D07, D15, D18, D19)', () => {
    fc.assert(
      fc.property(casesOfTruth, ({ log, options }) => {
        const { kept } = cutParts([[bytesOf(log)]], options);

        expectTruth(log, kept, options);
      }),
      { numRuns: 1500 },
    );
  });

  it('says how many lines it is, and their first and last time, which are of the window (field-F11)', () => {
    fc.assert(
      fc.property(casesOfTruth, fc.integer({ min: 1, max: 4096 }), ({ log, options }, size) => {
        const { kept, result } = cutParts([split(bytesOf(log), [size])], options);

        const { first, last } = result.kept;
        const { since, until } = options.window;
        const inside = log.entries.filter(({ at }) => isIn(at, options.window));
        expect(result.linesOut).toBe(linesIn(kept, bytesOf(log).toString('latin1')));
        expect(first === undefined).toBe(last === undefined);
        if (first === undefined || last === undefined) return;
        expect(since <= first && first <= last && last <= until).toBe(true);
        for (const { at, format } of inside.filter(
          () => result.stampedLines === log.entries.length && !result.isRelearnt,
        ))
          expect(first <= at && last.getTime() + format.spanMs >= at.getTime()).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('says it of the lines that were kept, not of the log (field-F11)', () => {
    const times = ['09:59:59', '10:02:00', '10:30:00', '11:01:59', '11:30:00'];
    const { result } = cutParts([[Buffer.from(times.map((time) => `2026-11-20 ${time} a line\n of two\n`).join(''))]]);

    expect(result).toMatchObject({
      kept: { first: new Date('2026-11-20T09:02:00Z'), last: new Date('2026-11-20T10:01:59Z') },
      linesOut: 6,
    });
  });

  it('says nothing of times in a log that is kept whole, and counts its lines (field-F11)', () => {
    const { result } = cutParts([[Buffer.from('no time\nin any\nof these')]]);

    expect(result).toMatchObject({ kept: { first: undefined, last: undefined }, linesOut: 3 });
  });

  it('is the same in chunks of 1 byte to 64 KiB (PT09, D16)', () => {
    const sizes = fc.array(
      fc.oneof(fc.constantFrom(1, 2, 3, 1023, 4096, 65_535, 65_536), fc.integer({ min: 1, max: 65_536 })),
      { minLength: 1, maxLength: 6 },
    );
    const repeats = fc.constantFrom(1, 1, 1, 200);

    fc.assert(
      fc.property(casesOfTruth, sizes, repeats, ({ log, options }, some, times) => {
        const bytes = Buffer.concat(Array.from({ length: times }, () => bytesOf({ ...log, ended: true })));
        const whole = cutParts([[bytes]], options);

        const inChunks = cutParts([split(bytes, some)], options);

        expect(inChunks.result).toEqual(whole.result);
        expect(inChunks.kept.equals(whole.kept)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('gives the whole log again when the windows share out all time (PT08)', () => {
    const ofInstants = formats.filter(({ named }) => named);
    const ofWallClock = formats.filter(({ named, spanMs }) => !named && spanMs <= 1000);
    const edges = fc.uniqueArray(fc.integer({ min: -7200, max: 7200 }), { maxLength: 6 });
    // Without a zone in the stamps only where no hour is repeated: what happened twice is rightly cut twice.
    const cases = fc.oneof(
      fc.constantFrom(...moments).map(([zone, at]) => ({ zone, at, formats: ofInstants })),
      fc
        .constantFrom('Asia/Kathmandu', 'UTC')
        .map((zone) => ({ zone, at: '2026-12-31T22:00:00Z', formats: ofWallClock })),
    );
    const logs = cases.chain(({ zone, at, formats: some }) =>
      logAround(new Date(at), zone, { formats: some, monotonic: true, stampedOnly: true, ended: true }).map((log) => ({
        log,
        middleMs: Date.parse(at),
      })),
    );

    fc.assert(
      fc.property(logs, edges, ({ log, middleMs }, seconds) => {
        const begins = seconds.sort((a, b) => a - b).map((second) => middleMs + second * 1000);
        const windows = [middleMs - 86_400_000, ...begins].map((since, index) => ({
          since: new Date(since),
          until: new Date((begins[index] ?? middleMs + 86_400_000) - 1),
        }));
        const readAt = new Date(middleMs + 2 * 86_400_000);

        const cuts = windows.map((window) => cutParts([[bytesOf(log)]], { window, zone: log.zone, readAt }).kept);

        expect(Buffer.concat(cuts).toString('latin1')).toBe(bytesOf(log).toString('latin1'));
      }),
      { numRuns: 400 },
    );
  });

  it('holds the entries of the window by our clock, whatever the clock of the server shows (D01, D22)', () => {
    const skews = fc.oneof(
      fc.constantFrom(0, 7 * 60_000, -3 * 3_600_000, 86_400_000),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    );
    const errors = fc.integer({ min: 0, max: 5_000 });

    fc.assert(
      fc.property(
        fc.constantFrom(...moments),
        skews,
        errors,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (moment, skew, errorMs, wrong) => {
          const [zone, at] = moment;
          const event = new Date(at);
          const window = windowAround(event, { beforeMs: halfHourMs, afterMs: halfHourMs });
          const shown = onClockOf(window, { offsetMs: Math.round(skew + wrong * errorMs), errorMs: errorMs + 1 });
          const trueTimes = [-halfHourMs, -halfHourMs + 1, 0, halfHourMs - 1, halfHourMs].map(
            (ms) => event.getTime() + ms,
          );
          const log = trueTimes.map((ms, index) => `${new Date(ms + skew).toISOString()} #${index}\n`).join('');

          expect(cut(log, { window: shown, zone, readAt: new Date(event.getTime() + 86_400_000) })).toBe(log);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is wider on both sides when the clock of the server is not known (D01)', () => {
    const { since, until } = onClockOf(standard.window, undefined);

    expect(since.getTime()).toBeLessThan(standard.window.since.getTime());
    expect(until.getTime()).toBeGreaterThan(standard.window.until.getTime());
  });

  it.each(allZones)('is the same whatever the zone of the operator, for a server in %s (D02)', (zone) => {
    const own = process.env['TZ'];
    const log = formats.map((format) => `${format.write(new Date('2026-11-20T09:30:00Z'), zone)} in\n`).join('');
    const outside = formats.map((format) => `${format.write(new Date('2026-11-20T08:30:00Z'), zone)} out\n`).join('');
    try {
      for (const operator of ['UTC', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Apia']) {
        process.env['TZ'] = operator;

        expect(cut(outside + log + outside, { ...standard, zone }), operator).toBe(log);
      }
    } finally {
      process.env['TZ'] = own;
    }
  });
});

describe('a window in the hour that comes twice', () => {
  const folds = [
    ['America/New_York', '2026-11-01 01:30:00', '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:45:00', '2026-04-04T14:45:00Z', '2026-04-04T15:15:00Z'],
    ['Europe/Dublin', '2026-10-25 01:30:00', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
  ] as const;

  it.each(folds)('in %s keeps %s whichever pass the window lies in (D03)', (zone, text, first, second) => {
    for (const pass of [first, second]) {
      const window = windowAround(new Date(pass), { beforeMs: 60_000, afterMs: 60_000 });
      const readAt = new Date(Date.parse(pass) + 86_400_000);

      const kept = cut(`${text} which pass?\n${text.replace(' 01', ' 05')} later\n`, { window, zone, readAt });

      expect(kept, pass).toBe(`${text} which pass?\n`);
    }
  });

  it('keeps what follows when the window is months long and begins there (D03)', () => {
    const window = between('2026-10-25T00:30:00Z', '2027-07-01T00:00:00Z'); // the second pass begins at 01:00Z
    const log = '2026-10-25 02:10:00 in the second pass\n';

    expect(cut(log, { ...standard, window, readAt: new Date('2027-07-02T00:00:00Z') })).toBe(log);
  });
});

describe('a log without years', () => {
  const host = ' host app: message\n';
  const linesAt = (zone: string, ...instants: string[]) =>
    instants.map((at) => `${bsdText(new Date(at), zone)}${host}`).join('');

  it.each([
    ['just after new year', '2027-01-01T01:00:00Z'],
    ['half a year later', '2027-06-30T12:00:00Z'],
    ['eleven months later', '2027-11-30T00:00:00Z'],
  ])('keeps both sides of new year when it is read %s (D05)', (_when, readAt) => {
    const log = linesAt(
      stockholm,
      '2026-12-31T22:50:00Z',
      '2026-12-31T22:59:59Z',
      '2026-12-31T23:00:00Z',
      '2026-12-31T23:10:00Z',
    );
    const others = linesAt(stockholm, '2026-12-30T22:50:00Z', '2027-01-02T01:00:00Z');
    const window = between('2026-12-31T22:30:00Z', '2026-12-31T23:30:00Z');

    expect(cut(others + log, { ...standard, window, readAt: new Date(readAt) })).toBe(log);
  });

  it('keeps a line of the new year that is read in the old one, because clocks differ (D05)', () => {
    const log = 'Dec 31 23:59:59 host\nJan  1 00:00:01 host\n';
    const window = between('2026-12-31T22:30:00Z', '2026-12-31T23:30:00Z');

    expect(cut(log, { ...standard, window, readAt: new Date('2026-12-31T22:59:58Z') })).toBe(log);
  });

  it('keeps 29 February when it is read the day after, and two years later (D05)', () => {
    const window = between('2028-02-29T11:00:00Z', '2028-02-29T13:00:00Z');
    const log = linesAt('UTC', '2028-02-29T12:00:00Z');

    for (const readAt of ['2028-03-01T00:00:00Z', '2030-06-01T00:00:00Z'])
      expect(cut(log, { window, zone: 'UTC', readAt: new Date(readAt) }), readAt).toBe(log);
  });

  it.each([
    ['a year', '2027-12-15T00:00:00Z'],
    ['five years', '2031-12-15T00:00:00Z'],
  ])('keeps the window also when the file is older than %s (D05)', (_age, readAt) => {
    const log = linesAt('UTC', '2026-11-20T09:10:00Z', '2026-11-20T09:50:00Z');

    expect(cut(log, { ...standard, zone: 'UTC', readAt: new Date(readAt) })).toBe(log);
  });

  it('keeps 29 February also when another one has been since (D05)', () => {
    const window = between('2024-02-29T11:00:00Z', '2024-02-29T13:00:00Z');
    const log = linesAt('UTC', '2024-02-29T12:00:00Z');

    expect(cut(log, { window, zone: 'UTC', readAt: new Date('2028-06-01T00:00:00Z') })).toBe(log);
  });

  it.each([
    [stockholm, '2026-12-31T22:30:00Z', '2026-12-31T23:30:00Z', '2026-12-31T23:10:00Z'],
    ['America/New_York', '2027-01-01T04:30:00Z', '2027-01-01T05:30:00Z', '2027-01-01T04:50:00Z'],
  ])('keeps the hours in which UTC and %s are in different years, when the file is old (D05)', (zone, since, until, at) => {
    const log = linesAt(zone, at);

    expect(cut(log, { window: between(since, until), zone, readAt: new Date('2029-06-01T00:00:00Z') })).toBe(log);
  });
});

describe('what has no time', () => {
  it.each([
    ['a header alone', '# InCenter system log\n'],
    ['blank lines alone', '\n\n \r\n\t\n'],
    ['nothing that parses', 'no time here\nnor here: 2026-11-20 10:32:00\n'],
    ['UTF-16, little-endian', Buffer.from('\ufeff2026-11-20 10:32:00 x\n2020-01-01 00:00:00 y\n', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('\ufeff2026-11-20 10:32:00 x\n', 'utf16le').swap16()],
  ])('is kept whole and known to hold no entry: %s (D10, D11, D15)', (_what, text) => {
    const bytes = Buffer.from(text as string);

    const { kept, result } = cutParts([[bytes]]);

    expect(kept.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(kept.length - bytes.length).toBeLessThanOrEqual(1); // the end of the last line
    expect(result).toMatchObject({ stampedLines: 0, first: undefined, last: undefined, bytesIn: bytes.length });
  });

  it.each([
    '9999-12-31 23:59:59 the end of time',
    '2026-11-20 00:60:60 no such minute',
    '2026-02-30 10:32:00 no such day',
    '1970-01-01 00:00:00 a clock that was never set',
    '0000000000 zeros',
    'message at 2020-01-01 00:00:00',
    '\r2020-01-01 00:00:00 after a lone CR',
    '          2020-01-01 00:00:00 far from the head',
  ])('belongs to the entry before it, also when it looks like a time: %j (D17)', (line) => {
    const inside = `2026-11-20 10:30:00 inside\n${line}\n`;
    const outside = `2026-11-20 09:30:00 outside\n${line}\n`;

    expect(cut(outside + inside + outside)).toBe(inside);
  });

  it('is kept and counted where it is of a long window and the entries around it are of other days', () => {
    const window = between('2026-11-24T00:00:00Z', '2026-11-29T00:00:00Z');
    const told = '2026-11-28 13:00:00 is told';
    const text = `2026-11-20 09:00:00 a\n${told}\n2026-11-25 09:00:00 b\n2026-11-25 09:01:00 c\n`;

    const { kept, result } = cutParts([[Buffer.from(text)]], { ...standard, window });

    expect(kept.toString()).toContain(told);
    expect(result.unreadLines).toBe(1);
  });

  it('belongs to the entry before it, also where that has its time in the same place (D17)', () => {
    const text = '[2026-11-20 10:30:00] one\nx2026-11-20 10:30:00 of it\n[2026-11-20 10:30:00] two\n';

    expect(cutParts([[Buffer.from(text)]]).result.stampedLines).toBe(2);
  });

  it('may be a leap second: it counts as the second after it (D17)', () => {
    const window = between('2016-12-31T23:30:00Z', '2017-01-01T00:30:00Z');
    const leap = '2016-12-31T23:59:60Z leap\n';

    expect(cut(`2016-12-31T23:00:00Z outside\n${leap}`, { ...standard, window })).toBe(leap);
  });
});

describe('bytes that are no plain text', () => {
  const inside = '2026-11-20 10:30:00 inside';
  const outside = '2026-11-20 09:30:00 outside';

  it.each([
    ['CR LF', `${inside}\r\n`],
    ['mixed line ends', `${inside}\r\n${inside}\n${inside} x\ry\n`],
    ['runs of NUL', `${inside} ${'\0'.repeat(5000)}\n${'\0'.repeat(100)}\n`],
    ['Latin-1', Buffer.from(`${inside} caf\xe9\n`, 'latin1')],
    ['characters of several bytes', `${inside} Ω 日本語 🧊\n🧊\n`],
  ])('are kept as they are, wherever chunks end: %s (D15, D16)', (_what, text) => {
    const middle = Buffer.from(text as string);
    const log = Buffer.concat([Buffer.from(`${outside}\n`), middle, Buffer.from(`${outside}\n`)]);

    for (let at = 1; at < log.length; at += log.length > 1000 ? 97 : 1) {
      const { kept } = cutParts([[log.subarray(0, at), log.subarray(at)]]);
      if (!kept.equals(middle)) expect.unreachable(`cut at byte ${at}`);
    }
  });

  it('may be a byte order mark, in each file of the log (D15)', () => {
    const file = `\ufeff${inside}\n`;

    const { kept, result } = cutParts([[Buffer.from(file)], [Buffer.from(`\ufeff${outside}\n`)], [Buffer.from(file)]]);

    expect(kept.toString()).toBe(file + file);
    expect(result.stampedLines).toBe(3);
  });
});

describe('a stamp with a fraction', () => {
  const since = '2026-11-20T09:02:00.950Z';

  it.each([
    ['three digits', '10:02:00.950', '10:02:00.949'],
    ['a comma', '10:02:00,950', '10:02:00,949'],
    ['nine digits', '10:02:00.950000000', '10:02:00.949999999'],
  ])('of %s is cut to the millisecond (D19)', (_digits, inside, outside) => {
    const window = { since: new Date(since), until: new Date('2026-11-20T10:00:00Z') };

    expect(cut(`2026-11-20 ${outside} out\n2026-11-20 ${inside} in\n`, { ...standard, window })).toBe(
      `2026-11-20 ${inside} in\n`,
    );
  });

  it.each([
    '10:02:00.9',
    '10:02:00,95',
  ])('of fewer digits stands for the whole time it names: %s (D18, D19)', (time) => {
    const window = { since: new Date('2026-11-20T09:02:00.955Z'), until: new Date('2026-11-20T10:00:00Z') };
    const log = `2026-11-20 ${time} perhaps inside\n`;

    expect(cut(log, { ...standard, window })).toBe(log);
  });
});

describe('a line without an end', () => {
  const mib = 1024 * 1024;

  it.each([
    ['inside', 10, 10 * mib],
    ['outside', 9, 0],
  ])('of 10 MB %s the window is judged by its beginning, and passed on as it comes (D14)', (_where, hour, least) => {
    const head = Buffer.from(`2026-11-20 ${String(hour).padStart(2, '0')}:30:00 `);
    const log = Buffer.concat([head, Buffer.alloc(10 * mib, 'x'), Buffer.from('\n2026-11-20 10:31:00 next\n')]);

    for (const size of [1000, 65_536, 3 * mib, log.length]) {
      const { kept } = cutParts([split(log, [size])]);

      expect(kept.length, `chunks of ${size}`).toBe(least === 0 ? 25 : log.length);
      expect(kept.subarray(-25).toString()).toBe('2026-11-20 10:31:00 next\n');
    }
  });

  it('of 256 MB is held no further than its first MiB (D14)', () => {
    const cutter = createCutter(standard);
    const chunk = Buffer.alloc(65_536, 'x');
    let held = 0;
    let most = 0;
    for (let sent = 0; sent < 256 * mib; sent += chunk.length) {
      held += chunk.length;
      for (const kept of cutter.push(chunk)) held -= kept.length;
      most = Math.max(most, held);
    }
    for (const kept of cutter.endOfPart()) held -= kept.length;

    expect(most).toBeLessThanOrEqual(mib + chunk.length);
    expect(held).toBe(-1); // its end
  });

  it('that is being written is kept (D20)', () => {
    expect(cut('2026-11-20 10:30:00 whole\n2026-11-20 10:31:00 bein')).toBe(
      '2026-11-20 10:30:00 whole\n2026-11-20 10:31:00 bein\n',
    );
  });

  it('that is being written is known to be (D20)', () => {
    const open = cutParts([[Buffer.from('2026-11-20 10:30:00 whole\n2026-11-20 10:31:00 bein')]]);
    const whole = cutParts([[Buffer.from('2026-11-20 10:30:00 whole\n')]]);

    expect(whole.result).toMatchObject({ openEnd: false });
    expect(open.result).toMatchObject({ openEnd: true });
  });

  it.each([
    '2026-11-20 10:0',
    '2026-11-20 10:02:3',
    '179516',
    'Nov 20 10:03',
    '<34>1 2026-11-20T09:03',
  ])('is kept also when its stamp is still being written: %s (D20)', (half) => {
    expect(cut(`2026-11-20 10:01:59 outside\n${half}`)).toBe(`${half}\n`);
  });
});

describe('a log in two files whose seam lies in the window', () => {
  const older = '2026-11-20 09:59:00 before\n2026-11-20 10:30:00 old\n';
  const newer = '2026-11-20 10:31:00 new\n2026-11-20 11:59:00 after\n';

  it('is cut from both, in order, without a gap or anything twice (D21)', () => {
    const { kept, result } = cutParts([[Buffer.from(older)], [Buffer.from(newer)]]);

    expect(kept.toString()).toBe('2026-11-20 10:30:00 old\n2026-11-20 10:31:00 new\n');
    expect(result).toMatchObject({ first: new Date('2026-11-20T08:59:00Z'), last: new Date('2026-11-20T10:59:00Z') });
  });

  it('keeps an entry whole that goes on in the next file, and leaves one that does not belong (D07, D21)', () => {
    const { kept } = cutParts([
      [Buffer.from(`${older}\tat old 1\n`)],
      [Buffer.from(`\tat old 2\n${newer}\tat after 1\n`)],
      [Buffer.from('\tat after 2\n')],
    ]);

    expect(kept.toString()).toBe('2026-11-20 10:30:00 old\n\tat old 1\n\tat old 2\n2026-11-20 10:31:00 new\n');
  });

  it('has no line run into the next file, and none twice, when a file has no end (D20, D21)', () => {
    const parts = ['2026-11-20 10:30:00 a', '2026-11-20 10:31:00 b', '', '2026-11-20 10:32:00 c\n'];

    const { kept, result } = cutParts(parts.map((text) => [Buffer.from(text)]));

    expect(kept.toString()).toBe('2026-11-20 10:30:00 a\n2026-11-20 10:31:00 b\n2026-11-20 10:32:00 c\n');
    expect(result.stampedLines).toBe(3);
  });

  it('keeps equal lines on both sides of the seam (D13, D21)', () => {
    const again = '2026-11-20 10:30:00 again\n'.repeat(2);

    const { kept } = cutParts([[Buffer.from(again)], [Buffer.from(again)]]);

    expect(kept.toString()).toBe(again + again);
  });

  it('is the same as one file, wherever between two lines the seam is (D21)', () => {
    fc.assert(
      fc.property(casesOfTruth, fc.integer({ min: 1, max: 40 }), ({ log, options }, seam) => {
        const bytes = bytesOf({ ...log, ended: true });
        fc.pre(log.entries.length > 0);
        const at = log.preamble.length + Buffer.concat(log.entries.slice(0, seam).map((entry) => entry.bytes)).length;

        const inTwo = cutParts([[bytes.subarray(0, at)], [bytes.subarray(at)]], options);

        expect(inTwo.kept.equals(cutParts([[bytes]], options).kept)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a log covers', () => {
  it('begins at its earliest line and ends at its latest, in whatever order and form they come (D06, D09, D19)', () => {
    fc.assert(
      fc.property(logAround(new Date('2026-11-20T09:32:00Z'), 'Asia/Kathmandu', { stampedOnly: true }), (log) => {
        const times = log.entries.map((entry) => readingsOf(entry, log.zone)[0] ?? Number.NaN);

        const { result } = cutParts([[bytesOf(log)]], { ...standard, zone: log.zone });

        expect(result.first).toEqual(new Date(Math.min(...times)));
        expect(result.last).toEqual(new Date(Math.max(...times)));
        expect(result.stampedLines).toBe(log.entries.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['set forward', '2026-03-29T00:00:00Z', '2026-03-29T01:30:00Z', '2026-03-29 01:20:00', '2026-03-29T00:20:00Z'],
    ['set back', '2026-10-25T00:10:00Z', '2026-10-25T02:30:00Z', '2026-10-25 01:59:00', '2026-10-24T23:59:00Z'],
  ])('begins at the instant its first line names when the clocks are %s in the window (D09)', (_change, since, until, text, instant) => {
    const { result } = cutParts([[Buffer.from(`${text} first\n`)]], { ...standard, window: between(since, until) });

    expect(result.first).toEqual(new Date(instant));
  });
});
