import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Entries } from '../../src/logs/entries.ts';
import { historyOf } from './histories.ts';

const lineFeed = 10;
const since = Date.parse('2026-11-20T09:30:20Z');
const window = { since: new Date(since), until: new Date(since + 3 * 60_000) };

/** What an entry may have behind its time: words, zones, numbers, all of which may decide what the time means. */
const behind = [
  ...[
    ' INFO x',
    ' DEBUG x',
    ' CEST x',
    ' CET x',
    ' IST x',
    ' fw-1 app: x',
    ' +0100 x',
    ' +0200 x',
    ' -12 dBm',
    'Z',
    '',
  ],
  ...[
    'Z INFO',
    '+01:00',
    '+01:30 x',
    '] INFO x',
    '] EFW: SYSTEM: x',
    '] fw EFW: x',
    '] fw EFWX: x',
    ' PM x',
    ' am',
    ' EFWX INFO',
  ],
  ...[
    ' EFWX x',
    ' EFWX',
    ' coordinated universal time x',
    ' coordinated x',
    ',a',
    ' [main] x',
    ' (CET) x',
    ' (CET x',
    ' Europe/Paris x',
  ],
  ...[' UTC x', ' UTC +01:00 x', ' UTC+1 x', '\tx', ' - x', ' utc x', ' NOTICE x', ' FROM x', ' FROM INFO x'],
];
const heads = ['', '[', '<134>[', '<6>[', '<14>', '\t', 'INFO  '];
const fractions = ['', '.5', ',25', '.125', '.123456', '.123456789', ':125'];
const others = [
  '\tat com.example.Main.run(Main.java:12)',
  '',
  'text',
  '\0\0\0',
  '2026-11-20 10:61:00 x',
  'at 10:32:05 it began',
];

const line = fc.record({
  gapMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 9000 }) },
    { weight: 1, arbitrary: fc.constantFrom(-500, -1999, -3000, -90_000, 70_000, 40 * 3_600_000, -40 * 3_600_000) },
  ),
  head: fc.constantFrom(...heads),
  fraction: fc.constantFrom(...fractions),
  behind: fc.constantFrom(...behind),
});
/** Most lines are written as the one before. */
const log = fc
  .array(fc.tuple(line, fc.integer({ min: 0, max: 14 }), fc.constantFrom(...others)), {
    minLength: 5,
    maxLength: 400,
    size: 'max',
  })
  .map((lines) => {
    let at = Date.parse('2026-11-20T10:24:30Z');
    let style = lines[0]?.[0];
    const text = lines.map(([one, dice, other]) => {
      if (dice === 0) style = one;
      if (dice === 1) return other;
      at += dice === 2 ? one.gapMs : Math.abs(one.gapMs % 3000);
      const { head = '', fraction = '', behind: rest = '' } = (dice === 3 ? one : style) ?? {};
      return `${head}${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}${fraction}${rest}`;
    });
    return Buffer.from(`${text.join('\n')}\n`, 'latin1');
  });

/** What was found of a log, read in runs as it is always, or line by line. */
function found(bytes: Buffer, options: { window: typeof window; zone: string; readAt: Date }, inRuns: boolean) {
  const entries = new Entries(options);
  entries.startPart(undefined, false);
  let passed = 0;
  let last = '';
  const verdicts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const runEnd = inRuns ? entries.passRun(bytes, at, bytes.length) : at;
    for (; at < runEnd; passed++) {
      verdicts.push(last);
      at = bytes.indexOf(lineFeed, at) + 1;
    }
    if (at >= bytes.length) break;
    const end = bytes.indexOf(lineFeed, at) + 1 || bytes.length;
    const verdict = entries.judge(bytes, at, end);
    last = verdict;
    verdicts.push(`${verdict}${entries.settled === undefined ? '' : `, before it ${entries.settled}`}`);
    at = end;
  }
  entries.endPart();
  entries.end();
  const { chronicle, stampedLines, localLines, unreadLines, leftLines, untimedLines, parts, isRelearnt } = entries;
  const unknownZones = [...entries.reader.unknownZones].sort();
  const counts = { stampedLines, localLines, unreadLines, leftLines, untimedLines, isRelearnt, unknownZones };
  return { passed, said: { chronicle, ...counts, parts, verdicts } };
}

describe('lines that are read in a run', () => {
  it('are told the same of as when each is judged by itself', { timeout: 60_000 }, () => {
    let passed = 0;
    fc.assert(
      fc.property(log, fc.constantFrom('Europe/Stockholm', 'UTC', 'Asia/Kolkata'), (bytes, zone) => {
        const options = { window, zone, readAt: new Date('2026-11-21T12:00:00Z') };
        const inRuns = found(bytes, options, true);
        passed += inRuns.passed;
        expect(inRuns.said).toEqual(found(bytes, options, false).said);
      }),
      { numRuns: 600, endOnFailure: true },
    );
    expect(passed).toBeGreaterThan(10_000);
  });

  it('are told the same of in histories of every kind', { timeout: 60_000 }, () => {
    let passed = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const { files, window: of, serverZone: zone, readAt } = historyOf(seed);
      for (const { content } of files) {
        const bytes = content[0] === 0x1f ? gunzipSync(content) : content;
        const inRuns = found(bytes, { window: of, zone, readAt }, true);
        passed += inRuns.passed;
        expect(inRuns.said, `seed ${seed}`).toEqual(found(bytes, { window: of, zone, readAt }, false).said);
      }
    }
    expect(passed).toBeGreaterThan(1000);
  });
});
