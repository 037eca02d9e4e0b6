import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../src/reading/budget.ts';
import { cleanLine } from '../../src/reading/clean-text.ts';
import { readBundle } from '../../src/reading/read-bundle.ts';
import type { Reading } from '../../src/reading/reading.ts';
import { hostileLines } from '../support/incident-maker.ts';
import { memoryBundle, oneServer, stamped, system } from './memory-bundle.ts';

const limits: Limits = { lines: 1_000_000, bytes: 1e9, ms: 60_000 };

async function read(texts: Parameters<typeof memoryBundle>[0], given: Partial<Limits> = {}): Promise<Reading> {
  return readBundle(memoryBundle(texts), { layout: oneServer, limits: { ...limits, ...given } });
}

async function textsOf({ lines }: Reading): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of lines.texts()) texts.push(...batch);
  return texts;
}

const mega = 1024 * 1024;

describe('logs that attack whoever reads them', () => {
  it.each(
    hostileLines.map(({ row, bytes, shown }) => [shown, row, bytes] as const),
  )('shows %j (%s)', (shown, _row, bytes) => {
    expect(cleanLine(bytes.toString('utf8'))).toBe(shown);
  });

  it('leaves what is written in other scripts as it is (R04)', () => {
    for (const text of ['Åsa är här', 'क्षत्रिय', 'สวัสดีครับ', 'مرحبا', '日本語', '👩 👍🏽 é'])
      expect(cleanLine(text)).toBe(text);
  });

  it('shows nothing that may not be shown, whatever a line holds (R04)', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
      const shown = cleanLine(`a${String.fromCodePoint(code)}b`);
      expect(shown).not.toMatch(
        /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/u,
      );
    }
  });

  it('cuts a line of 100 MB after 4 096 bytes, and counts the rest (R03)', async () => {
    const chunk = Buffer.alloc(mega, 'x');
    const before = process.memoryUsage().rss;
    const long = function* () {
      yield Buffer.from(stamped(['first']));
      for (let at = 0; at < 100; at++) yield chunk;
      yield Buffer.from('\n');
      yield Buffer.from(stamped(['last']));
    };
    const reading = await read({ [system]: long });
    const [, cut, last] = await textsOf(reading);

    expect(reading.lines.count).toBe(3);
    expect(cut).toBe(
      `${'x'.repeat(4096)}… ${'104 853 504'} more bytes: icepack inspect by-hand Event1_ICE01_20261120_1032/Logs/system.log:2`,
    );
    expect(last).toMatch(/INFO last$/);
    expect(reading.logs[0]?.cutLines).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });

  it('stops at ten million empty lines where the budget ends, and says so (R03)', async () => {
    const empty = function* () {
      for (let at = 0; at < 10; at++) yield Buffer.alloc(mega, '\n');
    };
    const reading = await read({ [system]: empty }, { lines: 20_000 });

    expect(reading.lines.count).toBe(20_000);
    expect(reading.logs[0]?.leftOut).toBe('more than 20 000 lines are not read');
    expect(reading.missing.some(({ state, text }) => state === 'partial' && text.includes('20 000 lines'))).toBe(true);
    expect(await textsOf(reading)).toHaveLength(20_000);
  });

  it.each([
    ['no line feed at all', Buffer.from(`${stamped(['only']).trim()}`), ['only']],
    [
      'only CR',
      Buffer.from(stamped(['one', 'two', 'three', 'four']).replaceAll('\n', '\r')),
      ['one', 'two', 'three', 'four'],
    ],
    ['CR and LF', Buffer.from(stamped(['one', 'two']).replaceAll('\n', '\r\n')), ['one', 'two']],
    ['UTF-16, little endian', Buffer.from(`\ufeff${stamped(['åtta', 'nio'])}`, 'utf16le'), ['åtta', 'nio']],
    ['UTF-16, big endian', Buffer.from(`\ufeff${stamped(['åtta', 'nio'])}`, 'utf16le').swap16(), ['åtta', 'nio']],
    ['a byte order mark', Buffer.from(`\ufeff${stamped(['åtta', 'nio'])}`), ['åtta', 'nio']],
  ] as const)('reads a log with %s (R03, R04)', async (_name, bytes, messages) => {
    const reading = await read({ [system]: bytes });

    expect((await textsOf(reading)).map((text) => text.slice(text.indexOf(' INFO ') + 6))).toEqual(messages);
    expect(reading.lines.severity[0]).toBe(2);
  });

  it('reads a packed log, and counts escapes', async () => {
    const reading = await read({ 'Logs/system.log.0.gz': gzipSync(stamped(['\x1b[31mred\x1b[0m'])) });

    expect((await textsOf(reading))[0]).toMatch(/INFO red$/);
    expect(reading.logs[0]?.escapes).toBe(2);
  });

  it('gives up a log whose bytes are damaged where they are, and shows what came before', async () => {
    const damaged = function* () {
      yield Buffer.from(stamped(['one', 'two']));
      throw new Error('its CRC differs');
    };
    const reading = await read({ [system]: damaged, 'Logs/audit.log': stamped(['three']) });

    expect((await textsOf(reading)).map((text) => text.slice(-5).trim()).sort()).toEqual(
      ['O one', 'O two', 'three'].sort(),
    );
    expect(reading.missing).toContainEqual({
      ...{ state: 'partial', server: 0, what: system },
      text: 'cannot be read beyond line 2: its CRC differs',
    });
  });

  it('says so where a log is shorter when its texts are read', async () => {
    let reads = 0;
    const shrinking = function* () {
      yield Buffer.from(stamped(reads++ < 2 ? ['one', 'two'] : ['one']));
    };
    const reading = await read({ [system]: shrinking });

    expect((await textsOf(reading)).at(-1)).toBe('⟨this line cannot be read any more⟩');
  });

  it('ends after its time, with what tells most read first', async () => {
    let now = 0;
    const texts = { 'Logs/debug.log': stamped(['one']), [system]: stamped(['two']) };
    const reading = await readBundle(memoryBundle(texts), {
      ...{ layout: oneServer, limits: { ...limits, ms: 40 } },
      now: () => (now += 12),
    });

    expect(reading.logs.find(({ name }) => name === 'debug.log')?.leftOut).toBe('reading is ended after 0.04 s');
    expect(reading.logs.find(({ name }) => name === 'system.log')?.leftOut).toBeUndefined();
  });

  it('keeps templates and markers within bounds, and loses none near the event', async () => {
    const words = Array.from(
      { length: 21_000 },
      (_, at) =>
        `word${String.fromCharCode(97 + (at % 26))}${at.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')}`,
    );
    const logins = words.slice(0, 3000).map((user) => `${user} logged in from 192.0.2.9`);
    const reading = await read({ [system]: stamped(words), 'Logs/audit.log': stamped(logins) });
    const kept = reading.markers.filter(({ kind }) => kind === 'login');

    expect(reading.moreFindings + reading.findings.length).toBeLessThanOrEqual(20_000);
    expect(reading.findings).toHaveLength(25);
    expect(kept).toHaveLength(200);
    expect(Math.max(...kept.map(({ at }) => Math.abs(at - (oneServer.event?.at.getTime() ?? 0))))).toBeLessThanOrEqual(
      101_000,
    );
  });
});
