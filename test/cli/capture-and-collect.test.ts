import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/domain/manifest.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';
import { age, capturesIn, recordOf, ringOf, techsupportOn, timer } from '../support/ring.ts';

const minute = 60_000;
const collect = ['collect', '--batch', '--no-submit', '--skip', 'logs,config', '--json', '--at'];

/** What a bundle has of captures. */
const precaptured = (items: Item[]) => items.filter(({ path }) => path.includes('/precapture_'));

/** A capture that is in the middle of techsupport. */
async function captureInTechsupport(rig: Rig) {
  const run = startRun(rig, timer);
  const isMaking = () =>
    existsSync(ringOf(rig)) &&
    readdirSync(ringOf(rig)).some((name) => {
      const journal = join(ringOf(rig), name, 'journal.jsonl');
      return name.endsWith('.partial') && existsSync(journal) && readFileSync(journal, 'utf8').includes('making');
    });
  await until(isMaking);
  return run;
}

describe('collect takes of the ring', () => {
  it('the last capture before the event and the first after it, each file as it was captured', async () => {
    const rig = await startRig();
    for (const ago of [40, 30, 10, 5]) {
      await rig.icepack(timer);
      age(rig, ago * minute);
    }

    const done = await rig.icepack([...collect, '-20m']);

    const [before, after] = capturesIn(rig).slice(1, 3);
    const items: Item[] = done.json().servers[0].items;
    expect(done.code).toBe(0);
    expect(new Set(precaptured(items).map(({ capture }) => capture?.id))).toEqual(new Set([before, after]));
    expect(precaptured(items)).toHaveLength(6);
    const [taken] = precaptured(items);
    expect(taken?.path).toMatch(/^Techsupport\/precapture_\d{8}_\d{4}\/techsupport_\d+\.tsf$|\/[a-z-]+\.txt$/);
    expect(taken?.reason).toMatch(/^captured 10 min before the event, /);
    expect(taken?.sha256).toBe(
      recordOf(rig, before ?? '').items.find(({ path }) => path.endsWith(taken?.path.split('/').at(-1) ?? '-'))?.sha256,
    );
  });

  it('none that is older than a day, which is said; with --capture any it does, with --no-capture none', async () => {
    const rig = await startRig();
    await rig.icepack(timer);
    age(rig, 30 * 60 * minute);

    const near = await rig.icepack([...collect, '-20m']);
    const any = await rig.icepack([...collect, '-20m', '--capture', 'any']);
    const none = await rig.icepack([...collect, '-20m', '--no-capture']);

    const found = [near, any, none].map((run) => precaptured(run.json().servers[0].items).length);
    expect(found).toEqual([0, 3, 0]);
    expect(near.stderr).toMatch(/the last capture of ICE01 began 29 h 40 min before the event: it is left out/);
    expect(none.stderr).not.toContain('the last capture');
    expect([near.code, any.code, none.code]).toEqual([0, 0, 0]);
  });

  it('no file that was changed in the ring, and says so', async () => {
    const rig = await startRig();
    await rig.icepack(timer);
    age(rig, 30 * minute);
    const [id = ''] = capturesIn(rig);
    writeFileSync(join(ringOf(rig), id, 'CLI', 'transcript.txt'), 'somebody else was here\n');

    const done = await rig.icepack([...collect, '-20m']);

    const items = precaptured(done.json().servers[0].items);
    const changed = items.find(({ path }) => path.endsWith('transcript.txt'));
    expect(changed).toMatchObject({ status: 'skipped', reason: 'it was changed since it was captured' });
    expect(changed?.sha256).toBeUndefined();
    expect(items.filter(({ status }) => status === 'ok')).toHaveLength(2);
    expect(done.stderr).toContain('it was changed since it was captured');
    expect(done.code).toBe(0);
  });
});

describe('collect during a capture', () => {
  it('that runs techsupport takes it over as its own, where it began after the event (Q01)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 2500, bytes: 20_000 } });
    const capture = await captureInTechsupport(rig);

    const done = await rig.icepack([...collect, '-20m']);
    const captured = await capture.ended;

    const items: Item[] = done.json().servers[0].items;
    const own = items.filter(({ path }) => /^Techsupport\/[^/]+$/.test(path));
    expect([done.code, captured.code]).toEqual([0, 0]);
    expect(captured.stderr + captured.stdout).toBe('');
    expect(own).toMatchObject([{ status: 'ok', capture: { id: capturesIn(rig)[0] } }]);
    expect(precaptured(items)).toEqual([]);
    expect(techsupportOn(rig)).toEqual([]);
  });

  it('that runs techsupport waits for it, where it began before the event, and makes its own (Q01)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 1500, bytes: 20_000 } });
    const capture = await captureInTechsupport(rig);

    const done = await rig.icepack([...collect, new Date(Date.now() + 1000).toISOString()]);
    const captured = await capture.ended;

    const items: Item[] = done.json().servers[0].items;
    const own = items.filter(({ path }) => /^Techsupport\/[^/]+$/.test(path));
    expect([done.code, captured.code], done.stderr).toEqual([0, 0]);
    expect(own).toHaveLength(1);
    expect(own[0]?.capture).toBeUndefined();
    expect(precaptured(items).map(({ capture }) => capture?.id)).toEqual(Array(3).fill(capturesIn(rig)[0]));
    expect(techsupportOn(rig)).toEqual([]);
  });

  it('that is before techsupport has the server at once; the capture ends in silence and leaves nothing (Q01)', async () => {
    const rig = await startRig({ replies: { slow: 'hang' } });
    const commandsAre = (...commands: string[]) =>
      rig.configure((document) => {
        document.cliCommands = commands;
      });
    await commandsAre('slow');
    const capture = startRun(rig, timer);
    await until(() => existsSync(join(ringOf(rig), 'at-work.json')));
    await commandsAre('log -status');

    const done = await rig.icepack([...collect, '-20m']);
    const captured = await capture.ended;

    expect([done.code, captured.code], done.stderr).toEqual([0, 0]);
    expect(captured.stderr + captured.stdout).toBe('');
    expect(readdirSync(ringOf(rig))).toEqual([]);
    expect(techsupportOn(rig)).toEqual([]);
  });

  it('a capture that is killed while it hands over costs nothing, and leaves nothing on the server (Q01, Q02)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 4000, bytes: 20_000 } });
    const capture = await captureInTechsupport(rig);
    const collecting = startRun(rig, [...collect, '-20m']);
    await until(() => readFileSync(join(ringOf(rig), 'at-work.json'), 'utf8').includes('handsOver'));
    capture.kill('SIGKILL');

    const done = await collecting.ended;
    await capture.ended;

    expect(done.code, done.stderr).toBe(0);
    expect(capturesIn(rig)).toEqual([]);
    await rig.icepack(timer);
    expect(readdirSync(ringOf(rig)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(techsupportOn(rig)).toEqual([]);
  });

  it('a capture leaves a server alone at which a run is at work (Q01, Q03)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 2500, bytes: 20_000 } });
    const collecting = startRun(rig, ['collect', '--batch', '--no-submit', '--at', '-45m']);
    await until(() => collecting.said().includes('techsupport'));

    const captured = await rig.icepack(timer);
    const done = await collecting.ended;

    expect(captured).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(done.code).toBe(0);
    expect(capturesIn(rig)).toEqual([]);
  });
});
