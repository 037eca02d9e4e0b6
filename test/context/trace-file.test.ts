import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../src/context/surroundings.ts';
import { startTrace } from '../../src/context/trace-file.ts';
import { isTracing, trace, traceTo } from '../../src/domain/trace.ts';
import { temporaryFolder } from '../support/rig.ts';

afterEach(() => traceTo(undefined));

function around(path: string | undefined, args: string[] = []): Surroundings {
  const { argv, execPath, stdin, stdout, stderr } = process;
  const env = path === undefined ? {} : { ICEPACK_DEBUG: path };
  const words = [...argv.slice(0, 2), ...args];
  return { env, argv: words, cwd: '/', stdin, stdout, stderr, execPath, nodeVersion: '20.0.0' };
}

describe('the trace', () => {
  it('costs nothing where nobody asked for it', () => {
    startTrace(around(undefined), [], () => undefined);

    trace('ssh', () => {
      throw new Error('the text was made');
    });

    expect(isTracing()).toBe(false);
  });

  it('masks the secrets that are known by then, in every encoding, and those that rules find', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    const secrets: string[] = [];
    startTrace(around(path, ['upload', '--to', 'ftps://acme:url-canary@ftp.example.com/']), secrets, () => undefined);

    secrets.push('learnt-canary/1'); // as they are read, after the trace has begun
    trace('ssh', () => 'Outbound: Sending CHANNEL_REQUEST (r:0, exec: curl -u kim:learnt-canary/1 x)');
    trace('http', () => `GET https://x/?t=${encodeURIComponent('learnt-canary/1')} password=found-canary`);
    trace('file', () => Buffer.from('learnt-canary/1').toString('base64'));

    const text = readFileSync(path, 'utf8');
    expect(text.split('\n')).toHaveLength(5);
    expect(text).toContain('Sending CHANNEL_REQUEST (r:0, exec: curl -u kim:<redacted');
    expect(text).not.toMatch(/canary|bGVhcm50/);
  });

  it('is one line for each thing, whatever a server said', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    startTrace(around(path), [], () => undefined);

    trace('ssh', () => `Remote ident: 'SSH-2.0-\x1b]0;x\x07\x1b[2J\nforged\u202e${'x'.repeat(5000)}'`);

    const [, line = '', ...more] = readFileSync(path, 'utf8').split('\n');
    expect(more).toEqual(['']);
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(line.length).toBeLessThan(2100);
  });

  it('ends with a warning, said once, where its file takes no more; nothing else ends', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    const warnings: string[] = [];
    startTrace(around(path), [], (text) => warnings.push(text));
    closeSync(descriptorOf(path)); // as good as a disk that fails

    trace('run', () => 'one');
    trace('run', () => 'two');

    expect(warnings).toEqual([expect.stringMatching(/trace\.log" ends here: EBADF/)]);
    expect(isTracing()).toBe(false);
  });
});

function descriptorOf(path: string): number {
  const found = readdirSync('/proc/self/fd').find((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false; // that of the listing itself
    }
  });
  return Number(found);
}
