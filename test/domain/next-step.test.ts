import { describe, expect, it } from 'vitest';
import { type JournalEntry, latest, type NewJournalEntry } from '../../src/domain/journal.ts';
import type { Item, Manifest, ServerRecord } from '../../src/domain/manifest.ts';
import { nextSteps } from '../../src/domain/next-step.ts';

const run = '20261120-1110-east-k3f9';
const at = '2026-11-20T10:10:00.000Z';
const now = new Date('2026-11-20T10:30:00Z');
const sha256 = 'a'.repeat(64);

function item(path: string, status: Item['status'], more: Partial<Item> = {}): Item {
  const collector = path.startsWith('Logs') ? 'logs' : path.startsWith('Tech') ? 'techsupport' : 'config';
  return { path, collector, status, ...(status === 'failed' ? {} : { bytes: 10 }), ...more };
}

const whole = [item('Config/a.tar.gz', 'ok'), item('Techsupport/a.tsf', 'ok'), item('Logs/system.log', 'ok')];
const interrupted = [whole[2] as Item, item('Techsupport/', 'failed', { reason: 'interrupted' })];

function server(items: Item[], down: string[] = [], name = 'ice01'): ServerRecord {
  const face = (id: string, port: number) =>
    down.includes(id)
      ? { address: '192.0.2.1', port, status: 'down' as const, reason: `${id} refused the login` }
      : { address: '192.0.2.1', port, status: 'up' as const };
  return {
    ...{ name, id: Number(name.slice(-1)), address: '192.0.2.1', folder: 'Event1', clock: null, versions: {}, items },
    zone: { name: 'UTC', source: 'config' },
    faces: { cli: face('cli', 22), hostOs: face('hostOs', 2222) },
  };
}

function manifestOf(...servers: ServerRecord[]): Manifest {
  return {
    ...{ schema: 1, tool: { name: 'icepack', version: '0', node: '24' }, run, argv: [], created: at },
    ...{ reference: 'icepack-1', ticket: null, servers },
    event: {
      number: 1,
      at: '2026-11-20T09:32:00.000Z',
      window: { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' },
    },
  };
}

const begun = {
  ...{ type: 'started' as const, schema: 1 as const, tool: '', argv: [] as string[], intent: {} },
  ...{ servers: ['ice01'], event: '2026-11-20T09:32:00.000Z' },
};
const registered = { type: 'registered', origin: 'desk', id: '1', key: 'TIC-1', url: '', created: true } as const;
const bundled = { type: 'bundled', name: 'a.zip', bytes: 100, sha256, event: 1, ticket: 'TIC-1' } as const;
const attached = { type: 'attached', id: '1', name: 'a.zip', sha256 } as const;
const collected = { type: 'collected' } as const;
const draft = { reference: 'icepack-1', subject: '', body: '', severity: 'low' as const };

function steps(entries: NewJournalEntry[], manifest?: Manifest, limit: number | undefined = 1000): string[] {
  const journal = { entries: entries.map((entry): JournalEntry => ({ ...entry, at })) };
  expect(latest(journal, 'started')).toBeDefined();
  const found = nextSteps({ run, journal, manifest, now, limit });
  return found.map(({ command, why }) => `${command.spelled()} | ${why}`);
}

const first = (...args: Parameters<typeof steps>) => steps(...args)[0] ?? '';
const atDesk = [begun, collected, registered, bundled];

describe('what is recommended next', () => {
  it('is nothing where support has all of it, and where another run took it up (field-F13)', () => {
    expect(steps([...atDesk, attached], manifestOf(server(whole)))).toEqual([]);
    expect(steps([begun, { type: 'continued', by: 'other' }])).toEqual([]);
  });

  it('is to resume after Ctrl-C, with a ticket or without, and to submit is another way (field-F13)', () => {
    const manifest = manifestOf(server(interrupted));

    expect(steps([begun, collected], manifest)).toEqual([
      `icepack resume ${run} | asks again for ice01 techsupport, then registers the ticket and attaches the ZIP`,
      `icepack submit ${run} | sends what there is, and asks no server`,
    ]);
    expect(first([{ ...begun, noSubmit: true as const }, collected], manifest)).toContain(
      `icepack resume ${run} | asks again`,
    );
    expect(first([begun])).toContain(`icepack resume ${run} | it was cut`);
  });

  it('is never to submit a run with nothing in it (field-F13)', () => {
    const nothing = [item('Config/', 'failed', { reason: 'interrupted' })];

    expect(first([begun, collected], manifestOf(server(nothing)))).toContain(`icepack resume ${run}`);
    expect(first([{ ...begun, noSubmit: true as const }, collected], manifestOf(server(nothing)))).toContain(
      'icepack resume',
    );
    const refused = manifestOf(server([item('Config/', 'failed', { reason: 'hostOs' })], ['cli', 'hostOs']));
    expect(steps([begun, collected], refused).slice(0, 2)).toEqual([
      `icepack resume ${run} | asks again for ice01 config; doctor first if there is still no login at ICE01 CLI and ICE01 host OS`,
      'icepack doctor ice01 | no login at ICE01 CLI and ICE01 host OS: says what to mend',
    ]);
  });

  it('is the ticket before evidence that is missing (field-F13)', () => {
    const manifest = manifestOf(server(whole), server([whole[0] as Item], ['cli'], 'ice02'));

    expect(first([begun, collected], manifest)).toContain(`icepack resume ${run} | registers the ticket`);
    expect(first([begun, collected, registered], manifest)).toBe(
      `icepack resume ${run} | attaches the ZIP to its ticket`,
    );
    expect(first([{ ...begun, noSubmit: true as const }, collected], manifest)).toContain(`icepack submit ${run} |`);
  });

  it('is to ask again, and where a face let nobody in to look first while that is not mended (field-F13)', () => {
    const failed = [...whole.slice(0, 2), item('Logs/system.log', 'failed', { reason: 'cli refused the login' })];
    const journal = [...atDesk, attached];

    expect(first(journal, manifestOf(server(failed, ['cli'])))).toContain(
      '| asks again for ice01 logs; doctor first if there is still no login at ICE01 CLI',
    );
    expect(steps(journal, manifestOf(server(failed, ['cli']))).map((step) => step.split(' |')[0])).toEqual([
      `icepack resume ${run}`,
      'icepack doctor ice01',
      'icepack collect ice01 --at 2026-11-20T09:32:00.000Z --ticket TIC-1 --event 1',
    ]);
    expect(steps(journal, manifestOf(server(failed)))).toEqual([`icepack resume ${run} | asks again for ice01 logs`]);
  });

  it('is to look what is wrong if a third try fails as the second did (field-F13)', () => {
    const failed = [...whole.slice(0, 2), item('Logs/system.log', 'failed', { reason: 'no such file' })];
    const [head, ...rest] = [...atDesk, attached];

    expect(steps([{ ...head, continues: 'before' } as NewJournalEntry, ...rest], manifestOf(server(failed)))).toEqual([
      `icepack resume ${run} | asks again for ice01 logs; doctor first if it fails again`,
      'icepack doctor ice01 | asked twice for ice01 logs: says what to mend',
    ]);
  });

  it('is to come back when the window is over (field-F13)', () => {
    const coverage = { first: null, last: null, complete: false, gaps: ['not-over' as const] };
    const open = manifestOf(server([...whole.slice(0, 2), item('Logs/system.log', 'partial', { coverage })]));
    const late = { ...open, event: { ...open.event, window: { ...open.event.window, until: '2026-11-20T11:00:00Z' } } };

    expect(first([...atDesk, attached], late)).toBe(
      `icepack resume ${run} | after 2026-11-20 11:00 UTC: takes the rest of the logs`,
    );
    expect(first([...atDesk, attached], open)).toContain('the window is over now');
    const half = [...atDesk, attached, { type: 'first-half' } as const];
    expect(steps(half, late)).toEqual([
      `icepack resume ${run} | after 2026-11-20 11:00 UTC: takes the later logs, and attaches the whole event`,
    ]);
    expect(first(half, open)).toContain('| the window is over now: takes the later logs');
    expect(first([begun, collected], late)).toBe(
      `icepack resume ${run} | registers the ticket and attaches the ZIP; after 2026-11-20 11:00 UTC again for the rest of the logs`,
    );
  });

  it('names the number where only a person knows the ticket (field-F13)', () => {
    const manifest = manifestOf(server(whole));
    const drafted = { type: 'drafted', origin: 'desk', draft, byHand: true } as const;
    const noTicket = { type: 'not-registered', reason: '', needsNumber: true } as const;

    for (const entry of [drafted, noTicket])
      expect(first([begun, collected, entry], manifest)).toContain(`icepack submit ${run} --ticket NUMBER |`);
    const lost = [begun, collected, { type: 'registering', origin: 'desk', reference: 'icepack-1' } as const];
    expect(steps(lost, manifest).map((step) => step.split(' |')[0])).toEqual([
      `icepack resume ${run}`,
      `icepack resume ${run} --it-is NUMBER`,
      `icepack resume ${run} --it-does-not-exist`,
    ]);
  });

  it('is to upload what is too large, also at a help desk without an API (field-F13)', () => {
    const manifest = manifestOf(server(whole));
    const announced = { type: 'announced', id: '1', name: 'a.zip', sha256 } as const;
    const byHand = { ...registered, byHand: true } as const;

    expect(first([...atDesk, announced], manifest)).toContain(`icepack upload ${run} --to URL |`);
    expect(steps([begun, collected, byHand, bundled], manifest, 99)).toHaveLength(2);
    expect(steps([begun, collected, byHand, bundled], manifest, 100)).toEqual([]);
    const cut = { type: 'uploading', to: 'ftps://ftp.example.com/in/', name: 'a.zip', sha256 } as const;
    expect(first([...atDesk, announced, cut], manifest)).toContain('--to ftps://ftp.example.com/in/ | goes on');
  });
});
