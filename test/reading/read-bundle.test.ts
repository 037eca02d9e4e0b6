import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/reading/read-bundle.ts';
import type { Reading } from '../../src/reading/reading.ts';
import { type Incident, type IncidentOptions, makeIncident, orderOf } from '../support/incident-maker.ts';
import { layoutFor, openedFolder } from '../support/opened.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-reading-'));
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
    isContinued: lines.isContinued[line],
    severity: lines.severity[line],
  }));
}

function trueOrder({ logs }: Incident) {
  return orderOf(logs).map(({ log, number, at }) => {
    const { path, known } = logs[log] ?? { path: '', known: undefined };
    return {
      log: `${path}:${number}`,
      at,
      isContinued: known?.isContinued[number - 1],
      severity: known?.level[number - 1],
    };
  });
}

describe('reading a bundle', () => {
  it.each([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ])('finds order, times, severities and counts as they are, seed %i', async (seed) => {
    const { truth, reading } = await incident({
      seed,
      lines: 2000,
      isHostile: seed % 2 === 0,
      isExported: seed % 3 === 0,
    });

    expect(readOrder(reading)).toEqual(trueOrder(truth));
  });
});
