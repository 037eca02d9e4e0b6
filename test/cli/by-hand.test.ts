import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const draft = ['--summary', 'VPN down', '--severity', 'high'];

/** A run that was collected for a help desk that only people can use. */
async function collectedForPortal(): Promise<{ rig: Rig; run: string }> {
  const rig = await startRig();
  await rig.configure((document) => {
    document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/', clipboard: false };
  });
  const args = ['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'];
  return { rig, run: (await rig.icepack(args)).json().run };
}

async function correct(terminal: Terminal, wrong: string): Promise<void> {
  terminal.type(wrong);
  terminal.press('Enter');
  await terminal.shows('Write it like TIC-1234 or 1234');
  terminal.press('C-u'); // takes the line away
  await terminal.hides(wrong);
}

describe.skipIf(lacks('tmux', 'unzip'))('a number that a person types', () => {
  it('is not taken when it is none; the right one, typed instead, names the bundle (F30)', async () => {
    const { rig, run } = await collectedForPortal();
    const terminal = openTerminal(['submit', run, ...draft, '--description', 'x'], rig.env, { columns: 120, rows: 90 });

    await terminal.shows('The number the ticket was given');
    for (const wrong of ['TIC-12a4', 'TIC 1234', '١٢٣٤', 'TIC-１２', '../1234']) await correct(terminal, wrong);
    terminal.type(' tic-1234 ');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).toMatch(/TIC-1234_Event1_\d+_\d+\.zip/);
  });

  it('and was that of another ticket can be corrected: the bundle is named anew, inside too (F30)', async () => {
    const { rig, run } = await collectedForPortal();
    const submit = (ticket: string) => rig.icepack(['submit', run, ...draft, '--ticket', ticket, '--batch', '--json']);

    const wrong = (await submit('TIC-1243')).json();
    const right = (await submit('Tic-1234')).json();

    expect(wrong.bundle.name).toMatch(/^TIC-1243_Event1_/);
    expect(right).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1234' } });
    const names = execFileSync(programPath('unzip'), ['-Z1', right.bundle.path]).toString();
    expect(names).toContain('TIC-1234/');
    expect(names).not.toContain('1243');
  });

  it.each([
    'TIC-12a4',
    'TIC 1234',
    '１２',
    '',
  ])('as %j after --ticket is refused before anything is done (F30)', async (wrong) => {
    const { rig, run } = await collectedForPortal();

    const refused = await rig.icepack(['submit', run, ...draft, '--ticket', wrong, '--batch', '--json']);

    expect(refused.json()).toMatchObject({ exitCode: 2, bundle: null });
  });
});

describe('a ZIP that a person attaches', () => {
  /** The lines of a summary that say what to do. */
  const steps = (stdout: string) => stdout.split('\n').filter((line) => /^Next: /.test(line));
  const drop =
    /^Next: open TIC-7 at https:\/\/portal\.example\.com\/ and drop the ZIP into its attachment box: TIC-7_Event1_/;

  async function portalRig(change: (document: Parameters<Parameters<Rig['configure']>[0]>[0]) => void): Promise<Rig> {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
      change(document);
    });
    return rig;
  }

  it.each<[string, string[], Record<string, string>]>([
    ['everything is there', ['--at', '-45m'], {}],
    ['a face did not let us in', ['--at', '-45m'], { WRONG: 'x' }],
    ['the window is not over', ['--at', 'now'], {}],
    ['both', ['--at', 'now'], { WRONG: 'x' }],
  ])('is to be dropped into the attachment box, first of all, where %s (field-F02)', async (_what, when, env) => {
    const rig = await portalRig((document) => {
      if (env['WRONG'] !== undefined) document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', '--batch', ...when, '--ticket', '7'], { env });
    const [run] = await rig.runs();
    const again = await rig.icepack(['submit', `${run}`, '--batch']);

    for (const { stdout } of [done, again]) expect(steps(stdout)[0]).toMatch(drop);
  });

  it('is not to be dropped there where it is over the limit (field-F02)', async () => {
    const rig = await portalRig((document) => {
      document.attachmentLimit = '10kB';
    });

    const done = await rig.icepack(['collect', '--batch', '--at', '-45m', '--ticket', '7']);

    expect(done.code).toBe(7);
    expect(done.stdout).not.toContain('drop the ZIP');
    expect(done.stdout).toContain('Do not attach it');
  });
});
