import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectedRun, partialsIn, replaceEvidence, zipsIn } from '../support/collected-run.ts';
import { seed } from '../support/kills.ts';
import { lacks, privateMounts, programPath } from '../support/requirements.ts';
import type { RunOptions } from '../support/rig.ts';
import { straced } from '../support/strace.ts';

const newTicket = ['--summary', 'VPN down', '--severity', 'high'];

/** The help desk fails when the ZIP is written already. */
const noUpload = { route: 'PUT /tickets/{id}/files/{name}', fault: 'status-before', status: 403 } as const;

describe('a bundle that waits to be attached', () => {
  it.each([
    ['at its beginning', () => 0],
    ['somewhere', (bytes: number) => (seed * 7919) % bytes],
    ['at its end', (bytes: number) => bytes - 1],
  ])('and in which one bit is flipped %s is never sent: it is written again, which is said (E12)', async (_where, at) => {
    const { rig, copy, withApi } = await collectedRun();
    await withApi();
    rig.mock.helpdesk?.faults.push(noUpload);
    const mine = copy('waiting');
    const first = (await mine.submit(newTicket)).json();
    const bytes = readFileSync(first.bundle.path);
    const place = at(bytes.length);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(first.bundle.path, bytes);

    const second = await mine.submit([]);

    expect(first).toMatchObject({ exitCode: 6, bundle: { attached: false } });
    expect(second.json(), `byte ${place}`).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(second.stderr).toContain(`${first.bundle.name} was changed since it was written; it is written again`);
    expect(rig.mock.helpdesk?.tickets[0]?.files.map(({ sha256 }) => sha256)).toEqual([first.bundle.sha256]);
  });

  it('and whose evidence has changed, too, is not sent at all (E12)', async () => {
    const { rig, copy, withApi } = await collectedRun();
    await withApi();
    rig.mock.helpdesk?.faults.push(noUpload);
    const mine = copy('waiting');
    const first = (await mine.submit(newTicket)).json();
    writeFileSync(first.bundle.path, 'PK');
    writeFileSync(join(mine.folder, 'staging/ice01/VM/virtual-machine.txt'), 'something else');

    const second = await mine.submit([]);

    expect(second.json()).toMatchObject({ exitCode: 8, error: { code: 'evidence-changed' } });
    expect(rig.mock.helpdesk?.tickets[0]?.files).toEqual([]);
  });
});

/** A folder on another disk, which only the program sees; what it leaves there is copied to `kept`. */
function onDisk(kept: string, disk: string, options: string): RunOptions {
  const script = `mount -t tmpfs -o "$1" none "$2"; kept=$3 disk=$2; shift 3; "$@"; code=$?; cp -a "$disk/." "$kept"; exit $code`;
  return { under: [programPath('unshare'), ...privateMounts(), 'bash', '-c', script, 'bash', options, disk, kept] };
}

describe('a copy of the bundle, in the folder that is asked for', () => {
  it.skipIf(lacks('unshare'))('may lie on another disk (E13)', async () => {
    const { rig, copy } = await collectedRun();
    const mine = copy('one');
    const [disk, kept] = ['disk', 'kept'].map((name) => join(rig.folder, 'mock', name)) as [string, string];
    for (const folder of [disk, kept]) mkdirSync(folder);

    const done = await mine.zip(['-o', disk], onDisk(kept, disk, 'size=4m'));

    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { path: join(disk, done.json().bundle.name) } });
    expect(zipsIn(kept)).toEqual(zipsIn(mine.folder));
    expect(partialsIn(kept)).toEqual([]);
  });

  it.skipIf(lacks('unshare')).each([
    ['may not be written to', 'size=4m,ro', 'read-only'],
    ['is full', 'size=4k', 'is full'],
  ])('of a disk that %s is told, and the bundle itself is kept (E01, E13)', async (_what, options, said) => {
    const { rig, copy } = await collectedRun();
    const mine = copy('one');
    const [disk, kept] = ['disk', 'kept'].map((name) => join(rig.folder, 'mock', name)) as [string, string];
    for (const folder of [disk, kept]) mkdirSync(folder);

    const done = await mine.zip(['-o', disk], onDisk(kept, disk, options));

    const { exitCode, error, bundle } = done.json();
    expect(exitCode).toBe(8);
    expect(error).toMatchObject({
      code: 'local-write',
      message: expect.stringMatching(`^"${disk}/.*${said}`),
      hint: `The ZIP itself is kept: ${bundle.path}`,
    });
    expect(readdirSync(kept)).toEqual([]);
    expect(zipsIn(mine.folder)).toEqual({ [bundle.name]: bundle.sha256 });
  });

  it.skipIf(lacks('strace'))(
    'may lie where there are no links, as on a USB stick, and replaces nothing there (E13, E14)',
    async () => {
      const { copy } = await collectedRun();
      const mine = copy('one');
      const output = join(mine.state, 'stick');
      const noLinks = () => straced(['link'], { inject: 'link:error=EPERM' });

      const first = await mine.zip(['-o', output], noLinks());
      const [name = '', hash = ''] = Object.entries(zipsIn(output))[0] ?? [];
      renameSync(join(output, name), join(output, 'first.zip'));
      writeFileSync(join(output, name), 'of somebody else');
      const second = await mine.zip(['-o', output], noLinks());

      expect([first.code, second.code]).toEqual([0, 0]);
      expect(hash).toBe(Object.values(zipsIn(mine.folder))[0]);
      expect(readFileSync(join(output, name), 'utf8')).toBe('of somebody else');
      expect(zipsIn(output)).toMatchObject({ 'first.zip': hash, [name.replace('.zip', '-copy2.zip')]: hash });
      expect(partialsIn(output)).toEqual([]);
    },
  );

  it('replaces nothing, and nobody’s gets lost, when many want the same name at once (E14)', async () => {
    const { rig, copy } = await collectedRun();
    const output = join(rig.folder, 'mock', 'output');
    const copies = Array.from({ length: 6 }, (_, index) => copy(`of-${index}`));
    for (const [index, { folder }] of copies.entries())
      replaceEvidence(folder, { 'CLI/': Buffer.from(`what ${index} collected`) });

    const all = await Promise.all(copies.map((mine) => mine.zip(['-o', output])));

    expect(all.map(({ code }) => code)).toEqual(copies.map(() => 0));
    const zips = zipsIn(output);
    expect(all.map((done) => done.json().bundle.path).sort()).toEqual(
      Object.keys(zips)
        .map((name) => join(output, name))
        .sort(),
    );
    expect(Object.keys(zips)).toHaveLength(copies.length);
    expect(new Set(Object.values(zips)).size).toBe(copies.length);
  });

  it('lies there once, however often the run is taken up (E14)', async () => {
    const { copy } = await collectedRun();
    const mine = copy('one');
    const output = join(mine.state, 'output');

    await mine.zip(['-o', output]);
    const again = await mine.zip();

    expect(again.json().bundle.path).toBe(join(output, again.json().bundle.name));
    expect(zipsIn(output)).toEqual(zipsIn(mine.folder));
  });

  it('is taken for the same by what it holds: neither a link nor a folder of its name is it (E14)', async () => {
    const { copy } = await collectedRun();
    const mine = copy('one');
    const output = join(mine.state, 'output');
    const { bundle } = (await mine.zip()).json();
    mkdirSync(join(output, bundle.name.replace('.zip', '-copy2.zip')), { recursive: true });
    symlinkSync(bundle.path, join(output, bundle.name));

    const done = await mine.zip(['-o', output]);

    expect(done.json().bundle.path).toBe(join(output, bundle.name.replace('.zip', '-copy3.zip')));
  });

  it('is not put into a folder that is gone since, such as a stick; the run keeps it', async () => {
    const { copy } = await collectedRun();
    const mine = copy('one');
    const output = join(mine.state, 'output');
    await mine.zip(['-o', output]);
    rmSync(output, { recursive: true });

    const done = await mine.zip();

    expect(done.code).toBe(8);
    expect(done.json().error.message).toBe(`"${output}", where the ZIP was to be put too, is no longer there`);
    expect(existsSync(output)).toBe(false);
    expect(Object.keys(zipsIn(mine.folder))).toHaveLength(1);
  });

  it.each([
    ['as long as a name may be', `${'ö'.repeat(127)}x`, 0],
    ['longer than a name may be', `${'ö'.repeat(128)}x`, 8],
  ])('in a folder whose name is %s, in bytes of UTF-8, is made or told (E15)', async (_how, name, code) => {
    const { copy } = await collectedRun();
    const mine = copy('one');
    const output = join(mine.state, name);

    const done = await mine.zip(['-o', output]);

    expect(done.code).toBe(code);
    if (code === 0) expect(zipsIn(output)).toEqual(zipsIn(mine.folder));
    else expect(done.json().error).toMatchObject({ code: 'local-write', message: expect.stringContaining('too long') });
    expect(Object.keys(zipsIn(mine.folder))).toHaveLength(1);
  });
});
