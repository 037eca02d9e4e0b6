import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatLocal } from '../../src/domain/zone.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';
import { costsOf, type OwnCosts, reportedCosts, reportSpeed } from './costs.ts';
import { median, reportFigure } from './measure.ts';

const bytes = 1024 ** 3;
const rounds = 3;
const zone = 'Europe/Stockholm';
const beginMs = Date.parse('2026-11-18T00:00:00Z');
const stepMs = 20;

it('a log of 1 GiB is cut in one pass, against awk comparing the same times', { timeout: 600_000 }, async () => {
  const folder = await temporaryFolder();
  const from = join(folder, 'system.log');
  const lines = writeLog(from);
  const midMs = beginMs + (lines * stepMs) / 2;
  const [since, until] = [midMs - 30 * 60_000, midMs + 30 * 60_000];
  const stamp = (ms: number) => `${formatLocal(new Date(ms), zone, true)}.${String(ms % 1000).padStart(3, '0')}`;
  const ours: OwnCosts[] = [];
  const awk: number[] = [];

  for (let round = 0; round < rounds; round++) {
    const program = '{ t = substr($0, 1, 23); if (t >= s && t <= e) print }';
    const call = `"$1" -v s="$2" -v e="$3" '${program}' "$4" > "$5"`;
    const args = ['-c', call, 'bash', 'awk', stamp(since), stamp(until), from, join(folder, 'theirs')];
    awk.push((await costsOf('bash', args)).seconds);
    const task = { from, to: join(folder, 'ours'), since, until, zone };
    ours.push(await reportedCosts(join(projectRoot, 'test', 'bench', 'cut.mjs'), task));
  }

  expect(statSync(join(folder, 'ours')).size).toBe(statSync(join(folder, 'theirs')).size);
  reportSpeed('1 GiB of log, one hour of it, to awk', median(ours.map(({ seconds }) => seconds)), median(awk), 1);
  reportFigure('  peak memory', Math.max(...ours.map(({ peakMb }) => peakMb)), 80, 'MB');
});

/** @returns how many lines */
function writeLog(path: string): number {
  const file = openSync(path, 'w');
  const minuteLines = 60_000 / stepMs;
  let lines = 0;
  for (let written = 0; written < bytes; ) {
    const minuteMs = beginMs + lines * stepMs;
    const minute = formatLocal(new Date(minuteMs), zone);
    const text = Array.from({ length: minuteLines }, (_, index) => {
      const seconds = ((index * stepMs) / 1000).toFixed(3).padStart(6, '0');
      return `${minute}:${seconds} INFO system[${index}]: heartbeat of node ${index % 40} late by ${index % 700} ms\n`;
    }).join('');
    written += writeSync(file, text);
    lines += minuteLines;
  }
  closeSync(file);
  return lines;
}
