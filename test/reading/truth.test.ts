import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/reading/read-bundle.ts';
import type { Reading } from '../../src/reading/reading.ts';
import { countsOf, type Incident, type IncidentOptions, makeIncident, orderOf } from '../support/incident-maker.ts';
import { layoutFor, openedFolder } from '../support/opened.ts';
import { standingOut } from './standing-out.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

async function incident(options: IncidentOptions): Promise<{ truth: Incident; reading: Reading }> {
  const truth = await makeIncident(join(folder, String(made++)), options);
  return { truth, reading: await readBundle(openedFolder(truth), { layout: layoutFor(truth) }) };
}

function readOrder({ lines, logs }: Reading) {
  return Array.from({ length: lines.count }, (_, line) => ({
    log: `${logs[lines.log[line] ?? 0]?.path}:${lines.number[line]}`,
    at: lines.at[line],
    raw: (lines.at[line] ?? 0) + (lines.rawOffset[line] ?? 0),
    isContinued: lines.isContinued[line],
    severity: lines.severity[line],
  }));
}

function trueOrder({ logs }: Incident) {
  return orderOf(logs).map(({ log, number, at }) => {
    const { path, known } = logs[log] ?? { path: '', known: undefined };
    const [raw, isContinued, severity] = [
      known?.raw[number - 1],
      known?.isContinued[number - 1],
      known?.level[number - 1],
    ];
    return { log: `${path}:${number}`, at, raw, isContinued, severity };
  });
}

async function textsOf({ lines }: Reading): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of lines.texts()) texts.push(...batch);
  return texts;
}

describe('a bundle whose truth is known', () => {
  it.each([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ])('is read in its order, with its times and severities, seed %i (R05)', async (seed) => {
    const options = { isHostile: seed % 2 === 0, isExported: seed % 3 === 0, setBackMs: seed % 4 === 0 ? 900_000 : 0 };
    const { truth, reading } = await incident({ seed, lines: 1500, ...options });

    expect(readOrder(reading)).toEqual(trueOrder(truth));
  });

  it.each([1, 2, 3])('stands out in what counting says, and in nothing else, seed %i', async (seed) => {
    const { truth, reading } = await incident({ seed, lines: 4000 });
    const found = reading.findings.flatMap(({ kind, template, server, severity, before, round, after, also }) => [
      { kind, template, server, severity, before, round, after },
      ...also.map((other) => ({ kind, template, server: other.server })),
    ]);

    expect(reading.moreFindings).toBe(0);
    const named = (each: { kind: string; template: string; server: number }) =>
      `${each.kind} ${each.template} ${each.server}`;
    const expected = standingOut(truth);
    expect(found.map(named).sort()).toEqual(expected.map(named).sort());
    for (const { also: _also, ...own } of reading.findings) {
      const right = expected.find((each) => named(each) === named(own));
      expect(own).toMatchObject(right ?? {});
    }
  });

  it('puts first what is gravest and new, and names its first line', async () => {
    const { reading } = await incident({ seed: 1, lines: 20_000, styles: ['level behind the time'] });
    const [first, second] = reading.findings;
    const texts = await textsOf(reading);

    expect(first).toMatchObject({
      kind: 'new',
      template: 'connection to peer # lost: timeout after # ms',
      server: 1,
      also: [{ server: 0, count: 10 }],
    });
    expect(second).toMatchObject({ kind: 'new', template: 'System exception occurred, report #.err', round: 3 });
    expect(second?.counting).toBe('3 times from 10:30 to 10:37, never in the 28 min before');
    expect(texts[first?.line ?? 0]).toMatch(
      /ERROR system\[\d+\]: connection to peer ICE\d+ lost: timeout after \d+ ms$/,
    );
    expect(reading.findings.some(({ template }) => template.includes('Link'))).toBe(false);
  });

  it('has a marker for what happened, at its line, and icepack tells its own work apart', async () => {
    const { truth, reading } = await incident({
      seed: 4,
      lines: 4000,
      styles: ['brackets', 'JSON lines', 'BSD syslog with a priority'],
    });
    const told = truth.logs.flatMap(({ marks, path }) =>
      marks.map(({ kind, number, at }) => `${kind} ${path}:${number} ${at}`),
    );
    const failures = told.filter((text) => text.startsWith('failed-login'));
    const found = reading.markers.flatMap(({ kind, line, at }) => {
      if (line === undefined) return [];
      const { lines, logs } = reading;
      return [`${kind} ${logs[lines.log[line] ?? 0]?.path}:${lines.number[line]} ${at}`];
    });

    expect(failures).toHaveLength(6);
    expect(found.sort()).toEqual(told.filter((text) => !failures.slice(1).includes(text)).sort());
    const texts = (kind: string) => reading.markers.filter((marker) => marker.kind === kind).map(({ text }) => text);
    expect(texts('failed-login')[0]).toMatch(
      /^6 failed logins from 10:29:\d\d to 10:29:\d\d, the first: login of guest/,
    );
    expect(texts('exception')[0]).toBe('System exception occurred, report 4711.err (errors/4711.err)');
    expect(texts('change')).toEqual(['configuration activated by admin from 192.0.2.9']);
  });

  it('tells silence from what was not collected', async () => {
    const { truth, reading } = await incident({ seed: 1, lines: 20_000 });
    const [silence, ...others] = reading.markers.filter(({ kind }) => kind === 'silence');
    const [known] = truth.silences;
    const lost = reading.markers.filter(({ kind }) => kind === 'not-collected');

    expect(others).toEqual([]);
    expect({ server: silence?.server, log: reading.logs[silence?.log ?? 0]?.name }).toEqual({
      server: known?.server,
      log: known?.log,
    });
    expect(silence?.at).toBeLessThanOrEqual(known?.since ?? 0);
    expect(silence?.until).toBeGreaterThanOrEqual(known?.until ?? 0);
    expect(silence?.text).toMatch(
      /^no line of system\.log from 10:3\d:\d\d to 10:38:\d\d .*audit\.log, debug\.log went on$/,
    );
    expect(lost).toMatchObject([{ server: 3, at: truth.window.since, until: truth.at - 15 * 60_000 }]);
  });

  it('is counted by step and server as it is', async () => {
    const { truth, reading } = await incident({ seed: 2, lines: 3000, isHostile: true });
    const sums = reading.density.counts.map((server) =>
      server.map((steps) => steps.reduce((sum, count) => sum + count, 0)),
    );

    expect(sums).toEqual(countsOf(truth.logs));
    expect(reading.density.stepMs).toBe(1000);
  });

  it('shows the texts of its lines in that order, and hostile ones without their weapons (R01, R03, R04)', async () => {
    const { truth, reading } = await incident({ seed: 1, lines: 1500, isHostile: true, setBackMs: 900_000 });
    const texts = await textsOf(reading);
    const sources = truth.logs.map(({ path }) => readFileSync(join(truth.folder, path), 'utf8').split('\n'));
    const expected = orderOf(truth.logs).map(({ log, number }) => {
      const shown = truth.logs[log]?.shown.get(number);
      return shown ?? sources[log]?.[number - 1];
    });

    const cut = /… ([\d ]+) more bytes?: icepack inspect \S+ (\S+)$/;
    expect(texts.map((text) => text.replace(cut, (_all, more: string) => `… ${more.replaceAll(' ', '')}`))).toEqual(
      expected,
    );
    expect(texts.filter((text) => cut.test(text))).toHaveLength(2);
    expect(reading.logs.map(({ cutLines }) => cutLines)).toEqual(truth.logs.map(({ cutLines }) => cutLines));
  });

  it('says of a clock that was set back where that was, and reads on (R05)', async () => {
    const { truth, reading } = await incident({ seed: 3, lines: 4000, setBackMs: 900_000 });
    const steps = reading.markers.filter(({ kind }) => kind === 'clock-step');

    expect(steps).toHaveLength(3);
    for (const { server, at, text } of steps) {
      expect(server).toBe(1);
      expect(Math.abs(at - (truth.window.until - 35 * 60_000))).toBeLessThan(240_000);
      expect(text).toMatch(/^the clock stepped back by 1\d min/);
    }
  });

  it('keeps clocks that nobody measured off the common one, and says so (R05)', async () => {
    const { truth, reading } = await incident({ seed: 5, lines: 1500, offsets: [0, null, 1000], isExported: true });

    expect(readOrder(reading)).toEqual(trueOrder(truth));
    expect(reading.clocks[1]).toBeNull();
    expect(reading.logs.filter(({ isOnCommonClock }) => !isOnCommonClock).map(({ path }) => path)).toEqual(
      truth.logs.filter(({ isOnCommonClock }) => !isOnCommonClock).map(({ path }) => path),
    );
    expect(reading.missing).toContainEqual({
      state: 'note',
      server: 1,
      what: 'clock',
      text: 'was never measured: times are its own, and not on the common clock',
    });
  });
});
