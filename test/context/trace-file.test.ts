import { closeSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../src/context/surroundings.ts';
import { startTrace } from '../../src/context/trace-file.ts';
import { icepack, say } from '../../src/domain/command.ts';
import { isTracing, trace, traceEvent, traceTo } from '../../src/domain/trace.ts';
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
    startTrace({}, around(undefined), [], () => undefined);

    trace('ssh', () => {
      throw new Error('the text was made');
    });

    expect(isTracing()).toBe(false);
  });

  it('masks the secrets that are known by then, in every encoding, and those that rules find', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    const secrets: string[] = [];
    startTrace(
      {},
      around(path, ['upload', '--to', 'ftps://acme:url-canary@ftp.example.com/']),
      secrets,
      () => undefined,
    );

    secrets.push('learnt-canary/1'); // as they are read, after the trace has begun
    trace('ssh', () => 'Outbound: Sending CHANNEL_REQUEST (r:0, exec: curl -u kim:learnt-canary/1 x)');
    trace('http', () => `GET https://x/?t=${encodeURIComponent('learnt-canary/1')} password=found-canary`);
    trace('file', () => Buffer.from('learnt-canary/1').toString('base64'));

    const text = readFileSync(path, 'utf8');
    expect(text.split('\n')).toHaveLength(5);
    expect(text).toContain('Sending CHANNEL_REQUEST (r:0, exec: curl -u kim:<redacted');
    expect(text).not.toMatch(/canary|bGVhcm50/);
  });

  it('has what is reported of the work, with commands as they are typed, and without secrets', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    startTrace({}, around(path), ['learnt-canary/1'], () => undefined);

    traceEvent({ type: 'note', text: say`Then: ${icepack('runs')}` });
    traceEvent({ type: 'warning', server: 'ice01', text: 'it said "learnt-canary/1"' });
    for (const bytes of [1, 2, 3]) traceEvent({ type: 'step-progress', step: 'zip', bytes, totalBytes: 3 });

    const text = readFileSync(path, 'utf8');
    const [, note, warning, ...progress] = text.trimEnd().split('\n');
    expect(JSON.parse(note ?? '')).toMatchObject({ area: 'event', type: 'note', text: 'Then: icepack runs' });
    expect(JSON.parse(warning ?? '')).toMatchObject({ type: 'warning', server: 'ice01' });
    expect(progress).toHaveLength(1);
    expect(text).not.toContain('canary');
  });

  it('begins anew when its file is full, as closed to others as before (H11)', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    startTrace({}, around(path), [], () => undefined, 1000);

    for (let at = 0; at < 30; at++) trace('run', () => `step ${at} ${'x'.repeat(100)}`);

    expect([path, `${path}.1`].map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(statSync(path).size).toBeLessThan(1300);
    expect(readFileSync(path, 'utf8')).toContain('step 29 ');
  });

  it('is one line for each thing, whatever a server said', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    startTrace({}, around(path), [], () => undefined);

    trace('ssh', () => `Remote ident: 'SSH-2.0-\x1b]0;x\x07\x1b[2J\nforged\u202e${'x'.repeat(5000)}'`);

    const [, line = '', ...more] = readFileSync(path, 'utf8').split('\n');
    expect(more).toEqual(['']);
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(line.length).toBeLessThan(2100);
  });

  it('ends with a warning, said once, where its file takes no more; nothing else ends (H11)', async () => {
    const path = join(await temporaryFolder(), 'trace.log');
    const warnings: string[] = [];
    startTrace({}, around(path), [], (text) => warnings.push(text));
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
