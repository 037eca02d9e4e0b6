import { describe, expect, it } from 'vitest';
import { assessServer } from '../../src/domain/assessment.ts';
import type { Item, ServerRecord } from '../../src/domain/manifest.ts';
import { lossLines } from '../../src/tickets/assessment-text.ts';

const noCli = 'ICE01 InCenter CLI (192.0.2.1:22) cannot be reached: connection refused';
const noHost = 'ICE01 host OS (192.0.2.1:2222) refused the login of "administrator"';

function server(items: Item[], down: { cli?: string; hostOs?: string } = {}): ServerRecord {
  const face = (reason: string | undefined, port: number) => ({
    address: '192.0.2.1',
    port,
    ...(reason === undefined ? { status: 'up' as const } : { status: 'down' as const, reason }),
  });
  return {
    ...{ name: 'ice01', id: 1, address: '192.0.2.1', folder: 'Event1_ICE01_20261120_1032', clock: null, versions: {} },
    zone: { name: 'UTC', source: 'config' },
    faces: { cli: face(down.cli, 22), hostOs: face(down.hostOs, 2222) },
    items,
  };
}

function item(path: string, status: Item['status'], reason?: string): Item {
  const collector = path.startsWith('Logs') ? 'logs' : path.startsWith('CLI') ? 'cli' : 'config';
  return { path, collector, status, ...(reason === undefined ? {} : { reason }) };
}

const shown = (record: ServerRecord) =>
  assessServer(record).losses.map(({ reason, face, also, missing, partial }) => ({
    reason,
    face,
    also,
    missing: missing.map(({ path }) => path),
    partial: partial.map(({ path }) => path),
  }));

describe('assessServer', () => {
  it('names a face that was down once, with all it cost (field-F03)', () => {
    const items = [item('Logs/system.log', 'failed', noCli), item('CLI/transcript.txt', 'failed', noCli)];

    expect(shown(server(items, { cli: noCli }))).toEqual([
      { reason: noCli, face: 'cli', also: [], missing: ['Logs/system.log', 'CLI/transcript.txt'], partial: [] },
    ]);
  });

  it('what is said besides the face is told with it, once', () => {
    const why = `${noCli}; where the files of port 22 lie is not known`;
    const items = [item('Logs/system.log', 'failed', why), item('Logs/audit.log', 'failed', why)];

    const losses = shown(server(items, { cli: noCli }));

    expect(losses.map(({ reason }) => reason)).toEqual([noCli]);
    expect(losses[0]).toMatchObject({ also: ['where the files of port 22 lie is not known'] });
    expect(losses[0]?.missing).toHaveLength(2);
  });

  it('an item that needed either face is told once, and the other face does not seem to have cost nothing', () => {
    const items = [item('Logs/system.log', 'failed', `${noCli}; ${noHost}`)];
    const record = server(items, { cli: noCli, hostOs: noHost });

    expect(shown(record)).toMatchObject([
      { face: 'cli', missing: ['Logs/system.log'] },
      { face: 'hostOs', missing: [] },
    ]);
    expect(lossLines(assessServer(record))).toEqual([
      noCli,
      '  missing: Logs/system.log',
      noHost,
      '  nothing else is missing because of it',
    ]);
  });

  it('a face that was down and cost nothing is told all the same', () => {
    const made = item('Techsupport/a.tsf', 'ok', `made by the script, because ${noCli}`);
    const assessment = assessServer(server([made], { cli: noCli }));

    expect(assessment.losses).toEqual([{ reason: noCli, face: 'cli', also: [], missing: [], partial: [] }]);
    expect(assessment.collected.map(({ reason }) => reason)).toEqual(['made by the script']);
  });

  it('what only led over to a reason that is told by itself is not told (field-F03)', () => {
    const items = [item('Techsupport/', 'failed', `${noCli}; and not by script: ${noHost}`)];

    expect(shown(server(items, { cli: noCli, hostOs: noHost })).map(({ also }) => also)).toEqual([[], []]);
  });

  it('what was left out of a bundle to fit is missing in it', () => {
    const left = item('Logs/audit.log', 'partial', 'left out to fit the limit (1 MB)');

    expect(shown(server([left]))).toMatchObject([{ missing: ['Logs/audit.log'], partial: [] }]);
  });

  it('groups what was cut by the same thing, and keeps missing and not whole apart', () => {
    const items = [
      { ...item('Logs/system.log', 'partial', 'interrupted'), bytes: 1 },
      item('Logs/audit.log', 'failed', 'interrupted'),
      item('Config/a.tar.gz', 'ok'),
      item('Logs/debug.log', 'skipped', 'there is no debug.log'),
      { ...item('CLI/transcript.txt', 'partial', 'cut after 3 kB'), bytes: 3000 },
    ];
    const assessment = assessServer(server(items));

    expect(shown(server(items))).toEqual([
      { reason: 'interrupted', face: undefined, also: [], missing: ['Logs/audit.log'], partial: ['Logs/system.log'] },
      { reason: 'cut after 3 kB', face: undefined, also: [], missing: [], partial: ['CLI/transcript.txt'] },
    ]);
    expect(assessment.collected.map(({ path }) => path)).toEqual(['Config/a.tar.gz']);
    expect(assessment.skipped.map(({ path }) => path)).toEqual(['Logs/debug.log']);
  });
});
