import { describe, expect, it } from 'vitest';
import { execOutput } from '../../src/ssh/exec-output.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { type Step, startScriptedServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
const megabyte = Buffer.alloc(1_000_000, `${'x'.repeat(99)}\n`);

type Printed = { text: Buffer; end: { code: number | undefined } | undefined; failure: unknown; signals: string[] };

/** Runs a command that does these steps. */
async function run(steps: Step[], maxBytes: number, take?: () => Promise<void>): Promise<Printed> {
  const server = await startScriptedServer({ exec: { job: steps } });
  const connection = await connected(targetOf('hostOs', { port: server.port, hostKey: server.hostKey }));
  const parts: Buffer[] = [];
  const options = {
    signal: never,
    maxBytes,
    take: async (chunk: Buffer) => {
      parts.push(chunk);
      await take?.();
    },
  };
  const printed: Printed = { text: Buffer.alloc(0), end: undefined, failure: undefined, signals: server.signals };
  try {
    printed.end = await execOutput(connection, 'job', options);
  } catch (error) {
    printed.failure = error;
  }
  return { ...printed, text: Buffer.concat(parts) };
}

describe('what a command prints', () => {
  it('comes on both streams, without the beginning (field-B04)', async () => {
    const { text, end } = await run(['one\n', { stderr: 'two\n' }, 'three\n', { exit: 3 }, 'close-channel'], 1000);

    expect(text.toString().split('\n').sort()).toEqual(['', 'one', 'three', 'two']); // a server sends one stream first
    expect(end).toEqual({ code: 3 });
  });

  it('is taken to its last byte where it is 15 MB and may be more (field-B04)', async () => {
    const steps: Step[] = [...Array.from({ length: 15 }, () => megabyte), { exit: 0 }, 'close-channel'];

    const { text, end } = await run(steps, 15_000_000);

    expect(text.length).toBe(15_000_000);
    expect(end).toEqual({ code: 0 });
  });

  it('is taken up to the limit, and the command is ended there (field-B04)', async () => {
    const { text, end, signals } = await run([...Array.from({ length: 15 }, () => megabyte), 'hang'], 8_000_001);

    expect(text.length).toBe(8_000_001);
    expect(end).toEqual({ code: undefined });
    await expect.poll(() => signals).toContain('TERM');
  });

  it('is waited for by a server whose output nobody takes yet (field-B04)', async () => {
    let pauses = 0;
    const slowly = async () => {
      if (pauses++ < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    };

    const { text } = await run(
      [...Array.from({ length: 5 }, () => megabyte), { exit: 0 }, 'close-channel'],
      1e9,
      slowly,
    );

    expect(text.length).toBe(5_000_000);
  });

  it('before it is cut is there, and it is an error (field-B04)', async () => {
    const { text, failure } = await run(['half of', 'close-channel'], 1000);

    expect(text.toString()).toBe('half of');
    expect(failure).toMatchObject({ code: 'command-cut' });
  });
});
