import { describe, expect, it } from 'vitest';
import { icepack, spelled } from '../../src/domain/command.ts';
import type { ListedRun } from '../../src/runs/run-list.ts';
import { runLines } from '../../src/runs/run-list-text.ts';

function run(more: Partial<ListedRun> = {}): ListedRun {
  const id = more.id ?? '20261120-1110-east-k3f9';
  return {
    ...{
      id,
      started: '2026-11-20T10:10:00.000Z',
      state: 'attached',
      servers: ['ice01', 'ice02'],
      cluster: undefined,
      bytes: 13_400_000,
    },
    ...{ event: '2026-11-20T09:32:00.000Z', summary: 'VPN down', ticket: 'TIC-1234', missing: [], owes: false },
    ...{ supersededBy: undefined, steps: [], ...more },
  };
}

function shown(...runs: ListedRun[]): string[] {
  return runLines(runs, 'Europe/Stockholm').map(({ text }) => spelled(text));
}

const resume = { command: icepack('resume', '20261120-1110-east-k3f9'), why: 'asks again' };

describe('the list of runs', () => {
  it('has a heading, the time of its reader, and what happened below (field-F16)', () => {
    expect(shown(run()).slice(0, 4)).toEqual([
      'Times of events are those of Europe/Stockholm.',
      'RUN                      EVENT             SERVERS    TICKET    OWES        SIZE',
      '20261120-1110-east-k3f9  2026-11-20 10:32  ice01+1    TIC-1234  nothing  13.4 MB',
      '  VPN down',
    ]);
  });

  it('has the name of a cluster for all of its servers (field-F16)', () => {
    expect(shown(run({ cluster: 'east' }))[2]).toMatch(/ 10:32 {2}east +TIC-1234 /);
  });

  it('says what is owed in plain words, with the command (field-F16)', () => {
    const lines = shown(run({ missing: ['ice01 logs'], owes: true, steps: [resume] }));

    expect(lines[2]).toMatch(/ evidence +13\.4 MB$/);
    expect(lines.slice(4, 6)).toEqual(['  missing: ice01 logs', '  Next: icepack resume 20261120-1110-east-k3f9']);
  });

  it.each([
    ['by hand', 'nothing', 'ticket filled in by hand'],
    ['not registered', 'ticket', 'it has no ticket yet'],
    ['not attached', 'ZIP', 'the ZIP is not attached'],
    ['unknown', 'ticket', 'the answer was lost'],
    ['unfinished', 'evidence', 'it was cut while it collected'],
    ['going on', 'at work', 'it is at work now'],
    ['damaged', 'unknown', 'its files on this machine are damaged'],
  ] as const)('that is "%s" owes "%s", and says: %s (field-F16)', (state, owes, text) => {
    const lines = shown(run({ state, steps: ['ticket', 'ZIP', 'evidence'].includes(owes) ? [resume] : [] }));

    expect(lines[2]).toMatch(new RegExp(` ${owes} +13\\.4 MB$`));
    expect(lines.join('\n')).toContain(text);
  });

  it('that was superseded owes nothing, and names the other run (field-F16)', () => {
    const lines = shown(run({ state: 'not registered', supersededBy: 'other' }));

    expect(lines[2]).toMatch(/ nothing +13\.4 MB$/);
    expect(lines.join('\n')).toContain('run other has all of its event');
  });

  it('fits 80 columns with many servers, long names and long words (field-F16)', () => {
    const many = { servers: Array.from({ length: 30 }, (_none, at) => `ice${at + 10}`), summary: 'down '.repeat(50) };
    const long = { id: '20261120-1110-incenter-stockholm-east-k3f9', servers: ['incenter-stockholm-east'] };
    const lines = [...shown(run(many)), ...shown(run(long), run({ event: undefined, ticket: undefined }))];

    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.join('\n')).toContain('incenter-stockholm-east  ');
  });
});
