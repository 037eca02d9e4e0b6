import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';

/** As a timer runs it, without its delay. */
const timer = ['capture', '--all', '--batch', '--jitter', '0'];

const ringOf = (rig: Rig, server: string) => join(rig.folder, '.local', 'state', 'icepack', 'captures', server);
const capturesIn = (rig: Rig, server: string) => readdirSync(ringOf(rig, server)).filter((name) => /^\d/.test(name));

describe('a capture', () => {
  it('is silent, whole and private, and leaves nothing on the server', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const done = await rig.icepack(timer);

    expect(done).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const [id = ''] = capturesIn(rig, 'ice01');
    expect(id).toMatch(/^000001-\d{8}T\d{4}Z$/);
    const folder = join(ringOf(rig, 'ice01'), id);
    expect(readdirSync(folder).sort()).toEqual(['CLI', 'Techsupport', 'VM', 'capture.json']);
    const { items, server } = JSON.parse(readFileSync(join(folder, 'capture.json'), 'utf8'));
    expect(server).toMatchObject({ name: 'ice01', address: '127.0.0.1' });
    expect(items.map(({ collector, status }: { collector: string; status: string }) => [collector, status])).toEqual([
      ['vm', 'ok'],
      ['cli', 'ok'],
      ['techsupport', 'ok'],
    ]);
    expect([...(rig.mock.appliances[0]?.trees.cli.files.keys() ?? [])].filter((path) => /tsf$/.test(path))).toEqual([]);
    expect(readdirSync(ringOf(rig, 'ice01')).sort()).toEqual([id]);
  });
});
