import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import type { Finding } from '../../src/collectors/collector.ts';
import { logs } from '../../src/collectors/logs.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { temporaryFolder } from '../support/rig.ts';

const zone = 'Europe/Stockholm';
const window = { since: new Date('2026-11-20T09:02:00Z'), until: new Date('2026-11-20T10:02:00Z') }; // 10:02 to 11:02

type Content = string | Buffer;

/** A server that holds these files, each as old as its newest line, as those of a program that logs are. */
function serverWith(content: Record<string, Content>, writtenAt: Record<string, string> = {}): RemoteFiles {
  const names = Object.keys(content);
  const entryOf = (name: string) => ({
    name,
    kind: 'file' as const,
    sizeBytes: bytesIn(name).length,
    modifiedAt: new Date(writtenAt[name] ?? newestIn(bytesIn(name))),
  });
  const bytesIn = (name: string) => {
    const found = content[name];
    if (found === undefined) throw itemError('no-such-file', `"${name}" is not there`);
    return typeof found === 'string' ? Buffer.from(found) : found;
  };
  return {
    title: 'the server',
    abilities: async () => ({ peeks: true, skips: true }),
    list: async () => names.map(entryOf),
    find: async (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return names.includes(name) ? entryOf(name) : undefined;
    },
    remove: async () => undefined,
    close: () => undefined,
    read(path, { maxBytes }) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      async function* chunks() {
        yield bytesIn(name).subarray(0, maxBytes);
      }
      return { chunks: chunks(), verdict: () => ({ kind: 'whole' }) };
    },
  };
}

/** The instant of the last line, in Stockholm. */
function newestIn(content: Buffer): string {
  const text = content[0] === 0x1f ? unpacked(content) : content.toString();
  const [, day, time] = [...text.matchAll(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) /gm)].at(-1) ?? [];
  return day === undefined ? '2026-11-20T11:00:00Z' : `${day}T${time}+01:00`;
}

function unpacked(content: Buffer): string {
  try {
    return gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch {
    return ''; // damaged
  }
}

type Collected = { found: Finding | undefined; text: string; findings: Finding[] };

/** What becomes of the system log. */
async function collected(
  content: Record<string, Content>,
  now = '2026-11-20T12:00:00Z',
  writtenAt: Record<string, string> = {},
): Promise<Collected> {
  const folder = await temporaryFolder();
  const { store: keep } = await openStaging(folder);
  const findings: Finding[] = [];
  const server = {
    window,
    eventAt: new Date('2026-11-20T09:32:00Z'),
    zone,
    isClockKnown: true,
    isZoneKnown: true,
    now: () => new Date(now),
  };
  const tools = toolsWith({
    server: { window: async () => server },
    cli: { files: async () => serverWith(content, writtenAt) },
    evidence: { record: (finding) => findings.push(finding), keep },
  });
  await logs.collect(tools);
  const found = findings.find(({ path }) => path === 'Logs/system.log');
  const text = await readFile(join(folder, 'Logs', 'system.log'), 'utf8').catch(() => '');
  return { found, text, findings };
}

const before = '2026-11-20 09:50:00 before\n';
const inside = '2026-11-20 10:30:00 inside\n';
const after = '2026-11-20 11:30:00 after\n';

describe('a log without entries', () => {
  it('is there and said to be empty (D10)', async () => {
    const { found } = await collected({ 'system.log': '' }, undefined, { 'system.log': '2026-11-20T08:00:00Z' });

    expect(found).toMatchObject({ status: 'ok', bytes: 0, reason: 'the log is empty' });
    expect(found?.coverage).toMatchObject({ first: null, last: null });
  });

  it.each([
    ['a header', '# InCenter system log\n'],
    ['blank lines', '\n\r\n \n'],
    ['lines without a time', 'no time\nhere either\n'],
    ['UTF-16', Buffer.from('\ufeff2026-11-20 10:30:00 x\n', 'utf16le')],
  ])('is there whole, and said to be so, when it holds %s alone (D10, D11)', async (_what, content) => {
    const { found, text } = await collected({ 'system.log': content });

    expect(text).toContain(content.toString('utf8'));
    expect(found).toMatchObject({ status: 'partial', reason: expect.stringContaining('no time was recognised') });
    expect(found?.coverage).toMatchObject({ first: null, last: null });
  });
});

describe('what a log covers', () => {
  it('is complete when it reaches over the whole window', async () => {
    const { found, text } = await collected({ 'system.log': before + inside + after });

    expect(text).toBe(inside);
    expect(found).toMatchObject({ status: 'ok', coverage: { complete: true, first: '2026-11-20T08:50:00.000Z' } });
    expect(found?.reason).toBeUndefined();
  });

  it.each([
    ['in the window', inside + after, '10:30:00'],
    ['after the window', after, '11:30:00'],
  ])('is partial, and its oldest line is named, when it begins %s (D09)', async (_where, content, first) => {
    const { found } = await collected({ 'system.log': content });

    expect(found).toMatchObject({ status: 'partial', coverage: { complete: false } });
    expect(found?.reason).toContain(`begins at 2026-11-20 ${first} +01:00: older lines are not on the server`);
  });

  it('is partial, and says when it will be whole, when the window is not over (D08)', async () => {
    const { found } = await collected({ 'system.log': before + inside }, '2026-11-20T09:45:00Z');

    expect(found).toMatchObject({ status: 'partial', coverage: { complete: false } });
    expect(found?.reason).toContain('the window is not over: it ends at 2026-11-20 11:02:00 +01:00');
  });

  it('names a last line that was still being written (D20)', async () => {
    const { found, text } = await collected({ 'system.log': `${before + inside}2026-11-20 10:31:00 bein` });

    expect(text).toBe(`${inside}2026-11-20 10:31:00 bein\n`);
    expect(found?.reason).toContain('last line was still being written');
  });
});

describe('a log that was rotated in the window', () => {
  it('is cut from both files, in order, and both are named (D21)', async () => {
    const { found, text } = await collected({
      'system.log.0.gz': gzipSync(before + inside),
      'system.log': `2026-11-20 10:31:00 newer\n${after}`,
    });

    expect(text).toBe(`${inside}2026-11-20 10:31:00 newer\n`);
    expect(found).toMatchObject({ status: 'ok', source: 'logs/system.log.0.gz, logs/system.log' });
  });

  it('keeps equal lines of different files (D13)', async () => {
    const { text } = await collected({
      'system.log.0.gz': gzipSync(before + inside),
      'system.log': inside + inside,
    });

    expect(text).toBe(inside + inside + inside);
  });

  it('keeps both of two files that begin with the same 64 KiB of equal lines (D13)', async () => {
    const flood = inside.repeat(3000);

    const { text } = await collected({
      'system.log.1.gz': gzipSync(`${flood}2026-11-20 10:31:00 one\n`),
      'system.log.0.gz': gzipSync(`${flood}2026-11-20 10:32:00 two\n`),
      'system.log': after,
    });

    expect(text.length).toBe(2 * flood.length + 48);
  });
});

describe('a packed file that is damaged', () => {
  const whole = gzipSync(before + inside.repeat(3000));
  const wrongSum = Buffer.from(whole);
  wrongSum.writeUInt32LE(0, wrongSum.length - 8);

  it.each([
    ['cut short', whole.subarray(0, -20)],
    ['of a wrong checksum', wrongSum],
    ['no gzip at all', Buffer.from(before + inside)],
  ])('%s costs nothing that can be read, is named and handed over as it is (D12)', async (_how, damaged) => {
    const { found, text, findings } = await collected({ 'system.log.0.gz': damaged, 'system.log': inside + after });

    expect(text.endsWith(inside)).toBe(true);
    expect(found).toMatchObject({ status: 'partial', reason: expect.stringContaining('system.log.0.gz') });
    expect(findings).toContainEqual(
      expect.objectContaining({ path: 'Logs/system.log.0.gz', status: 'partial', bytes: damaged.length }),
    );
  });

  it('is searched as far as it can be unpacked (D12)', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `2026-11-20 10:30:00 ${index * 7919} inside\n`).join('');
    const cutShort = gzipSync(before + lines).subarray(0, -5000);

    const { text } = await collected({ 'system.log.0.gz': cutShort, 'system.log': after });

    expect(text.length).toBeGreaterThan(lines.length / 2);
    expect(lines.startsWith(text.slice(0, 1000))).toBe(true);
  });

  it.each([
    ['of no bytes', Buffer.alloc(0)],
    ['followed by something else', Buffer.concat([gzipSync(before + inside), Buffer.from('trailing garbage')])],
  ])('is named also when it is %s (D12)', async (_how, damaged) => {
    const { found } = await collected({ 'system.log.0.gz': damaged, 'system.log': inside + after });

    expect(found).toMatchObject({ status: 'partial', reason: expect.stringContaining('system.log.0.gz') });
  });
});
