import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/reading/reading.ts';
import { eventAt, madeReading } from '../support/made-reading.ts';
import { reportHtml } from '../support/report-page.ts';

function withVersions(versions: readonly Record<string, string>[]): Reading {
  const reading = madeReading({ linesEach: 20 });
  if (reading.manifest === undefined) throw new Error('no manifest');
  const servers = versions.map((own) => ({ versions: own }) as never);
  return { ...reading, manifest: { ...reading.manifest, servers } };
}

const facts = (source: string) => /<p class="facts">(.*?)<\/p>/s.exec(source)?.[1]?.replace(/<[^>]*>/g, '');

describe('the words of a page', () => {
  it('the version of InCenter is named where it is known, and nothing else is taken for it', async () => {
    const hypervisor = { hypervisor: '(seen from inside: kvm)', kernel: 'Linux 6.1' };

    expect(facts(await reportHtml(withVersions([hypervisor])))).not.toMatch(/InCenter|kvm/);
    expect(facts(await reportHtml(withVersions([{ ...hypervisor, InCenter: '2.2.5' }])))).toMatch(
      /· InCenter 2\.2\.5\n/,
    );
    expect(facts(await reportHtml(withVersions([{ InCenter: '2.2.5' }, { InCenter: '2.2.4' }])))).toContain(
      'InCenter 2.2.5, 2.2.4',
    );
  });

  it('nothing that is not seen or turns text around is in its source, whoever wrote it (R04)', async () => {
    const source = await reportHtml(
      madeReading({ linesEach: 20, spelled: (text) => `${text}\u202e\u0007\u2028\x1b[2J` }),
    );

    expect(source).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\\u001b|\\u0007/);
    expect(source).toContain('VPN tunnels of site 3 dropped⟨U+202E⟩␇⟨U+2028⟩');
  });

  it('the lines of the event come first behind the script, so that they are there while others are read', async () => {
    const reading = madeReading();
    const before = [...reading.lines.at].filter((at) => at < eventAt).length;
    const source = await reportHtml(reading);
    const blocks = [...source.matchAll(/octet-stream" id="b(\d+)"/g)].map(([, id]) => Number(id));

    expect(blocks.length).toBeGreaterThan(3);
    expect(blocks[0]).toBe(Math.floor(before / 2048));
  });

  const wordsOf = (source: string) =>
    [...source.matchAll(/<li class="(\w+)"><span class="sign".*?<\/li>/gs)].map(
      ([li, state]) =>
        `${state} ${li
          .replace(/<[^>]*>/g, '')
          .replace(/\s+/g, ' ')
          .trim()}`,
    );

  it('what is missing comes first, with secrets that were not masked; then what is not whole, then what is to be known', async () => {
    const source = await reportHtml(madeReading({ linesEach: 20, unredacted: true, offsets: [73_000] }), {
      lines: 'none',
    });

    expect(wordsOf(source)).toEqual([
      'missing ✗ secrets were not masked in the texts',
      'missing ✗ ICE04 Techsupport timed out after 20 min',
      'partial ! ICE03 Logs/system.log no line from 10:34:00 to 10:38:00',
      'note i ICE01 clock was 73000 ms ahead',
      expect.stringMatching(/^note i This page holds 0 of [\d\u202f]+ lines: as it was asked for without$/),
      'good ✓ 19 other items of the manifest are whole.',
    ]);
  });

  it('says that all is whole only where nothing is missing, a manifest lists it, and lines were read', async () => {
    const closing = async (reading: Reading) => wordsOf(await reportHtml(reading)).at(-1);
    const whole = madeReading({ linesEach: 20, servers: 3 });
    const nothing = madeReading({ linesEach: 0, servers: 1 });

    expect(await closing(whole)).toMatch(/^good ✓ All 15 items that the manifest lists are here and whole\.$/);
    expect(await closing({ ...nothing, lines: { ...nothing.lines, count: 0 } })).toBe(
      'unknown ? No line of any log could be read.',
    );
    expect(await closing(madeReading({ linesEach: 20, manifest: false }))).toMatch(/^unknown \? No manifest/);
  });

  it('of many remarks some are folded away, and nothing else is', async () => {
    const source = await reportHtml(madeReading({ servers: 20, linesEach: 20, offsets: Array(20).fill(5000) }));
    const [top = '', folded = ''] = source.split('<summary>15 more remarks</summary>');

    expect(wordsOf(top).map((word) => word.split(' ')[0])).toEqual([
      ...['missing', 'partial', 'note', 'note', 'note', 'note', 'note', 'good'],
    ]);
    expect(wordsOf(folded)).toHaveLength(15);
  });

  it('the time of what stopped is named as that of its last line', async () => {
    const reading = madeReading({ linesEach: 50 });
    const [first] = reading.findings;
    if (first === undefined) throw new Error('nothing stands out');
    const source = await reportHtml({ ...reading, findings: [{ ...first, kind: 'stopped' }] });

    expect(source).toContain('</a> <small>the last</small>');
    expect(await reportHtml({ ...reading, findings: [first] })).not.toContain('the last</small>');
  });

  it('lines round what stands out are of its server, each once, and say where its line is', async () => {
    const reading = madeReading();
    const [first] = reading.findings;
    if (first === undefined) throw new Error('nothing stands out');
    const source = await reportHtml({ ...reading, findings: [first, first] });
    const [once = '', again = ''] = source.split('<div class="excerpt">').slice(1);

    expect([once, again].map((text) => text.includes('Its line, and others beside it, are above.'))).toEqual([
      false,
      true,
    ]);
    const ids = [...source.matchAll(/id="l=(\d+)"/g)].map(([, id]) => Number(id) - 1);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...new Set(ids.map((line) => reading.logs[reading.lines.log[line] ?? 0]?.server))]).toEqual([first.server]);
  });

  it('the SHA-256 of the ZIP and of each item stands on it', async () => {
    const reading = madeReading({ linesEach: 20, servers: 1 });
    const source = await reportHtml(reading);

    expect(source).toContain(`SHA-256 <code class="hash" translate="no">${reading.bundle.sha256}</code>`);
    for (const { sha256 } of reading.contents)
      expect(source).toContain(`<small class="hash" translate="no">${sha256}</small>`);
  });
});
