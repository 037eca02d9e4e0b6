import { describe, expect, it } from 'vitest';
import { icepack, say, spelled } from '../../src/domain/command.ts';
import { wrapped } from '../../src/ui/wrap.ts';

describe('a line that is wider than the terminal', () => {
  it('is broken between words', () => {
    expect(wrapped('The logs do not cover the whole window: ICE01 system.log (the window is not over yet).', 50)).toBe(
      'The logs do not cover the whole window: ICE01\nsystem.log (the window is not over yet).',
    );
  });

  it('goes on below its first word', () => {
    expect(wrapped('     ~ Logs/system.log  28 kB  it ends at 2026-11-22 00:44', 50)).toBe(
      '     ~ Logs/system.log  28 kB  it ends at\n       2026-11-22 00:44',
    );
    expect(
      wrapped('Warning: its clock is 3 min ahead\n  → Set the time of the server before the next incident', 45),
    ).toBe('Warning: its clock is 3 min ahead\n  → Set the time of the server before the\n    next incident');
  });

  it.each([
    ['a command', say`${icepack('collect', 'ice01', '--at', '2026-11-20T10:32:00+01:00', '--only', 'logs')}`],
    ['a path', '/home/admin/.local/state/icepack/runs/20261121-2315-east-fdv8/TIC-pending Event1.zip'],
    ['a word', 'SHA-2562fd5c31f5e727ef46b1a5ccba94c6411b50865d24d146c00d6ec33957447e0ca'],
  ])('is left whole where %s is to be copied', (_what, line) => {
    expect(wrapped(line, 50)).toBe(spelled(line));
  });

  it('is broken around a command, never in it (field-F06)', () => {
    const doctor = icepack('doctor', 'ice01').with('--pin');
    expect(wrapped(say`  → Check the credential, then: ${doctor}; or ask who knows the server`, 40)).toBe(
      '  → Check the credential, then:\n    icepack doctor ice01 --pin; or ask\n    who knows the server',
    );
  });

  it('is left as it is when it is not wider', () => {
    expect(wrapped('ICE01  ice01  partial', 21)).toBe('ICE01  ice01  partial');
  });
});
