import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { clipboardSequence, reachedBy, scpLine } from '../../src/ui/handover.ts';

const op = { user: 'op', address: '192.0.2.7', port: 22 };

/** The words of a command, as a shell has them. */
function wordsOf(line: string): string[] {
  const out = execFileSync('/bin/sh', ['-c', `set -f; show() { printf '%s\\n' "$@"; }; show ${line}`]);
  return out.toString().trimEnd().split('\n');
}

describe('a text for the clipboard of a terminal', () => {
  it('is sent whole, in UTF-8', () => {
    const [, base64 = ''] = /^\x1b\]52;c;([A-Za-z0-9+/=]+)\x07$/.exec(clipboardSequence('Åsa\n🧊', false) ?? '') ?? [];

    expect(Buffer.from(base64, 'base64').toString()).toBe('Åsa\n🧊');
  });

  it('is sent to tmux, and through it', () => {
    expect(clipboardSequence('a', true)).toBe('\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\');
  });

  it('is not sent where a terminal would cut it', () => {
    expect(clipboardSequence('x'.repeat(56_244), false)).toBeDefined(); // 74 992 bytes of base64
    expect(clipboardSequence('x'.repeat(56_247), false)).toBeUndefined();
  });
});

describe('the command that fetches files from here', () => {
  it('goes to where SSH reached this machine', () => {
    expect(reachedBy('198.51.100.9 50022 192.0.2.7 22', 'op')).toEqual(op);
    expect(scpLine(op, ['/home/op/a.zip'])).toBe('scp op@192.0.2.7:/home/op/a.zip .');
    expect(scpLine({ ...op, port: 2222 }, ['/a', '/b'])).toBe('scp -P 2222 op@192.0.2.7:/a op@192.0.2.7:/b .');
    expect(wordsOf(scpLine({ ...op, address: '2001:db8::7' }, ['/a']))).toEqual(['scp', 'op@[2001:db8::7]:/a', '.']);
  });

  it.each([
    undefined,
    '',
    'a b',
    '198.51.100.9 50022 $(reboot) 22',
    '198.51.100.9 50022 192.0.2.7 x',
  ])('is not made of %j', (connection) => {
    expect(reachedBy(connection, 'op')).toBeUndefined();
  });

  it('lets no shell read a path, neither here nor at the server', () => {
    const [, source = ''] = wordsOf(scpLine(op, [`/home/op/My "runs"/$(reboot);'x'/~ é/a.zip`]));

    expect(source).toBe('op@192.0.2.7:/home/op/My??runs?/??reboot???x?/??é/a.zip');
  });
});
