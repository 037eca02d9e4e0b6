import { describe, expect, it } from 'vitest';
import { wantedAgain } from '../../src/collect/begin-again.ts';
import type { Configured } from '../../src/collect/selection.ts';
import type { JournalEntry } from '../../src/domain/journal.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import type { Run } from '../../src/state/runs.ts';

const at = new Date('2026-11-20T10:00:00Z');
const standard = { name: 'default', cliCommands: [], hostCommands: [], paths: [], timeouts: {} } as unknown as Recipe;
const config = { window: { beforeMs: 1, afterMs: 1 } } as Configured;
const manifest = {
  reference: 'mine',
  event: { window: { since: '2026-11-20T09:55:00Z', until: '2026-11-20T10:20:00Z' } },
} as unknown as Manifest;

/** A run that left kinds out, each for a reason. */
function runThatSkipped(skipped: Record<string, string>): Run {
  const wanted = {
    cliCommands: ['show'],
    hostCommands: [],
    paths: [],
    window: { beforeMs: 300_000, afterMs: 60_000 },
    skipped,
    timeouts: { collectorMs: {} },
    keepRemote: true,
    jobs: 3,
  };
  const started = { type: 'started', schema: 1, at: '', tool: '', argv: [], intent: {}, label: 'east', wanted };
  return { journal: { entries: [started as unknown as JournalEntry] } } as unknown as Run;
}

describe('what a run wants when it is taken up', () => {
  it('is what is missing, whatever an earlier resume had left out', () => {
    const run = runThatSkipped({ techsupport: 'it is there already', vm: 'it is there already' });

    const { selection: wanted } = wantedAgain(run, { kinds: ['techsupport'], at, manifest }, config, standard);

    expect(wanted.skipped.has('techsupport')).toBe(false);
    expect(wanted.skipped.get('vm')).toBe('it is there already');
    expect(wanted.skipped.get('logs')).toBe('it is there already');
  });

  it('is, where nothing was written down, what it wanted itself: nothing that was left out', () => {
    const run = runThatSkipped({ logs: '--skip logs' });

    const again = wantedAgain(run, { kinds: [], at, manifest: undefined }, config, standard);

    expect([...again.selection.skipped]).toEqual([['logs', '--skip logs']]);
    expect(again).toMatchObject({ keepRemote: true, jobs: 3, label: 'east' });
    expect(again.selection).toMatchObject({ cliCommands: ['show'], window: { beforeMs: 300_000, afterMs: 60_000 } });
  });

  it('is the window that its manifest has', () => {
    const { selection: wanted, reference } = wantedAgain(
      runThatSkipped({}),
      { kinds: ['logs'], at, manifest },
      config,
      standard,
    );

    expect(wanted.window).toEqual({ beforeMs: 300_000, afterMs: 1_200_000 });
    expect(reference).toBe('mine');
  });
});
