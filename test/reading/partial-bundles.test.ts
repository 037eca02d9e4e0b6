import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/reading/read-bundle.ts';
import type { Reading } from '../../src/reading/reading.ts';
import { type Incident, makeIncident } from '../support/incident-maker.ts';
import { layoutFor, openedFolder } from '../support/opened.ts';
import { memoryBundle, oneServer, stamped, system } from './memory-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-partial-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let whole: Incident;
let byHand: Incident;
beforeAll(async () => {
  whole = await makeIncident(join(folder, 'whole'), { lines: 1500, isWhole: true });
  byHand = await makeIncident(join(folder, 'by-hand'), { lines: 1500, isByHand: true });
});

function read(incident: Incident, without?: RegExp): Promise<Reading> {
  return readBundle(openedFolder(incident, without), { layout: layoutFor(incident) });
}

const told = ({ missing }: Reading) =>
  missing.map(({ state, server, what, text }) => `${state} ${server ?? '-'} ${what}: ${text}`);

describe('bundles that are not whole', () => {
  it('have nothing missing where nothing is, only what is to be known of clocks', async () => {
    expect(told(await read(whole))).toEqual([
      'note 1 clock: was 73.0 s ahead (± 0.07 s): corrected here, raw in the files',
      'note 2 clock: was 4.2 s behind (± 0.07 s): corrected here, raw in the files',
      'note 3 clock: was 1.5 s ahead (± 0.07 s): corrected here, raw in the files',
    ]);
  });

  it('name a log that is gone, and draw that nothing of it is known (R07)', async () => {
    const reading = await read(whole, /ICE02.*system\.log/);

    expect(told(reading)).toContain('missing 1 Logs/system.log: named in manifest.json, but not in the bundle');
    expect(reading.logs).toHaveLength(11);
    const absent = reading.markers.filter(({ kind }) => kind === 'not-collected');
    expect(absent).toMatchObject([{ server: 1, text: 'system.log was not collected: it is not in the bundle' }]);
  });

  it('an absent log never reads as all fine: a server without logs is not collected, not silent (R07)', async () => {
    const reading = await read(whole, /ICE02.*Logs/);
    const own = reading.markers.filter(({ server }) => server === 1);

    expect(told(reading)[0]).toBe(
      'missing 1 Logs/audit.log, debug.log, system.log, errors/4711.err: named in manifest.json, but not in the bundle',
    );
    expect(own).toMatchObject([
      {
        kind: 'not-collected',
        at: whole.window.since,
        until: whole.window.until,
        text: 'no log of this server was collected',
      },
    ]);
  });

  it('an absent log never reads as all fine: one that failed is told with its reason, over its whole window (R07)', async () => {
    const bundle = openedFolder(whole, /ICE01.*system\.log/);
    const manifest = structuredClone(bundle.manifest);
    const item = manifest?.servers[0]?.items.find(({ path }) => path === system);
    Object.assign(item ?? {}, { status: 'failed', reason: 'permission denied', coverage: undefined, bytes: undefined });
    const reading = await readBundle({ ...bundle, manifest }, { layout: layoutFor(whole) });

    expect(told(reading)).toContain('missing 0 Logs/system.log: permission denied');
    expect(reading.markers).toContainEqual({
      ...{ kind: 'not-collected', server: 0, log: undefined, at: whole.window.since, until: whole.window.until },
      ...{ isOfOneLog: true, text: 'system.log was not collected: permission denied' },
    });
  });

  it('tell nothing as not collected that was not asked for, or is not written', async () => {
    const bundle = openedFolder(whole, /ICE01.*system\.log/);
    const manifest = structuredClone(bundle.manifest);
    const item = manifest?.servers[0]?.items.find(({ path }) => path === system);
    const skipped = { status: 'skipped', reason: 'left out by --skip', coverage: undefined, bytes: undefined };
    Object.assign(item ?? {}, skipped);
    const reading = await readBundle({ ...bundle, manifest }, { layout: layoutFor(whole) });

    expect(reading.markers.filter(({ kind }) => kind === 'not-collected')).toEqual([]);
    expect(told(reading)).toContain('note 0 Logs/system.log: skipped: left out by --skip');
  });

  it('say all that the guide expects where all is missing and there is no manifest (R07)', async () => {
    const reading = await read(byHand, /./);

    expect(reading.lines.count).toBe(0);
    expect(told(reading).filter((text) => text.startsWith('missing'))).toHaveLength(12);
    expect(reading.markers.filter(({ kind }) => kind === 'not-collected')).toHaveLength(4);
    expect(told(reading)).toContain(
      'note - manifest.json: there is none: what was not collected and how far clocks were ahead is not known',
    );
  });

  it('read a bundle made by hand with its own clocks, and claim nothing of what it does not show (R07)', async () => {
    const reading = await read(byHand);

    expect(reading.clocks).toEqual([null, null, null, null]);
    expect(reading.logs.every(({ isOnCommonClock }) => !isOnCommonClock)).toBe(true);
    expect(told(reading)).toContain('missing 3 Techsupport/: nothing of it is in the bundle');
    expect(
      told(reading).some((text) =>
        /^note 3 Logs\/debug\.log: goes from 10:1\d:\d\d to .* only, whether there was more is not known$/.test(text),
      ),
    ).toBe(true);
  });

  it('say that a log is empty, bears no times, or ends half way (R07)', async () => {
    const texts = {
      [system]: '',
      'Logs/audit.log': 'no time here\nnor here\n',
      'Logs/debug.log': stamped(['begins', 'ends']),
    };
    const reading = await readBundle(memoryBundle(texts), { layout: oneServer });

    expect(told(reading)).toContain('note 0 Logs/system.log: is empty: that says nothing of what happened');
    expect(told(reading)).toContain(
      'note 0 Logs/audit.log: no line bears a time that is understood: its lines stand at the beginning',
    );
    expect(told(reading)).toContain(
      'note 0 Logs/debug.log: goes from 10:02:00 to 10:02:01 only, whether there was more is not known',
    );
    expect(reading.lines.count).toBe(4);
  });

  it('say that there is no server where there is none', async () => {
    const reading = await readBundle(memoryBundle({ [system]: stamped(['lost']) }), {
      layout: { ...oneServer, servers: [] },
    });

    expect(told(reading)[0]).toBe('missing - servers: no folder of a server is in the bundle');
  });

  it('make no message new where nothing is known of the time before', async () => {
    const at = (oneServer.event?.at.getTime() ?? 0) - 60_000;
    const reading = await readBundle(memoryBundle({ [system]: stamped(['begins', 'ends'], at) }), {
      layout: oneServer,
    });

    expect(reading.findings).toEqual([]);
  });

  it('say so where a log lies whole hours beside the window: its zone may be another one (R05)', async () => {
    const messages = Array.from({ length: 3590 }, () => 'steady');
    const at = (oneServer.event?.window.since.getTime() ?? 0) + 3_600_000;
    const reading = await readBundle(memoryBundle({ [system]: stamped(messages, at) }), { layout: oneServer });

    expect(told(reading)).toContain(
      'note 0 Logs/system.log: its times are 1 h behind the window, as of another zone than UTC; they are shown as they are',
    );
  });

  it('make nothing stopped where the log itself ended, and nothing one of its kind where there is no other server', async () => {
    const ended = stamped(Array.from({ length: 100 }, () => 'a message that was there before'));
    const steady = stamped(Array.from({ length: 3590 }, () => 'steady'));
    const reading = await readBundle(memoryBundle({ [system]: ended, 'Logs/audit.log': steady }), {
      layout: oneServer,
    });

    expect(reading.findings).toEqual([]);
  });

  it('take a number at the head of a line for no time where it is far from the event', async () => {
    const text = `${stamped(['first'])}1234567890 items\n${stamped(['last'])}`;
    const { lines } = await readBundle(memoryBundle({ [system]: text }), { layout: oneServer });

    expect([...lines.isContinued]).toEqual([0, 1, 0]);
  });

  it('have servers side by side, and the state before the event beside the one now', async () => {
    const made = await makeIncident(join(folder, 'states'), { lines: 500, isCaptured: true });
    const { facts, before } = await read(made);
    const memory = facts.find(({ group, name }) => group === 'vm' && name.includes('memory'));

    expect(memory).toMatchObject({ cells: ['16 GB', '16 GB', '8 GB', '16 GB'], differs: [2] });
    expect(before).toMatchObject([{ server: 0, captured: { id: '20261120T0902Z', beforeEventMs: 1_800_000 } }]);
  });

  it('list every file with what the manifest says, and what is not there', async () => {
    const made = await makeIncident(join(folder, 'contents'), { lines: 500 });
    const { contents } = await read(made);
    const of = (end: string) => contents.find(({ path }) => path.endsWith(end));

    expect(of('ICE01_20261120_1032/Logs/audit.log')).toMatchObject({
      server: 0,
      status: 'ok',
      source: 'logs/audit.log',
      masked: 1,
    });
    expect(contents.find(({ status }) => status === 'failed')).toMatchObject({
      server: 3,
      reason: 'timed out after 20 min',
      bytes: undefined,
    });
  });
});
