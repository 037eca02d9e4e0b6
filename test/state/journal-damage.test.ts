import { readFileSync } from 'node:fs';
import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry, NewJournalEntry } from '../../src/domain/journal.ts';
import { openJournal } from '../../src/state/journal.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const at = '2026-11-20T09:32:00.000Z';
const now = () => new Date(at);
const origin = 'https://desk.example';
const fixtures = join(projectRoot, 'test', 'fixtures', 'run-of-0.1.0');

/** Its last line is the one that matters most: a request may have left. */
const story: NewJournalEntry[] = [
  { type: 'started', schema: 1, tool: '1', argv: ['collect'], intent: { summary: 'nere – å🔥' } },
  { type: 'collected' },
  { type: 'registering', origin, reference: 'ref-1' },
];
const whole = story.map((entry) => ({ at, ...entry }));

async function written(): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const journal = await openJournal(path, now);
  for (const entry of story) await journal.write(entry);
  return { path, bytes: await readFile(path) };
}

/** What a journal of these bytes is: its entries, or the code of the error. Anything else fails the test. */
async function loaded(path: string, bytes: Buffer): Promise<readonly JournalEntry[] | string> {
  await writeFile(path, bytes);
  return openJournal(path, now).then(
    ({ entries }) => entries,
    (error) => (error.exit === 8 ? error.code : Promise.reject(error)),
  );
}

describe('a journal', () => {
  it('is damaged when any bit of it is another one (G01)', async () => {
    const { path, bytes } = await written();
    const unseen: string[] = [];

    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const found = await loaded(path, flipped);
      if (found !== 'journal-damaged') unseen.push(`bit ${bit & 7} of byte ${bit >> 3}: ${JSON.stringify(found)}`);
    }

    expect(unseen).toEqual([]);
  });

  it('is a beginning of the truth wherever it was cut, and nothing of a line that was never ended (G01)', async () => {
    const { path, bytes } = await written();

    for (let length = 0; length <= bytes.length; length++) {
      const ended = bytes.subarray(0, length).toString('latin1').split('\n').length - 1;
      expect(await loaded(path, bytes.subarray(0, length)), `cut at ${length}`).toEqual(whole.slice(0, ended));
    }
  });

  it('is damaged, or says nothing but what was written, whatever stands in any place of it (G01)', async () => {
    const { path, bytes } = await written();
    const junk = fc.oneof(
      fc.nat(600).map((length) => Buffer.alloc(length)),
      fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array)),
      fc.json().map((json) => Buffer.from(`${json}\n`)),
    );
    const between = fc.tuple(fc.nat(bytes.length), fc.nat(bytes.length)).map((places) => places.sort((a, b) => a - b));

    await fc.assert(
      fc.asyncProperty(junk, between, async (instead, [from = 0, to = 0]) => {
        const found = await loaded(path, Buffer.concat([bytes.subarray(0, from), instead, bytes.subarray(to)]));

        if (typeof found === 'string') expect(found).toBe('journal-damaged');
        else for (const entry of found) expect(whole).toContainEqual(entry);
      }),
      { numRuns: 2000 },
    );
  });

  it('is damaged when the end of its last line is gone behind something else (G01)', async () => {
    const { path, bytes } = await written();
    const body = bytes.subarray(0, -1);

    expect(await loaded(path, Buffer.concat([body, Buffer.alloc(512)]))).toBe('journal-damaged');
    expect(await loaded(path, Buffer.concat([body, Buffer.from(' {"at":"')]))).toBe('journal-damaged');
    expect(await loaded(path, Buffer.concat([bytes, Buffer.alloc(512)]))).toEqual(whole);
  });

  it('is refused as a newer one when its line is whole and says what nobody knows here (G12)', async () => {
    const { path } = await written();
    const later = { type: 'escalated', to: 'tier 3' } as unknown as NewJournalEntry;
    const second = { ...story[0], schema: 2 } as unknown as NewJournalEntry;

    for (const entry of [later, second]) {
      await (await openJournal(path, now)).write(entry);
      const bytes = await readFile(path);
      expect(await loaded(path, bytes)).toBe('journal-newer');
      expect(await readFile(path)).toEqual(bytes);
      await writeFile(path, '');
    }
  });

  it.each([
    'journal.jsonl',
    'journal-attached.jsonl',
  ])('of icepack 0.1.0 is read and written on: %s (G12)', async (name) => {
    const old = readFileSync(join(fixtures, name), 'utf8');
    const path = join(await temporaryFolder(), name);
    await writeFile(path, old);

    await (await openJournal(path, now)).write({ type: 'collected' });

    const lines = old.trim().split('\n');
    const { entries } = await openJournal(path, now);
    expect(entries).toEqual([...lines.map((line) => JSON.parse(line)), { at, type: 'collected' }]);
    expect(await readFile(path, 'utf8')).toMatch(/"type":"collected","sum":"[0-9a-f]{8}"\}\n$/);
  });

  it('is neither read nor cut nor written where a link lies in its place (G05)', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'journal.jsonl');
    const canary = join(folder, 'canary');
    await writeFile(canary, `${JSON.stringify(whole[1])}\nan end that is missing`);
    const journal = await openJournal(path, now);
    await symlink(canary, path);

    await expect(openJournal(path, now)).rejects.toMatchObject({ code: 'local-write', exit: 8 });
    await expect(journal.write({ type: 'collected' })).rejects.toMatchObject({ code: 'local-write', exit: 8 });

    expect(await readFile(canary, 'utf8')).toMatch(/an end that is missing$/);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it('keeps what another process wrote behind its cut last line (G01)', async () => {
    const { path, bytes } = await written();
    await writeFile(path, bytes.subarray(0, -4));
    const [one, other] = [await openJournal(path, now), await openJournal(path, now)];

    await one.write({ type: 'not-registered', reason: 'one' });
    await other.write({ type: 'not-registered', reason: 'other' });

    const { entries } = await openJournal(path, now);
    expect(entries).toMatchObject([...whole.slice(0, 2), { reason: 'one' }, { reason: 'other' }]);
  });
});
