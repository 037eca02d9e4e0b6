import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOwnFile } from '../../src/fs/own-file.ts';
import { openIncidents } from '../../src/state/incidents.ts';
import { openMaintenances } from '../../src/state/maintenances.ts';
import { openReplyNotes } from '../../src/state/replies.ts';
import { openReported } from '../../src/state/reported.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { temporaryFolder } from '../support/rig.ts';

const now = () => new Date('2026-11-20T10:00:00Z');
const isRoot = process.getuid?.() === 0;
/** What somebody else may have put where icepack writes; the one with another owner takes root to make. */
const kinds = ['a link', 'a pipe', 'a folder', 'a huge file', 'half a file', ...(isRoot ? ['of another owner'] : [])];

/** Puts it in a place. @param whole what would be right there @returns the file that a link leads to */
async function put(kind: string, path: string, whole: string): Promise<string> {
  const elsewhere = join(await temporaryFolder(), 'elsewhere');
  writeFileSync(elsewhere, whole, { mode: 0o600 });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  if (kind === 'a link') symlinkSync(elsewhere, path);
  else if (kind === 'a pipe') execFileSync('mkfifo', [path]);
  else if (kind === 'a folder') mkdirSync(path);
  else if (kind === 'a huge file') writeFileSync(path, whole.padEnd(5_000_000), { mode: 0o600 });
  else if (kind === 'half a file') writeFileSync(path, whole.slice(0, whole.length / 2), { mode: 0o600 });
  else writeFileSync(path, whole, { mode: 0o600 });
  if (kind === 'of another owner') chownSync(path, 65_534, 65_534);
  return elsewhere;
}

const acknowledged = (by: string) => ({
  ...{ type: 'acknowledged' as const, stamp: stampAt(5), by, how: 'command', forMs: 1000 },
});

async function twoIncidents() {
  const folder = await temporaryFolder();
  const store = openIncidents(folder, now);
  await store.create(opened, [joined('ice01')]);
  await store.create(opened, [joined('ice02')]);
  await store.say('I1', acknowledged('kim'));
  return { store, said: join(folder, 'watch', 'open', 'I1', 'said.jsonl') };
}

const sayers = (entries: readonly object[]) => entries.flatMap((entry) => ('by' in entry ? [entry.by] : []));

describe('what somebody else has put in the place of what people said of an incident', () => {
  it.each(
    kinds.filter((kind) => kind !== 'half a file'),
  )('is refused and named, and the others go on: %s (W76)', async (kind) => {
    const { store, said } = await twoIncidents();
    const before = readFileSync(said, 'utf8');
    const elsewhere = await put(kind, said, before);

    const { known, damaged } = await store.open();

    expect(known.map(({ id }) => id)).toEqual(['I2']);
    expect(damaged.map(({ code, message }) => [code, message])).toEqual([
      ['journal-damaged', `${said} is nothing that icepack has written`],
    ]);
    await expect(store.say('I1', acknowledged('lee'))).rejects.toMatchObject({ code: 'journal-damaged' });
    expect(readFileSync(elsewhere, 'utf8')).toBe(before);
  });

  it('that is half there counts when it is whole, once; what is said meanwhile is kept (W76)', async () => {
    const { store, said } = await twoIncidents();
    const line = readFileSync(said, 'utf8');
    writeFileSync(said, line.slice(0, 40));
    const [incident] = (await store.open()).known;
    const half = sayers(incident?.log.entries ?? []);
    appendFileSync(said, line.slice(40));

    await incident?.log.refresh();
    await incident?.log.refresh();
    const whole = sayers(incident?.log.entries ?? []);
    writeFileSync(said, line.slice(0, 40));
    await store.say('I1', acknowledged('robin'));
    await incident?.log.refresh();

    expect([half, whole, sayers(incident?.log.entries ?? [])]).toEqual([[], ['kim'], ['robin']]);
  });
});

describe('what somebody else has put in the place of what a monitor said', () => {
  const saying = {
    ...{ server: 'ice01', event: 'Fan', is: 'bad' as const, severity: 'high' as const, text: 'stopped', by: 'zabbix' },
    ...{ since: '2026-11-20T10:00:00.000Z', at: '2026-11-20T10:00:00.000Z' },
  };

  it.each(kinds)('counts for nothing and is named, until it is said again: %s (W76)', async (kind) => {
    const state = await temporaryFolder();
    await openReported(state, now).keep(saying);
    const [name = ''] = execFileSync('ls', [join(state, 'watch', 'reported')], { encoding: 'utf8' }).split('\n');
    const path = join(state, 'watch', 'reported', name);
    const whole = readFileSync(path, 'utf8');
    const elsewhere = await put(kind, path, whole);

    expect(await openReported(state, now).list()).toEqual({ known: [], damaged: [path] });
    if (kind === 'a folder') return; // which is not replaced
    await openReported(state, now).keep(saying);
    expect((await openReported(state, now).list()).known).toHaveLength(1);
    expect(readFileSync(elsewhere, 'utf8')).toBe(whole);
  });
});

describe('what somebody else has put in the place of maintenance', () => {
  it.each(kinds)('silences nothing, and is named: %s (W76)', async (kind) => {
    const state = await temporaryFolder();
    const maintenances = openMaintenances(state);
    const {
      id: _,
      schema: __,
      ...planned
    } = {
      ...{
        id: '',
        schema: 1,
        targets: ['ice01'],
        reason: 'disk',
        by: 'kim',
        created: now().toISOString(),
        zone: 'UTC',
      },
      when: { kind: 'once' as const, from: '2026-11-20T09:00:00Z', until: '2026-11-20T11:00:00Z' },
    };
    await maintenances.add(planned);
    const path = join(state, 'watch', 'maintenance', 'M1.json');
    await put(kind, path, readFileSync(path, 'utf8'));

    expect(await maintenances.list()).toEqual({ known: [], damaged: [path] });
    expect((await maintenances.add(planned)).id).toBe('M2');
  });
});

describe('what somebody else has put in the place of what is known of answers', () => {
  it.each(kinds.filter((kind) => kind !== 'a folder'))('is not read, and replaced: %s (W76)', async (kind) => {
    const state = await temporaryFolder();
    const notes = openReplyNotes(state);
    const secret = await notes.secret();
    await notes.update(async (before) => ({ ...before, faults: { sms: 'none' } }));
    for (const name of ['secret', 'replies.json']) {
      const path = join(state, 'watch', name);
      await put(kind, path, readFileSync(path, 'latin1'));
    }

    const other = openReplyNotes(state);

    expect((await other.read()).faults).toEqual({});
    expect((await other.secret()).equals(secret)).toBe(false);
    await other.update(async (before) => ({ ...before, faults: { sms: 'again' } }));
    expect([(await other.read()).faults, (await other.secret()).length]).toEqual([{ sms: 'again' }, 32]);
  });
});

describe('a file of this user', () => {
  it('is read up to a length, and no further (W76)', async () => {
    const path = join(await temporaryFolder(), 'file');
    writeFileSync(path, 'twelve bytes');

    expect([String(await readOwnFile(path, 12)), await readOwnFile(path, 11)]).toEqual(['twelve bytes', undefined]);
  });
});
