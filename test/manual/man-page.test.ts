import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeMeaning } from '../../src/errors.ts';
import { commandTree } from '../../src/manual/command-tree.ts';
import { manPage } from '../../src/manual/man-page.ts';
import { escaped } from '../../src/manual/roff.ts';
import { topics } from '../../src/manual/topics.ts';
import { everyCommand, idleProgram, optionsShown } from '../support/program.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

async function pageText(): Promise<string> {
  return manPage(commandTree(await idleProgram()), { version: '1.2.3', date: '2026-11-20' });
}

async function pageFile(text?: string): Promise<string> {
  const path = join(await temporaryFolder(), 'icepack.1');
  writeFileSync(path, text ?? (await pageText()));
  return path;
}

function said(program: string, args: readonly string[]): { code: number | null; text: string } {
  const env = { PATH: process.env['PATH'], LANG: 'C.UTF-8', MANWIDTH: '80', TERM: 'dumb', MANPAGER: 'cat' };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  return { code: status, text: stdout + stderr };
}

/** As somebody reads it, without what makes letters bold. */
function shown(text: string): string {
  return text.replace(/.\x08/g, '').replace(/\x1b\[[\d;]*m/g, '');
}

describe('the manual page', () => {
  it.skipIf(lacks('groff'))('is one that groff has nothing to say about', async () => {
    expect(said('groff', ['-man', '-ww', '-z', '-Tutf8', await pageFile()])).toEqual({ code: 0, text: '' });
  });

  it.skipIf(lacks('mandoc'))('is one that mandoc has nothing to say about', async () => {
    expect(said('mandoc', ['-T', 'lint', await pageFile()])).toEqual({ code: 0, text: '' });
  });

  it.skipIf(lacks('lexgrog'))('is found by what it is', async () => {
    const { code, text } = said('lexgrog', [await pageFile()]);

    expect(code).toBe(0);
    expect(text).toContain('"icepack - from an InCenter incident to a complete support ticket in one command"');
  });

  it.skipIf(lacks('man', 'groff'))('fits a terminal of 80 columns, and has all that the help has', async () => {
    const { text } = said('man', ['-l', await pageFile()]);
    const page = shown(text);
    const commands = everyCommand(await idleProgram());

    expect(page.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    for (const [words] of commands) expect(page).toMatch(new RegExp(`^ {3}icepack ${words}`, 'm'));
    for (const option of commands.flatMap(([, each]) => optionsShown(each.helpInformation())))
      expect(page).toMatch(new RegExp(`^ {7}(?:-\\w, )?${option}\\b`, 'm'));
  });

  it.skipIf(lacks('man', 'groff'))('has the sections of icepack help, and each example as it is typed', async () => {
    const page = shown(said('man', ['-l', await pageFile()]).text)
      .replace(/ \\\n|\s+/g, ' ')
      .replace(/ +/g, ' ');

    for (const heading of ['EXIT STATUS', 'FILES', 'TIMES', 'ENVIRONMENT']) expect(page).toContain(` ${heading} `);
    for (const [code, meaning] of exitCodeMeaning) expect(page).toContain(`${code} ${meaning}`);
    for (const row of topics.flatMap(({ blocks }) => blocks).flat(2)) expect(page).toContain(row.replace(/\s+/g, ' '));
    expect(page).toContain('icepack collect --batch --at -45m --summary "VPN down" --severity high');
  });

  it('is the same when it is made again, and says version and date', async () => {
    const page = await pageText();

    expect(await pageText()).toBe(page);
    expect(page).toMatch(/^\.TH ICEPACK 1 2026-11-20 "icepack 1\.2\.3"\n/);
  });
});

describe('roff', () => {
  it.each([
    ['.TH is a request', String.raw`\&.TH is a request`],
    [String.raw`a\b 'c' "d" ~/e f-g`, String.raw`a\eb \(aqc\(aq \(dqd\(dq \(ti/e f\-g`],
    ['Å – …', String.raw`\[u00C5] \(en ...`],
  ])('takes %j as text', (text, source) => {
    expect(escaped(text)).toBe(source);
  });
});
