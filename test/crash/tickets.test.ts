import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MockSwitches } from '../../src/mock/help-desk.ts';
import { type Rig, runProgram, startRig } from '../support/rig.ts';

const killsPerMode = Number(process.env['ICEPACK_KILLS'] ?? (process.env['CI'] ? 40 : 12));
const maxKillsPerTicket = 3;
const seed = Number(process.env['ICEPACK_SEED'] ?? Date.now() % 1_000_000);

/** The same numbers for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A run that was collected and not submitted, to be copied for each ticket. */
async function collectedRig(switches: Partial<MockSwitches>): Promise<{ rig: Rig; copy: (name: string) => string }> {
  const rig = await startRig();
  const first = await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'cli', '--json']);
  const { run } = first.json();
  const runs = join(rig.folder, '.local', 'state', 'icepack', 'runs');
  await rig.configure((document) => {
    if (switches.idempotency === false)
      document.helpdesk = { ...document.helpdesk, idempotencyKeys: false, settle: '1500ms' };
  });
  Object.assign(rig.mock.helpdesk?.switches ?? {}, switches);
  const copy = (name: string) => {
    const id = `20260101-0000-${name}`;
    cpSync(join(runs, run), join(runs, id), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(runs, id, 'manifest.json'), 'utf8'));
    const changed = { ...manifest, run: id, reference: name };
    writeFileSync(join(runs, id, 'manifest.json'), JSON.stringify(changed), { mode: 0o600 });
    return id;
  };
  return { rig, copy };
}

const modes: Record<string, Partial<MockSwitches>> = {
  'that is healthy': {},
  'that registers and then breaks the connection': { afterCommit: 'reset' },
  'that registers and then answers 502': { afterCommit: '502' },
  'that takes its time before it registers, and knows no keys': { preCommitMs: 400, idempotency: false },
  'whose search lags, and that knows no keys': { searchLagMs: 300, idempotency: false },
  'whose search lags, and that knows keys': { searchLagMs: 300 },
};

/** Submits until so many runs were killed on the way, each ticket to its end at last. @returns references, and kills */
async function submitWithKills(
  { rig, copy }: Awaited<ReturnType<typeof collectedRig>>,
  kills: number,
  random: () => number,
): Promise<{ references: string[]; killed: number; failed: string[] }> {
  const references: string[] = [];
  const failed: string[] = [];
  let killed = 0;
  const submit = (id: string, killAfterMs?: number) =>
    runProgram(['submit', id, '--batch', '--summary', 'x', '--severity', 'low'], {
      env: rig.env,
      cwd: rig.folder,
      ...(killAfterMs === undefined ? {} : { killAfterMs }),
    });
  const started = performance.now();
  await submit(copy('warm-up'));
  const usualMs = performance.now() - started;
  const one = async () => {
    const reference = `crash-${references.length}`;
    references.push(reference);
    const id = copy(reference);
    for (let tries = 0; tries < maxKillsPerTicket && killed < kills; tries++) {
      const { code } = await submit(id, usualMs * (0.3 + 0.7 * random()));
      if (code !== null) break;
      killed++;
    }
    const last = await submit(id);
    if (last.code !== 0) failed.push(`${id}: ${last.code} ${last.stderr}`);
  };
  while (killed < kills) await Promise.all([one(), one()]);
  return { references, killed, failed };
}

describe('a tool that is killed while it registers and attaches', () => {
  it.each(Object.entries(modes))(
    'makes one ticket with one bundle at a help desk %s (F01, F03, F04, F05)',
    { timeout: 30_000 + killsPerMode * 6000 },
    async (_what, switches) => {
      const prepared = await collectedRig(switches);

      const { references, failed } = await submitWithKills(prepared, killsPerMode, randomOf(seed));

      const tickets = prepared.rig.mock.helpdesk?.tickets ?? [];
      const made = references.map((reference) => {
        const mine = tickets.filter((ticket) => ticket.reference === reference);
        return `${reference}: ${mine.length} tickets, ${mine.map(({ files }) => files.length).join()} files`;
      });
      expect(failed, `seed ${seed}`).toEqual([]);
      expect(made, `seed ${seed}`).toEqual(references.map((reference) => `${reference}: 1 tickets, 1 files`));
    },
  );

  it('makes two where the help desk neither finds tickets nor knows keys: so the others prove something', {
    timeout: 240_000,
  }, async () => {
    const prepared = await collectedRig({ search: false, idempotency: false, preCommitMs: 100 });

    await submitWithKills(prepared, killsPerMode, randomOf(seed));

    const tickets = prepared.rig.mock.helpdesk?.tickets ?? [];
    expect(tickets.length, `seed ${seed}`).toBeGreaterThan(new Set(tickets.map(({ reference }) => reference)).size);
  });
});
