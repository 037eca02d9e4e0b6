import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { batch, binary, type Rig, startRig } from '../support/rig.ts';

/** Runs the program by a shell, with a standard output of its kind. */
async function run(rig: Rig, args: string[], output: string): Promise<{ code: number; stderr: string }> {
  const script = `"$@" ${output}; echo "ended with $?" >&2`;
  const words = ['-c', script, 'sh', process.execPath, binary, ...args];
  const { stderr } = await promisify(execFile)('/bin/bash', words, { env: rig.env, cwd: rig.folder });
  const [, said = '', code] = /^([\s\S]*)ended with (\d+)\n$/.exec(stderr) ?? [];
  return { code: Number(code), stderr: said };
}

/** A pipe that nobody reads any more when the program writes; `| head -0` would leave that to chance. */
const readByNobody = '> >(exec <&-; sleep 0.1)';

const outputs: [string, string][] = [
  ['a pipe that nobody reads', readByNobody],
  ['a disk that is full', '> /dev/full'],
];

describe('the JSON lines of progress', () => {
  it('tell the same losses of a server as the result', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = { env: 'WRONG' };
      document.appliances.ice01.hostOs.home = '/nowhere';
    });

    const done = await rig.icepack(['collect', ...batch, '--no-submit', '--json'], { env: { WRONG: 'x' } });

    type Told = { type: string; losses: { reason: string; paths: string[] }[] };
    const lines = done.stderr
      .trim()
      .split('\n')
      .map((line): Told => JSON.parse(line));
    const told = lines.find(({ type }) => type === 'server-ended')?.losses.map(({ reason, paths }) => [reason, paths]);
    type Loss = { reason: string; missing: string[]; partial: string[] };
    const [server] = done.json().servers;
    expect(server.losses.length).toBeGreaterThan(1);
    expect(told).toEqual(server.losses.map(({ reason, missing, partial }: Loss) => [reason, [...missing, ...partial]]));
  });
});

describe.each(outputs)('with standard output in %s', (_what, output) => {
  it.each([
    '--help',
    '--version',
    'collect --help',
    'runs',
  ])('icepack %s ends with 8 and one plain sentence (H04)', async (call) => {
    const rig = await startRig();

    const done = await run(rig, call.split(' '), output);

    expect(done.code).toBe(8);
    expect(done.stderr).toMatch(/^the result could not be written: [^\n]+\n {2}→ [^\n]+\n$/);
  });

  it('icepack runs --json says so in one line of JSON (H04, field-F10)', async () => {
    const rig = await startRig();

    const [loud, quiet] = [
      await run(rig, ['runs', '--json'], output),
      await run(rig, ['runs', '--json', '--quiet'], output),
    ];

    expect([loud.code, quiet.code]).toEqual([8, 8]);
    for (const { stderr } of [loud, quiet])
      expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 'output-lost' });
  });

  it.each([
    'text',
    'json',
  ])('what was submitted stays submitted, and runs names the ticket, told as %s (H04)', async (form) => {
    const rig = await startRig();

    const done = await run(rig, ['collect', ...batch, '--only', 'vm', ...(form === 'json' ? ['--json'] : [])], output);

    const [listed] = (await rig.icepack(['runs', '--json'])).json().runs;
    expect(done.code).toBe(8);
    expect(done.stderr).toContain('the result could not be written');
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(listed).toMatchObject({ state: 'attached', ticket: 'TIC-1001' });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });
});

describe('without standard streams', () => {
  it('nothing is lost: Node has /dev/null in their place, and the journal has the ticket (H04)', async () => {
    const rig = await startRig();

    const done = await run(rig, ['collect', ...batch, '--only', 'vm'], '<&- >&- 2>&-');

    const [id = ''] = await rig.runs();
    const journal = readFileSync(join(rig.folder, '.local/state/icepack/runs', id, 'journal.jsonl'), 'utf8');
    expect(done.code).toBe(0);
    expect(journal).toContain('"key":"TIC-1001"');
  });

  it('narration that cannot be written costs nothing (H04)', async () => {
    const rig = await startRig();

    const done = await run(rig, ['collect', ...batch, '--only', 'vm'], '2> /dev/full');

    expect(done).toEqual({ code: 0, stderr: '' });
  });
});
