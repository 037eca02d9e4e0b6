import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IncidentEntry, IncidentLog } from '../../src/domain/incident.ts';
import { openIncidents, type StoredIncident } from '../../src/state/incidents.ts';
import { collectFor, type EvidenceTools, owedWords, wantedEvidence } from '../../src/watch/incident/evidence.ts';
import { incidentStandings } from '../../src/watch/incident/standing.ts';
import { aboutOf, newsIn } from '../../src/watch/incident/words.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { temporaryFolder } from '../support/rig.ts';

const at = '2026-11-20T10:00:00.000Z';

function incident(...more: object[]): StoredIncident {
  const entries = [{ ...opened, type: 'opened', schema: 1, id: 'I1' }, ...more].map((entry) => ({ at, ...entry }));
  return { log: { entries: entries as IncidentEntry[] } as IncidentLog } as StoredIncident;
}

const collecting = (server: string, minutes: number) => ({
  ...{ type: 'collecting', stamp: stampAt(minutes), servers: [server], for: at },
});
const collected = (server: string, more: object) => ({ type: 'collected', servers: [server], exit: 0, ...more });

describe('what is collected for an incident', () => {
  const answers = () => true;

  it('is each server where something is bad, once, from when it was seen bad', () => {
    const two = incident(joined('ice01', 1), joined('ice02', 2));

    expect(wantedEvidence(two, answers, stampAt(3))).toEqual({
      ...{ servers: ['ice01', 'ice02'], at: '2026-11-20T10:01:00.000Z' },
    });
    const one = incident(joined('ice01', 1), collecting('ice01', 2), joined('ice02', 4));
    expect(wantedEvidence(one, answers, stampAt(5))?.servers).toEqual(['ice02']);
  });

  it('waits for a server that is silent until that answers (W81)', () => {
    const silent = incident(joined('ice01', 1));

    expect(wantedEvidence(silent, () => false, stampAt(3))).toBeUndefined();
    expect(wantedEvidence(silent, answers, stampAt(300))?.servers).toEqual(['ice01']);
  });

  it('is collected anew when it breaks out again', () => {
    const left = { type: 'left', stamp: stampAt(9), thing: { server: 'ice01', check: 'silent' }, text: 'answers' };
    const calm = [joined('ice01', 1), collecting('ice01', 2), collected('ice01', { run: 'r' }), left];
    const cleared = { type: 'cleared', stamp: stampAt(9) };

    expect(wantedEvidence(incident(...calm, cleared), answers, stampAt(10))).toBeUndefined();
    expect(wantedEvidence(incident(...calm, cleared, joined('ice01', 20)), answers, stampAt(21))).toEqual({
      ...{ servers: ['ice01'], at: '2026-11-20T10:20:00.000Z' },
    });
  });

  it('is tried three times where nothing came of it, five minutes apart, and not where the command was wrong (W79)', () => {
    const failed = (minutes: number, exit: number | null = 9) => [
      collecting('ice01', minutes),
      collected('ice01', { exit, reason: 'busy' }),
    ];
    const first = [joined('ice01', 1), ...failed(2)];

    expect(wantedEvidence(incident(...first), answers, stampAt(6))).toBeUndefined();
    expect(wantedEvidence(incident(...first), answers, stampAt(7))?.servers).toEqual(['ice01']);
    expect(wantedEvidence(incident(...first, ...failed(7), ...failed(12)), answers, stampAt(99))).toBeUndefined();
    expect(wantedEvidence(incident(joined('ice01', 1), ...failed(2, 2)), answers, stampAt(99))).toBeUndefined();
  });
});

describe('a bundle that is over the limit of the help desk', () => {
  /** A program in place of ours, which ends as a collection does whose bundle is too large. */
  async function collectsTooMuch() {
    const folder = await temporaryFolder();
    const script = join(folder, 'collect.cjs');
    writeFileSync(
      script,
      `console.log('{"exitCode":7,"run":"r1","bundle":{"attached":false}}'); process.exitCode = 7;`,
    );
    const stored = await openIncidents(folder, () => new Date(at)).create(opened, [joined('ice01')]);
    const self = { execPath: process.execPath, script, configPath: 'icepack.yaml' };
    return { stored, tools: { self, stamp: async () => stampAt(2) } as unknown as EvidenceTools };
  }

  it('is collected once, and the incident says how it goes on; its ticket was told by collect (W80)', async () => {
    const { stored, tools } = await collectsTooMuch();
    const about = await aboutOf({ watched: [], organization: undefined, zone: 'UTC' }, true);
    const { ended } = await collectFor(stored, { servers: ['ice01'], at }, 'TIC-1', tools);
    await ended;

    expect(stored.log.entries.at(-1)).toMatchObject({
      type: 'collected',
      exit: 7,
      run: 'r1',
      reason: expect.stringContaining('limit'),
    });
    expect(wantedEvidence(stored, () => true, stampAt(99))).toBeUndefined();
    expect(newsIn(stored.log).map(({ type }) => type)).toEqual(['joined']);
    expect(incidentStandings([stored], about)).toMatchObject([{ overLimit: 'r1' }]);
  });

  it('is not brought to its ticket again, as long as its window brings no more (W80)', async () => {
    const entries = ['started', 'collected', 'registered', 'bundled', 'announced'].map((type) => ({
      type,
      at,
      sha256: 'x',
    }));
    const run = { id: 'r1', journal: { entries }, readManifest: async () => undefined };
    const tools = { runs: { find: async () => run, isGoingOn: async () => false }, stamp: async () => stampAt(99) };
    const one = incident(joined('ice01'), collecting('ice01', 1), collected('ice01', { run: 'r1', exit: 7 }));

    expect(await owedWords(one, 'TIC-1', tools as unknown as EvidenceTools)).toBeUndefined();
  });
});

describe('what is owed of what was collected', () => {
  const until = '2026-11-20T10:31:00.000Z';
  const cut = { status: 'partial', collector: 'logs', coverage: { gaps: ['not-over'] } };
  const entriesOf = (...types: string[]) =>
    types.map((type) => ({ type, at, sha256: 'x', ...(type === 'started' ? { argv: [] } : {}) }));

  function toolsWith(entries: object[], minutes: number, items: object[] = [cut], isGoingOn = false): EvidenceTools {
    const manifest = { event: { at, window: { until } }, servers: [{ name: 'ice01', items }] };
    const run = { id: 'r1', journal: { entries }, readManifest: async () => manifest };
    const runs = { find: async () => run, isGoingOn: async () => isGoingOn };
    return { runs, stamp: async () => stampAt(minutes) } as unknown as EvidenceTools;
  }
  const done = incident(joined('ice01'), collecting('ice01', 1), collected('ice01', { run: 'r1' }));
  const attached = entriesOf('started', 'collected', 'registered', 'bundled', 'attached');

  it('is the rest of a window once that is over, and not before', async () => {
    expect(await owedWords(done, 'TIC-1', toolsWith(attached, 20))).toBeUndefined();
    expect(await owedWords(done, 'TIC-1', toolsWith(attached, 32))).toEqual(['resume', 'r1', '--yes']);
    const failed = { status: 'failed', collector: 'config' };
    expect(await owedWords(done, 'TIC-1', toolsWith(attached, 20, [failed]))).toBeUndefined(); // once is enough
    expect(await owedWords(done, 'TIC-1', toolsWith(attached, 32, []))).toBeUndefined();
    expect(await owedWords(done, 'TIC-1', toolsWith(attached, 32, [cut], true))).toBeUndefined();
  });

  it('is brought to the ticket when there is one, where it was collected without', async () => {
    const alone = [
      { type: 'started', at, noSubmit: true },
      { type: 'collected', at },
    ];

    expect(await owedWords(done, undefined, toolsWith(alone, 2))).toBeUndefined();
    expect(await owedWords(done, 'TIC-1', toolsWith(alone, 2))).toEqual(['submit', 'r1', '--ticket', 'TIC-1', '--yes']);
  });

  it('is taken up where it was cut (W79)', async () => {
    expect(await owedWords(done, undefined, toolsWith(entriesOf('started'), 2))).toEqual(['resume', 'r1', '--yes']);
  });
});
