import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latest, type NewJournalEntry } from '../../src/domain/journal.ts';
import { openJournal } from '../../src/state/journal.ts';
import { temporaryFolder } from '../support/rig.ts';

const at = '2026-11-20T09:32:00.000Z';
const now = () => new Date(at);
const origin = 'https://desk.example';
const sha256 = 'a'.repeat(64);

const story: NewJournalEntry[] = [
  {
    type: 'started',
    schema: 1,
    tool: '0.1.0',
    argv: ['collect', 'east', '--summary', 'VPN nere – åäö 🔥'],
    intent: { summary: 'VPN nere – åäö 🔥', severity: 'high', answers: { frequency: 'ofta\nvarje dag' } },
  },
  { type: 'collected' },
  { type: 'drafted', origin, draft: { reference: 'ref-1', subject: 'VPN nere', body: 'åäö', severity: 'high' } },
  { type: 'registering', origin, reference: 'ref-1' },
  { type: 'not-registered', reason: 'HTTP 400' },
  { type: 'registering', origin, reference: 'ref-1' },
  { type: 'registered', origin, id: '1', key: 'TIC-1', url: `${origin}/1`, created: true },
  { type: 'bundled', name: 'TIC-1_Event1_20261120_1032.zip', bytes: 12, sha256, event: 1, ticket: 'TIC-1' },
  { type: 'attaching', id: '1', name: 'TIC-1_Event1_20261120_1032.zip', sha256 },
  { type: 'attached', id: '1', name: 'TIC-1_Event1_20261120_1032.zip', sha256 },
  { type: 'announced', id: '1', name: 'TIC-1_Event1_20261120_1032.zip', sha256 },
];
const whole = story.map((entry) => ({ at, ...entry }));

async function written(): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const journal = await openJournal(path, now);
  for (const entry of story) await journal.write(entry);
  return { path, bytes: await readFile(path) };
}

describe('a journal', () => {
  it('is empty where nothing was written', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');

    const journal = await openJournal(path, now);

    expect(journal.entries).toEqual([]);
  });

  it('has every entry again when it is opened again, in order and with its time', async () => {
    const { path } = await written();

    const journal = await openJournal(path, now);

    expect(journal.entries).toEqual(whole);
  });

  it('has an entry on the disk when the writing returns, as a line of its own', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');
    const journal = await openJournal(path, now);

    for (const [index, entry] of story.entries()) {
      await journal.write(entry);

      const lines = (await readFile(path, 'utf8')).split('\n');
      expect(lines).toHaveLength(index + 2);
      expect(JSON.parse(lines[index] ?? '')).toEqual({ ...whole[index], sum: expect.stringMatching(/^[0-9a-f]{8}$/) });
      expect(journal.entries).toHaveLength(index + 1);
    }
  });

  it('is nobody else’s to read', async () => {
    const { path } = await written();

    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('finds the newest entry of a kind', async () => {
    const { path } = await written();

    const journal = await openJournal(path, () => new Date('2026-11-20T10:00:00Z'));
    await journal.write({ type: 'registering', origin, reference: 'ref-2' });

    expect(latest(journal, 'registering')).toMatchObject({ reference: 'ref-2', at: '2026-11-20T10:00:00.000Z' });
    expect(latest(journal, 'registered')).toMatchObject({ key: 'TIC-1' });
    expect(latest({ entries: [] }, 'registered')).toBeUndefined();
  });

  it('does not remember an entry that could not be written', async () => {
    const journal = await openJournal(join(await temporaryFolder(), 'missing', 'journal.jsonl'), now);

    await expect(journal.write({ type: 'collected' })).rejects.toMatchObject({ code: 'local-write', exit: 8 });

    expect(journal.entries).toEqual([]);
  });
});

describe('a journal whose writing was cut off', () => {
  it('is what was whole before, wherever it was cut, and can be written on', async () => {
    const { path, bytes } = await written();
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1);

    for (let length = 0; length <= bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      const survived = ends.filter((end) => end <= length).length;

      const journal = await openJournal(path, now);
      expect(journal.entries, `cut at ${length}`).toEqual(whole.slice(0, survived));
    }
  });

  it('is readable after the next write, wherever it was cut', async () => {
    const { path, bytes } = await written();
    const next: NewJournalEntry = { type: 'not-registered', reason: 'written after the cut' };

    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        await writeFile(path, bytes.subarray(0, length));
        const first = await openJournal(path, now);
        const survived = [...first.entries];

        await first.write(next);

        const { entries } = await openJournal(path, now);
        expect(entries).toEqual([...survived, { at, ...next }]);
        expect(first.entries).toEqual(entries);
      }),
      { numRuns: 150 },
    );
  });

  it('is what was whole before when its end is zeroes, as after a power failure', async () => {
    const { path, bytes } = await written();
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(512)]));

    const journal = await openJournal(path, now);

    expect(journal.entries).toEqual(whole);
  });
});

describe('a damaged journal', () => {
  it.each([
    ['no JSON', 'rubbish'],
    ['half a line', '{"type":"registering","at":"2026'],
    ['JSON of another shape', '[]'],
    ['nothing', 'null'],
    ['an entry of a newer icepack', '{"type":"escalated","at":"2026-11-20T09:32:00.000Z"}'],
    ['an entry that lacks something', '{"type":"registered","at":"2026-11-20T09:32:00.000Z","id":"1"}'],
    ['a value of another type', '{"type":"collected","at":12}'],
    ['another schema', '{"type":"started","schema":2,"at":"x","tool":"9","argv":[],"intent":{}}'],
    ['zeroes', '\0\0\0\0'],
  ])('is refused, and its line is named: %s', async (_what, damaged) => {
    const { path, bytes } = await written();
    const lines = bytes.toString().split('\n');
    lines.splice(3, 1, damaged);
    await writeFile(path, lines.join('\n'));

    const opening = openJournal(path, now);

    await expect(opening).rejects.toMatchObject({
      code: 'journal-damaged',
      exit: 8,
      message: expect.stringContaining(`${path}:4`),
    });
    expect(await readFile(path, 'utf8')).toBe(lines.join('\n'));
  });

  it('is an error, not an empty one, when it cannot be read', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');
    await mkdir(path);

    await expect(openJournal(path, now)).rejects.toThrow();
  });
});
