import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaptureRecord } from '../../src/domain/capture.ts';
import { type CaptureStore, openCaptureStore } from '../../src/state/captures.ts';
import { temporaryFolder } from '../support/rig.ts';

const at = new Date('2026-11-20T09:02:00Z');
const making = { type: 'making', server: 'ice01', face: 'cli', folder: 'techsupport' } as const;

async function store() {
  const state = join(await temporaryFolder(), 'state');
  return { state, ring: join(state, 'captures', 'ice01'), captures: openCaptureStore(state, () => new Date()) };
}

function recordOf(id: string, started = at): CaptureRecord {
  const server = { name: 'ice01', id: 1, address: '192.0.2.1', ports: { cli: 22, hostOs: 2222 } };
  const time = started.toISOString();
  const tool = { name: 'icepack', version: '1' };
  return { schema: 1, id, tool, server, started: time, ended: time, zone: 'UTC', clock: null, versions: {}, items: [] };
}

/** Makes a whole capture. @returns its id */
async function captured(captures: CaptureStore, started = at): Promise<string> {
  const unfinished = await captures.begin('ice01', started);
  await unfinished.commit(recordOf(unfinished.id, started));
  return unfinished.id;
}

const idsOf = async (captures: CaptureStore) => (await captures.ring('ice01')).captures.map(({ id }) => id);

describe('the ring of a server', () => {
  it('gives each capture a number of its own: in one minute, beside one that is cut, and when the clock was set back (Q06)', async () => {
    const { captures } = await store();

    const first = await captured(captures);
    const cut = await captures.begin('ice01', at);
    const begun = await Promise.all([captures.begin('ice01', at), captures.begin('ice01', at)]);
    const later = await captured(captures, new Date('2025-01-01T00:00:00Z'));

    const ids = [first, cut.id, ...begun.map(({ id }) => id).sort(), later];
    expect(ids.map((id) => id.slice(0, 6))).toEqual(['000001', '000002', '000003', '000004', '000005']);
    expect(await idsOf(captures)).toEqual([first, later]);
    expect((await captures.unfinished('ice01')).map(({ id }) => id)).toEqual(ids.slice(1, 4));
  });

  it('has no capture without its record, or with that of another; they are left alone and named (Q02, Q06)', async () => {
    const { captures, ring, state } = await store();
    const id = await captured(captures);
    const [bare, other, linked] = ['000007-20261120T0902Z', '000008-20261120T0902Z', '000009-20261120T0902Z'];
    for (const name of [bare, other, linked]) mkdirSync(join(ring, name));
    writeFileSync(join(ring, other, 'capture.json'), JSON.stringify(recordOf(id)));
    writeFileSync(join(state, 'capture.json'), JSON.stringify(recordOf(linked)));
    symlinkSync(join(state, 'capture.json'), join(ring, linked, 'capture.json'));

    const elsewhere = join(state, '000006-20261120T0902Z');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'capture.json'), JSON.stringify(recordOf('000006-20261120T0902Z')));
    symlinkSync(elsewhere, join(ring, '000006-20261120T0902Z'));

    const { captures: found, strangers } = await captures.ring('ice01');

    expect(found.map((capture) => capture.id)).toEqual([id]);
    expect(strangers.sort()).toEqual(['000006-20261120T0902Z', bare, other, linked].map((name) => join(ring, name)));
  });

  it('is none where its folder is a link, or the name of a capture leads out of it (Q06)', async () => {
    const { captures, state, ring } = await store();
    const id = await captured(captures);
    symlinkSync(ring, join(state, 'captures', 'ice02'));

    await captures.remove('ice01', '../ice01');
    await captures.remove('ice01', '.');

    expect(await captures.ring('ice02')).toEqual({ captures: [], strangers: [] });
    expect(await captures.servers()).toEqual(['ice01']);
    expect(await captures.strangers()).toEqual([join(state, 'captures', 'ice02')]);
    expect(readdirSync(ring)).toEqual([id]);
  });
});

describe('a capture that was cut', () => {
  it('loses its files at once, and its journal only when nothing is left on the server (Q02)', async () => {
    const { captures } = await store();
    const cut = await captures.begin('ice01', at);
    await cut.journal.write(making);
    writeFileSync(join(cut.folder, 'half.tsf'), 'half');

    await cut.discard();
    const left = readdirSync(cut.folder);
    await cut.journal.write({ type: 'gone', server: 'ice01', face: 'cli', folder: 'techsupport' });
    await cut.discard();

    expect(left).toEqual(['journal.jsonl']);
    expect(existsSync(cut.folder)).toBe(false);
  });

  it('and has a journal that cannot be read is named: nobody knows what it left on the server (Q02)', async () => {
    const { captures } = await store();
    const cut = await captures.begin('ice01', at);
    await cut.journal.write(making);
    expect((await captures.ring('ice01')).strangers).toEqual([]);
    writeFileSync(join(cut.folder, 'journal.jsonl'), 'no line of a journal\n');

    expect((await captures.ring('ice01')).strangers).toEqual([cut.folder]);
    expect(await captures.unfinished('ice01')).toEqual([]);
  });
});
