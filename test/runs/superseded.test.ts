import { describe, expect, it } from 'vitest';
import type { JournalEntry, NewJournalEntry } from '../../src/domain/journal.ts';
import type { Item, Manifest } from '../../src/domain/manifest.ts';
import { type Edition, supersededBy } from '../../src/runs/superseded.ts';

const sha256 = 'a'.repeat(64);
const delivered: NewJournalEntry[] = [
  { type: 'collected' },
  { type: 'registered', origin: 'desk', id: '1', key: 'TIC-1', url: '', created: true },
  { type: 'bundled', name: 'a.zip', bytes: 1, sha256, event: 1, ticket: 'TIC-1' },
  { type: 'attached', id: '1', name: 'a.zip', sha256 },
];
const collected: NewJournalEntry[] = [{ type: 'collected' }];
const logsFailed: Record<string, Item['status']> = { config: 'ok', logs: 'failed' };
const whole: Record<string, Item['status']> = { config: 'ok', logs: 'ok' };

type Made = Partial<{
  reference: string;
  event: string;
  until: string;
  servers: string[];
  items: Record<string, Item['status']>;
}>;

function edition(id: string, startedAt: string, entries: readonly NewJournalEntry[], made: Made = {}): Edition {
  const { reference = 'icepack-1', event = '2026-11-20T09:32:00.000Z', until = '2026-11-20T10:02:00.000Z' } = made;
  const { servers = ['ice01'], items = whole } = made;
  const started: NewJournalEntry = {
    ...{ type: 'started', schema: 1, tool: '', argv: [], intent: {}, servers, event, reference },
  };
  const manifest = {
    reference,
    event: { number: 1, at: event, window: { since: '2026-11-20T09:02:00.000Z', until } },
    servers: servers.map((name) => ({
      name,
      items: Object.entries(items).map(([collector, status]) => ({ path: `${collector}/x`, collector, status })),
    })),
  } as unknown as Manifest;
  const journal = { entries: [started, ...entries].map((entry): JournalEntry => ({ ...entry, at: startedAt })) };
  return { id, journal, manifest };
}

const old = edition('old', '2026-11-20T10:00:00Z', delivered, { items: logsFailed });
const later = '2026-11-20T12:00:00Z';

describe('a run is superseded', () => {
  it.each([
    ['a complete later edition of the same reference', edition('new', later, delivered)],
    ['one of the same event at the same ticket', edition('new', later, delivered, { reference: 'another' })],
    ['one that lacks what the run has', edition('new', later, delivered, { items: { logs: 'ok', config: 'failed' } })],
  ])('by %s (field-F16)', (_what, other) => {
    expect(supersededBy(old, [old, other])).toBe('new');
  });

  it.each([
    ['an earlier one', edition('new', '2026-11-20T09:59:00Z', delivered)],
    ['one that lacks the same', edition('new', later, delivered, { items: logsFailed })],
    ['one of another server', edition('new', later, delivered, { servers: ['ice02'] })],
    ['one of another time', edition('new', later, delivered, { event: '2026-11-20T09:33:00.000Z' })],
    ['one with a shorter window', edition('new', later, delivered, { until: '2026-11-20T10:01:59.000Z' })],
    ['one that support has not got', edition('new', later, collected)],
    ['one that was cut', { ...edition('new', later, []), manifest: undefined }],
  ])('not by %s (field-F16)', (_what, other) => {
    expect(supersededBy(old, [old, other])).toBeUndefined();
  });

  it('that has no ticket only by one that has all of its evidence (field-F16)', () => {
    const open = edition('open', '2026-11-20T10:00:00Z', collected, { items: logsFailed });

    expect(supersededBy(open, [edition('new', later, delivered)])).toBe('new');
    expect(supersededBy(open, [edition('new', later, delivered, { items: { logs: 'ok' } })])).toBeUndefined();
  });
});
