import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { batch, startRig, temporaryFolder } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

/** What is done to Node before the program starts: faults of ours cannot be ordered otherwise. */
async function broken(code: string): Promise<{ env: Record<string, string> }> {
  const path = join(await temporaryFolder(), 'broken.mjs');
  writeFileSync(path, code);
  return { env: { NODE_OPTIONS: `--import=${pathToFileURL(path)}` } };
}

/** Throws when the run has said something, somewhere where nobody waits for it. */
const onceSaid = (text: string, fault: string) => `
  const write = process.stderr.write.bind(process.stderr);
  let struck = false;
  process.stderr.write = (chunk, ...rest) => {
    if (!struck && String(chunk).includes(${JSON.stringify(text)})) { struck = true; ${fault} }
    return write(chunk, ...rest);
  };`;

const secret = 'cli-canary-pw-1';
const thrown = `new TypeError("The value is invalid. Received '${secret}'")`;

const faults: [string, string][] = [
  ['an exception in a callback', `setImmediate(() => { throw ${thrown}; });`],
  ['a promise that nobody waits for', `Promise.reject(${thrown});`],
  ['an exception on the way', `throw ${thrown};`],
  ['something thrown that is no error', `setImmediate(() => { throw 'odd ${secret}'; });`],
];

const moments = ['"item-started"', '"clock-measured"', '"step":"register"', '"step":"zip"', '"step":"attach"'];

describe('a bug', () => {
  it.each(
    faults.flatMap(([what, fault], index) =>
      moments.filter((_moment, at) => index === 0 || at === 2).map((moment) => [what, moment, fault]),
    ),
  )('%s at %s ends with 1, one line and a stack without secrets; the run is taken up (H06)', async (_what, moment = '', fault = '') => {
    const rig = await startRig();

    const failed = await rig.icepack(
      ['collect', ...batch, '--only', 'vm,cli', '--json'],
      await broken(onceSaid(moment, fault)),
    );
    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      ...{ type: 'error', code: 'bug' },
      text: expect.stringMatching(/^icepack failed in a way it should not: [^\n]+$/),
      hint: expect.stringContaining('Please report it'),
    });
    expect(failed.json()).toMatchObject({ exitCode: 1, error: { code: 'bug' } });
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
    expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
  });
});

it.skipIf(lacks('tmux'))('a bug at a terminal leaves nothing of what was redrawn there (H06)', async () => {
  const rig = await startRig({ techsupport: { durationMs: 60_000, bytes: 1000 } });
  const { env } = await broken(onceSaid('techsupport 1 s', faults[0]?.[1] ?? ''));

  const terminal = openTerminal(['collect', ...batch, '--only', 'techsupport'], { ...rig.env, ...env });

  await terminal.shows('ended with 1');
  expect(terminal.screen()).toContain('icepack failed in a way it should not');
  expect(terminal.screen()).not.toContain('techsupport 1 s');
});
