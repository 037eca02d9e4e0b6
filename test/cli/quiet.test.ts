import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  batch,
  type Finished,
  type Rig,
  runProgram,
  startRig,
  startRun,
  temporaryFolder,
  until,
} from '../support/rig.ts';

const vm = [...batch, '--only', 'vm'];
const silent = { stdout: '', stderr: '' };

/** A server that nobody answers at. */
async function deadRig(): Promise<Rig> {
  const rig = await startRig();
  await Promise.all(rig.mock.appliances.map((appliance) => appliance.close()));
  return rig;
}

async function usePortal(rig: Rig): Promise<void> {
  await rig.configure((document) => {
    document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
  });
}

/** What was said: one message on standard error, a few lines of it, with a time and nothing else anywhere. */
function expectOneMessage(done: Finished, exitCode: number): void {
  expect(done.code).toBe(exitCode);
  expect(done.stdout).toBe('');
  expect(done.stderr).toMatch(
    new RegExp(`^icepack: [^\\n]*\\(exit code ${exitCode}\\), since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC`),
  );
  expect(done.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(6);
  expect(done.stderr).toContain('\n  → ');
}

/** Each line of a stream as a document. */
const documentsIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('--quiet', () => {
  it.each([
    ['collect', ...vm],
    ['collect', '--dry-run', '--at', '-45m'],
    ['doctor'],
    ['runs'],
  ])('says nothing where all is well: %j (field-F10)', async (...args) => {
    const rig = await startRig();

    expect(await rig.icepack([...args, '--quiet'])).toMatchObject({ code: 0, ...silent });
  });

  it('says nothing of a warning that changes nothing (field-F10)', async () => {
    const rig = await startRig({ clockOffsetMs: 7 * 60_000 });

    expect(await rig.icepack(['collect', ...vm, '--quiet'])).toMatchObject({ code: 0, ...silent });
  });

  it('says nothing where another run is at work (field-F10)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 60_000, bytes: 1000 } });
    const first = startRun(rig, ['collect', ...batch, '--only', 'techsupport', '--no-submit']);
    await until(() => first.said().includes('techsupport …'));

    const second = await rig.icepack(['collect', ...batch, '--quiet']);
    first.kill('SIGTERM');
    await first.ended;

    expect(second).toMatchObject({ code: 9, ...silent });
  });

  it('says once what is missing, since when, and what to type next (field-F10)', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--only', 'logs', '--quiet']);

    expectOneMessage(done, 3);
    expect(done.stderr).toMatch(/^icepack: collect: partial .*, run \d{8}-/);
    expect(done.stderr).toMatch(/missing or not whole: Logs\//);
    expect(done.stderr).toMatch(/\n {2}ICE01: .+\n/);
    expect(done.stderr).toMatch(/→ icepack (?:collect|submit|resume) \S+/);
  });

  it.each([
    ['a server that does not answer', deadRig, ['collect', ...vm], 5],
    ['doctor at one', deadRig, ['doctor'], 5],
    ['a usage error', startRig, ['collect', '--summry', 'x'], 2],
    ['an option that makes no sense', startRig, ['collect', '--batch', '--at', '25:00'], 2],
    ['a recipe that nobody confirmed', startRig, ['collect', ...vm.slice(0, -2), '--recipe', 'ask.yaml'], 2],
    ['no verb', startRig, [], 2],
  ])('says one message for %s (field-F10)', async (_what, start, args, code) => {
    const rig = await start();
    await writeFile(join(rig.folder, 'ask.yaml'), 'hostCommands: [uptime]\n');

    expectOneMessage(await rig.icepack([...args, '--quiet']), code);
  });

  it('says what is to be done where there is something left although all is well (field-F10)', async () => {
    const rig = await startRig();
    await usePortal(rig);

    const done = await rig.icepack(['collect', ...vm, '--quiet']);

    expectOneMessage(done, 0);
    expect(done.stderr).toMatch(/→ icepack submit \S+ --ticket NUMBER {2}\(.+\)\n$/);
  });

  it('is as quiet in the demo (field-F10)', async () => {
    const folder = await temporaryFolder();

    const done = await runProgram(['demo', '--dir', folder, '--quiet'], { env: { PATH: process.env['PATH'] ?? '' } });

    expect(done).toMatchObject({ code: 0, ...silent });
  });
});

describe('--json', () => {
  const broken: [string, string][] = [
    ['that is no YAML', 'appliances: ['],
    ['that misses what it needs', 'appliances: { ice01: { id: 1 } }'],
  ];

  it.each([
    ['without a verb', []],
    ['an unknown verb', ['colect']],
    ['an unknown option', ['collect', '--summry']],
    ['a configuration that is not there', ['--config', '/nowhere/icepack.yaml', 'doctor']],
    ['a help of nothing', ['help', 'x']],
    ['options that exclude each other', ['runs', '--quiet', '--verbose']],
  ])('keeps standard error for lines of JSON: %s (field-F10)', async (_what, args) => {
    const rig = await startRig();

    const [loud, quiet] = [await rig.icepack(['--json', ...args]), await rig.icepack([...args, '--json', '--quiet'])];

    expect([loud.code, quiet.code]).toEqual([2, 2]);
    expect(documentsIn(loud.stdout)).toMatchObject([
      { schema: 1, exitCode: 2, error: { message: expect.any(String) } },
    ]);
    if (!args.includes('--verbose'))
      expect(documentsIn(loud.stderr)).toMatchObject([
        { type: 'error', time: expect.any(String), code: expect.any(String) },
      ]);
    expect(documentsIn(quiet.stdout)).toHaveLength(1);
    expect(quiet.stderr).toBe('');
  });

  it.each(broken)('tells a configuration %s as lines of JSON (field-F10)', async (_what, text) => {
    const rig = await startRig();
    await writeFile(rig.config, text);
    await chmod(rig.config, 0o600);

    const loud = await rig.icepack(['collect', ...batch, '--json']);
    const quiet = await rig.icepack(['collect', ...batch, '--json', '--quiet']);

    expect([loud.code, quiet.code]).toEqual([2, 2]);
    expect(documentsIn(loud.stderr).at(-1)).toMatchObject({ type: 'error', code: 'bad-config' });
    expect(documentsIn(quiet.stdout)).toHaveLength(1);
    expect(quiet.stderr).toBe('');
  });

  it('with --quiet leaves one document, whatever happens on the way (field-F10)', async () => {
    const rig = await deadRig();

    const done = await rig.icepack(['collect', ...vm, '--json', '--quiet']);

    expect(done.code).toBe(5);
    expect(documentsIn(done.stdout)).toMatchObject([{ exitCode: 5 }]);
    expect(done.stderr).toBe('');
  });

  it.each(['--help', '--version', 'help collect'])('makes one document of %s, too (field-F10)', async (args) => {
    const done = await runProgram([...args.split(' '), '--json'], {});

    const plain = await runProgram(args.split(' '), {});
    expect(documentsIn(done.stdout)).toEqual([expect.objectContaining({ exitCode: 0, text: plain.stdout })]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
  });

  it('goes through the demo (field-F10)', async () => {
    const folder = await temporaryFolder();

    const done = await runProgram(['demo', '--dir', folder, '--json'], { env: { PATH: process.env['PATH'] ?? '' } });

    expect(documentsIn(done.stdout)).toMatchObject([{ verb: 'demo', exitCode: 0 }]);
    expect(documentsIn(done.stderr).length).toBeGreaterThan(3);
  });
});

describe('without a verb', () => {
  it('a page says what icepack is, how to begin and where help is', async () => {
    const done = await runProgram([], {});

    expect(done).toMatchObject({ code: 0, stderr: '' });
    for (const verb of ['demo', 'init', 'collect']) expect(done.stdout).toMatch(new RegExp(`^  icepack ${verb} `, 'm'));
    expect(done.stdout).toContain('icepack --help');
    expect(done.stdout.split('\n').length).toBeLessThan(15);
  });

  it.each(['--json', '--batch'])('%s is an error, for scripts', async (option) => {
    const done = await runProgram([option], {});

    expect(done.code).toBe(2);
    expect(done.stdout + done.stderr).toContain('no verb was given');
  });
});
