import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fence } from '../../src/watch/fenced.ts';
import { lacks } from '../support/requirements.ts';

const shells = ['sh', 'bash', ...(lacks('zsh') ? [] : ['zsh'])];

describe.each(shells)('several commands in one line for %s', (shell) => {
  const run = (commands: readonly string[]) => {
    const { line, read } = fence(commands);
    const output = execFileSync(shell, ['-c', line], { encoding: 'utf8' });
    return commands.map((_, index) => read(output, index));
  };

  it('give what each printed, and how it ended', () => {
    const printed = run([
      'echo one; exit 3',
      'printf "no end"',
      'true',
      'echo wrong >&2; nosuchcommand',
      "echo 'a b' | tr a c",
    ]);

    expect(printed[0]).toEqual({ text: 'one\n', code: 3 });
    expect(printed[1]).toEqual({ text: 'no end', code: 0 });
    expect(printed[2]).toEqual({ text: '', code: 0 });
    expect(printed[3]).toMatchObject({ code: 127, text: expect.stringContaining('wrong\n') });
    expect(printed[4]).toEqual({ text: 'c b\n', code: 0 });
  });

  it('do not wait for input, and one that exits ends no other', () => {
    expect(run(['cat', 'exit 0', 'echo on'])).toEqual([
      { text: '', code: 0 },
      { text: '', code: 0 },
      { text: 'on\n', code: 0 },
    ]);
  });
});

describe('what stands between two lines', () => {
  const { read } = fence(['a', 'b'], 'nonce');

  it('is not believed where the lines are those of another time, or not there (W69)', () => {
    expect(read('icepack-other 0 begins\nok\nicepack-other 0 ends 0\n', 0)).toBeUndefined();
    expect(read('icepack-nonce 0 begins\nok\n', 0)).toBeUndefined();
    expect(read('', 0)).toBeUndefined();
    expect(read('icepack-nonce 0 begins\nx\nicepack-nonce 1 begins\ny\nicepack-nonce 1 ends 0\n', 0)).toBeUndefined();
  });

  it('is found behind the noise of a login, with line ends of a terminal (W69)', () => {
    const output = 'Welcome\r\nicepack-nonce 0 begins\r\nok\r\n\r\nicepack-nonce 0 ends 0\r\n';

    expect(read(output, 0)).toEqual({ text: 'ok\n', code: 0 });
  });
});
