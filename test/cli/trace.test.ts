import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batch, type Rig, startRig } from '../support/rig.ts';

/** The lines of a trace as `area text`, or `event type`, in their order. */
function notedIn(text: string): string {
  const entries = text.split('\n').filter((each) => each.startsWith('{'));
  return entries
    .map((each) => JSON.parse(each))
    .map(({ area, text: said, type }) => `${area} ${area === 'event' ? type : said}\n`)
    .join('');
}

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
    const noted = notedIn(text);
    expect(noted.split('\n')).toHaveLength(text.split('\n').length);
    for (const each of text.trim().split('\n'))
      expect(JSON.parse(each)).toMatchObject({ time: expect.stringMatching(/^\d{4}-.*Z$/), pid: expect.any(Number) });
    expect(text).not.toMatch(/canary|Bearer|authorization/i);
    for (const expected of [
      /run icepack \S+ on Node \d\S+, \S+ \S+: collect --batch/,
      /event run-started\n/,
      /event item-ended\n/,
      /event server-ended\n/,
      /ssh ICE01 .*: Handshake: KEX algorithm: \S+/,
      /ssh ICE01 .*: Outbound: Sending USERAUTH_REQUEST \(password\)/,
      /ssh ICE01 .*: reached login in \d+ ms/,
      /ssh ICE01 .*: asked for a shell/,
      /ssh ICE01 .*: a shell begun/,
      /ssh ICE01 .*: a session has ended, 0 left/,
      /http POST http:\S+\/tickets sent, 0 ms/,
      /http POST http:\S+\/tickets answered 201, \d+ bytes, \d+ ms/,
      /lock taken: \S+ server 127\.0\.0\.1 /,
      /lock released: \S+ server 127\.0\.0\.1 /,
      /file appended to \S+\/journal\.jsonl, synced/,
      /file synced \S+\.partial, renamed to \S+\/Logs\/system\.log/,
      /run ends with exit code 0\n$/,
    ])
      expect(noted).toMatch(expected);
    expect(text).not.toContain('CHANNEL_DATA');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('shows of the query of a request the names only', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);

    await rig.icepack(['collect', ...batch], options);

    const urls = [...notedIn(await readFile(path, 'utf8')).matchAll(/http [A-Z]+ (\S+)/g)].map(([, url = '']) => url);
    expect(urls.filter((url) => url.includes('?'))).not.toEqual([]);
    expect(urls.filter((url) => url.includes('='))).toEqual([]);
  });

  it('goes on in a file that is there, and tells how a run failed', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);
    await writeFile(path, 'before\n', { mode: 0o600 });

    await rig.icepack(['submit', 'no-such-run', '--batch'], options);

    const text = await readFile(path, 'utf8');
    expect(text.startsWith('before\n')).toBe(true);
    expect(notedIn(text)).toMatch(/run ends with exit code 2: \S+: .*no-such-run.*\n(?:event error\n)?$/);
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

describe('--log-file', () => {
  it('is the same trace, counts for more than ICEPACK_DEBUG, and is nothing that anybody else may read', async () => {
    const rig = await startRig();
    const { path, options } = tracing(rig);

    const done = await rig.icepack(['runs', '--log-file', 'mine.jsonl'], options);
    const refused = await rig.icepack(['runs', '--log-file', 'none/mine.jsonl', '--json']);

    expect(done.code).toBe(0);
    const own = join(rig.folder, 'mine.jsonl');
    expect(notedIn(await readFile(own, 'utf8'))).toMatch(
      /^run icepack \S+ on Node .*\n(.*\n)*run ends with exit code 0\n$/,
    );
    expect((await stat(own)).mode & 0o777).toBe(0o600);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect(refused).toMatchObject({ code: 8 });
    expect(refused.json().error).toMatchObject({ code: 'trace-refused', hint: expect.stringContaining('--log-file') });
  });

  it('leaves its end with a run that failed, and in no bundle', async () => {
    const rig = await startRig();
    const call = ['collect', '--batch', '--no-submit', '--json', '--log-file', 'x.jsonl'];

    const { run, bundle } = (await rig.icepack([...call, '--only', 'logs'])).json(); // of a window that is not over
    const good = await rig.icepack([...call, '--only', 'vm', '--at', '-45m']);

    const folderOf = (id: string) => join(rig.folder, '.local', 'state', 'icepack', 'runs', id);
    const tail = await readFile(join(folderOf(run), 'log-tail.jsonl'), 'utf8');
    expect(notedIn(tail)).toMatch(/^run icepack (.*\n)*run ends with exit code 3\n$/);
    expect((await stat(join(folderOf(run), 'log-tail.jsonl'))).mode & 0o777).toBe(0o600);
    expect(bundle.path).toContain('.zip');
    expect(execFileSync('unzip', ['-l', bundle.path], { encoding: 'utf8' })).not.toContain('log-tail');
    await expect(stat(join(folderOf(good.json().run), 'log-tail.jsonl'))).rejects.toThrow('ENOENT');
  });
});
