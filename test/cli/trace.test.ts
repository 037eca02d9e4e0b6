import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batch, type Rig, startRig } from '../support/rig.ts';

const line = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ (run|ssh|http|file|lock) +\S.*$/;

/** The trace goes to a file in the home folder, where secrets are looked for after every run. */
function tracing(rig: Rig) {
  const path = join(rig.folder, 'trace.log');
  return { path, options: { env: { ICEPACK_DEBUG: path } } };
}

describe('ICEPACK_DEBUG', () => {
  it('has a whole collection in one file, line by line with times, and no secret', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);

    const done = await rig.icepack(['collect', ...batch, '--verbose'], options); // the rig looks for secrets in the file

    expect(done.code).toBe(0);
    const text = await readFile(path, 'utf8');
    expect(text.split('\n').filter((each) => each !== '' && !line.test(each))).toEqual([]);
    expect(text).not.toMatch(/canary|Bearer|authorization/i);
    for (const expected of [
      /run {2}icepack \S+ on Node \d\S+, \S+ \S+: collect --batch/,
      /ssh {2}ICE01 .*: Handshake: KEX algorithm: \S+/,
      /ssh {2}ICE01 .*: Outbound: Sending USERAUTH_REQUEST \(password\)/,
      /ssh {2}ICE01 .*: reached login in \d+ ms/,
      /ssh {2}ICE01 .*: asked for a shell/,
      /ssh {2}ICE01 .*: a shell begun/,
      /ssh {2}ICE01 .*: a session has ended, 0 left/,
      /http POST http:\S+\/tickets sent, 0 ms/,
      /http POST http:\S+\/tickets answered 201, \d+ bytes, \d+ ms/,
      /lock taken: \S+ server 127\.0\.0\.1 /,
      /lock released: \S+ server 127\.0\.0\.1 /,
      /file appended to \S+\/journal\.jsonl, synced/,
      /file synced \S+\.partial, renamed to \S+\/Logs\/system\.log/,
      /run {2}ends with exit code 0\n$/,
    ])
      expect(text).toMatch(expected);
    expect(text).not.toContain('CHANNEL_DATA');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('shows of the query of a request the names only', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);

    await rig.icepack(['collect', ...batch], options);

    const urls = [...(await readFile(path, 'utf8')).matchAll(/http [A-Z]+ (\S+)/g)].map(([, url = '']) => url);
    expect(urls.filter((url) => url.includes('?'))).not.toEqual([]);
    expect(urls.filter((url) => url.includes('='))).toEqual([]);
  });

  it('goes on in a file that is there, and tells how a run failed', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);
    await writeFile(path, 'before\n', { mode: 0o600 });

    await rig.icepack(['submit', 'no-such-run', '--batch'], options);

    expect(await readFile(path, 'utf8')).toMatch(/^before\n(.*\n)*.* run {2}ends with exit code 2: \S+: .*no-such-run/);
  });

  it.each<[string, (path: string) => Promise<unknown>, string, string?]>([
    ['in a folder that is not there', async () => undefined, 'ENOENT', 'none/trace.log'],
    ['that is a folder', (path) => mkdir(path), 'EISDIR'],
    ['that others may read', (path) => writeFile(path, '').then(() => chmod(path, 0o644)), 'chmod 600'],
    ['that is a link', (path) => symlink('/dev/null', path), 'ELOOP'],
    ['that is a pipe', async (path) => execFileSync('mkfifo', ['-m', '600', path]), 'Name a file'],
  ])('refuses a file %s before anything is done', async (_what, spoil, why, name = 'trace.log') => {
    const rig = await startRig();
    const path = join(rig.folder, name);
    await spoil(path);

    const done = await rig.icepack(['collect', ...batch, '--json'], { env: { ICEPACK_DEBUG: path } });

    expect(done.code).toBe(8);
    const { code, message, hint } = done.json().error;
    expect(code).toBe('trace-refused');
    expect(message).toContain(`"${path}"`);
    expect(`${message} ${hint}`).toContain(why);
    expect(hint).toContain('Nothing was done');
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('is told by doctor', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);

    const done = await rig.icepack(['doctor', '--json'], options);

    expect(done.json().checks).toContainEqual(
      expect.objectContaining({ check: 'environment', status: 'ok', text: expect.stringContaining(path) }),
    );
  });
});
