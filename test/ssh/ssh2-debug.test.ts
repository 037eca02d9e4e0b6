import { afterEach, describe, expect, it } from 'vitest';
import { traceTo } from '../../src/domain/trace.ts';
import { ssh2Debug } from '../../src/ssh/ssh2-debug.ts';

afterEach(() => traceTo(undefined));

function traced(lines: string[]): string[] {
  const seen: string[] = [];
  traceTo((entry) => 'text' in entry && seen.push(entry.text));
  const { debug } = ssh2Debug('ICE01');
  for (const line of lines) debug?.(line);
  return seen;
}

describe('what ssh2 says of a connection', () => {
  it('is asked for only where somebody traces', () => {
    expect(ssh2Debug('ICE01')).toEqual({});
  });

  it('is in the trace, with the connection it is about', () => {
    const lines = [
      'Handshake: KEX algorithm: curve25519-sha256',
      'SFTP: Inbound: Received STATUS (id:1, 2, "No such file")',
    ];

    expect(traced(lines)).toEqual(lines.map((line) => `ICE01: ${line}`));
  });

  it.each([
    'Debug output from server: "password=x"',
    'Outbound: Sending CHANNEL_REQUEST (r:0, env: PGPASSWORD=x)',
    'Shared secret: x',
    'Inbound: CHANNEL_DATA (r:0, 32768)',
    'Outbound: Sending CHANNEL_WINDOW_ADJUST (r:0, 32768)',
    'SFTP: Inbound: Received DATA (id:7, 32768)',
    'SFTP: Outbound: Sending READ',
  ])('is left out where it may hold a secret or is of one piece of a file: %s', (line) => {
    expect(traced([line])).toEqual([]);
  });
});
