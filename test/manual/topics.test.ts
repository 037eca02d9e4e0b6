import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEventTime } from '../../src/domain/event-time.ts';
import { times, topics } from '../../src/manual/topics.ts';
import { projectRoot, runProgram, temporaryFolder } from '../support/rig.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8').replace(/\s+/g, ' ');

describe('icepack help', () => {
  it.each(topics)('$name is printed without a configuration, at 80 columns', async ({ name, title, blocks }) => {
    const folder = await temporaryFolder();

    const done = await runProgram(['help', name], { env: { HOME: folder }, cwd: folder });
    const document = (await runProgram(['help', name, '--json'], { env: { HOME: folder } })).json();

    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(`\n${done.stdout}`).toContain(`\n${title}\n\n`); // behind the help of a verb that bears its name
    const text = done.stdout.replace(/\s+/g, ' ');
    for (const part of blocks.flat(2)) expect(text).toContain(part.replace(/\s+/g, ' '));
    expect(done.stdout.split('\n').filter((line) => [...line].length > 80 || /\s$/.test(line))).toEqual([]);
    expect(document).toMatchObject({ exitCode: 0, text: done.stdout });
  });

  it('names its topics, and the one that was meant', async () => {
    const help = await runProgram(['help', '--help'], {});
    const near = await runProgram(['help', 'exit-code'], {});

    for (const { name } of topics) expect(help.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(near.code).toBe(2);
    expect(near.stderr).toContain('icepack help exit-codes');
  });
});

describe('the topics', () => {
  it.each(times.map(([term]) => term.replaceAll('"', '')))('show a time that is understood: %s', (text) => {
    const now = new Date('2026-11-20T12:00:00Z');

    expect(() => parseEventTime(text, 'Europe/Stockholm', now)).not.toThrow();
  });

  it('and the README name the same files', () => {
    const rows = topics.filter(({ name }) => name === 'files').flatMap(({ blocks }) => blocks);
    const terms = rows.flatMap((block) => (typeof block === 'string' ? [] : block.map(([term]) => term)));

    const named = terms.map((term) => term.split('/').at(-1));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => name && !readme.includes(name))).toEqual([]);
  });
});
