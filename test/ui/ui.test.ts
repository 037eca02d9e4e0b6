import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openUi } from '../../src/ui/ui.ts';

/** What a terminal with colours is sent. */
async function painted(text: string): Promise<string> {
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  const stdout = Object.assign(new PassThrough(), { isTTY: false });
  const ui = await openUi({
    json: false,
    quiet: false,
    verbose: false,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    color: { stdout: true, stderr: true },
    now: () => new Date(0),
    renderCommand: (command: string) => command,
  });
  ui.printError([{ text, tone: 'warn' }]);
  return stderr.read().toString().trimEnd();
}

const yellow = (text: string) => `\x1b[33m${text}\x1b[39m`;

describe('a warning', () => {
  it.each([
    ['Warning: the clock was set', 'Warning:'],
    ['ice01: Logs/debug.log partial', 'ice01:'],
    ['     ! Logs/debug.log  partial', '     !'],
    ['warn  clock  ICE01 is 3 min ahead', 'warn'],
  ])('is marked at its beginning, and its words can be read on any background: %s', async (text, label) => {
    expect(await painted(text)).toBe(`${yellow(label)}${text.slice(label.length)}`);
  });

  it('that is a sentence is bold', async () => {
    expect(await painted('The logs do not cover the whole window.')).toBe(
      '\x1b[1mThe logs do not cover the whole window.\x1b[22m',
    );
  });
});
