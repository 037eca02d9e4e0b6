import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editJournal } from '../support/journal.ts';
import { batch, projectRoot, type Rig, startRig } from '../support/rig.ts';

const said = ['--batch', '--summary', 'x', '--severity', 'low', '--json'];

function runFolder(rig: Rig, run: string): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'runs', run);
}

function journalOf(rig: Rig, run: string): string {
  return join(runFolder(rig, run), 'journal.jsonl');
}

async function stateOf(rig: Rig, run: string): Promise<string> {
  const { runs } = (await rig.icepack(['runs', '--json'])).json();
  return runs.find(({ id }: { id: string }) => id === run).state;
}

describe('a run whose journal is damaged', () => {
  it('is listed as such and never registered again: no verb guesses (G01)', async () => {
    const rig = await startRig();
    const { run, bundle } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    const journal = readFileSync(journalOf(rig, run), 'utf8');
    const damaged = journal.replace('"type":"registering"', '"type":"registerinh"');
    writeFileSync(journalOf(rig, run), damaged);

    const verbs = [
      ['submit', run, ...said],
      ['submit', bundle.path, ...said],
      ['submit', run, '--ticket', '1001', ...said],
      ['resume', run, '--batch', '--json'],
      ['upload', run, '--to', 'ftp://127.0.0.1:1/', '--json'],
    ];
    for (const args of verbs) {
      const done = await rig.icepack(args);
      expect(done.json(), args.join(' ')).toMatchObject({
        exitCode: 8,
        error: { code: 'journal-damaged', hint: expect.stringContaining('Nothing is registered on a guess') },
      });
    }

    expect(await stateOf(rig, run)).toBe('damaged');
    expect((await rig.icepack(['resume', '--batch'])).stderr).toContain('no run owes anything');
    expect(readFileSync(journalOf(rig, run), 'utf8')).toBe(damaged);
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });

  it('keeps no other run from its ticket, and the same incident takes up the one there is (G01)', async () => {
    const rig = await startRig();
    const incident = ['collect', ...batch, '--at', '2026-01-02T03:04Z', '--only', 'cli', '--json'];
    const { run } = (await rig.icepack(incident)).json();
    writeFileSync(journalOf(rig, run), Buffer.alloc(4096));
    appendFileSync(journalOf(rig, run), '\n');

    const again = (await rig.icepack(incident)).json();

    expect(again).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001', created: false } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('has one ticket after all, and no bytes in it twice, wherever its journal was cut (G01)', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    const lines = readFileSync(journalOf(rig, run), 'utf8').split(/(?<=\n)/);
    const collected = lines.findIndex((line) => line.includes('"type":"collected"')) + 1;

    for (let kept = collected; kept < lines.length; kept++) {
      const half = lines[kept]?.slice(0, 40) ?? '';
      writeFileSync(journalOf(rig, run), `${lines.slice(0, kept).join('')}${half}`);
      expect((await rig.icepack(['submit', run, ...said])).code, `cut after line ${kept}`).toBe(0);
    }

    const [ticket, ...others] = rig.mock.helpdesk?.tickets ?? [];
    const hashes = ticket?.files.map(({ sha256 }) => sha256) ?? [];
    expect(others).toEqual([]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('a run of another icepack', () => {
  it('of 0.1.0 is listed, and goes to its ticket once (G12)', async () => {
    const rig = await startRig();
    await rig.icepack(['collect', '--batch', '--no-submit', '--only', 'vm']);
    const run = '20261121-1533-ice01-2t47';
    cpSync(join(projectRoot, 'test', 'fixtures', 'run-of-0.1.0'), runFolder(rig, run), { recursive: true });
    execFileSync('chmod', ['-R', 'go=', runFolder(rig, run)]); // git keeps no private modes

    const before = await stateOf(rig, run);
    const done = (await rig.icepack(['submit', run, ...said])).json();
    const again = (await rig.icepack(['submit', run, ...said])).json();

    expect(before).toBe('not registered');
    for (const each of [done, again])
      expect(each).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });

  it.each([
    ['journal.jsonl', '"schema":1', '"schema":2'],
    ['manifest.json', '"schema": 1', '"schema": 2'],
  ])('that is newer is not touched: %s (G12)', async (file, ours, theirs) => {
    const rig = await startRig();
    const { run } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    editJournal(journalOf(rig, run), (text) => text);
    const path = join(runFolder(rig, run), file);
    const changed = readFileSync(path, 'utf8').replace(ours, theirs);
    writeFileSync(path, changed);
    const journal = readFileSync(journalOf(rig, run), 'utf8');

    const done = await rig.icepack(['submit', run, ...said]);

    expect(done.code).toBe(8);
    expect(readFileSync(path, 'utf8')).toBe(changed);
    expect(readFileSync(journalOf(rig, run), 'utf8')).toBe(journal);
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
  });
});

describe('a run that belongs to another help desk', () => {
  it('is neither registered nor attached here, unless a person names the ticket (G13)', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    const other = await startRig();
    await rig.configure((document) => {
      document.helpdesk.url = other.mock.helpdesk?.url;
      document.helpdesk.token = { file: join(other.folder, 'mock', 'token.secret') };
    });
    await other.icepack(['collect', ...batch, '--only', 'vm']);

    const refused = await rig.icepack(['submit', run, ...said]);
    const named = await rig.icepack(['submit', run, '--ticket', '1001', ...said]);

    expect(refused.json()).toMatchObject({ exitCode: 2, error: { code: 'other-help-desk' } });
    expect(refused.json().error.message).toContain(`has TIC-1001 at ${rig.mock.helpdesk?.url}`);
    expect(refused.json().error.hint).toContain(`icepack submit ${run} --ticket NUMBER`);
    expect(named.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' } });
    expect(other.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([2]);
  });

  it('is not registered by itself at one with an API when a person has its texts for a web form (G13)', async () => {
    const rig = await startRig();
    let withApi: unknown;
    await rig.configure((document) => {
      withApi = document.helpdesk;
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com' };
    });
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    await rig.configure((document) => {
      document.helpdesk = withApi;
    });

    const done = await rig.icepack(['submit', run, ...said]);

    expect(done.json()).toMatchObject({ exitCode: 2, error: { code: 'other-help-desk' } });
    expect(done.json().error.message).toContain('was prepared for https://portal.example.com');
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
  });

  it('is not asked about there when an answer was lost here (G13)', async () => {
    const rig = await startRig();
    const { run, reference } = (
      await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli', '--json'])
    ).json();
    const asked = { at: '', type: 'registering', origin: 'https://desk.example/api', reference };
    editJournal(journalOf(rig, run), (text) => `${text}${JSON.stringify(asked)}\n`);

    for (const args of [
      ['submit', run, ...said],
      ['resume', run, '--batch', '--json'],
    ]) {
      const done = await rig.icepack(args);
      expect(done.json(), args[0]).toMatchObject({ exitCode: 2, error: { code: 'other-help-desk' } });
    }

    expect(rig.mock.helpdesk?.tickets).toEqual([]);
  });
});
