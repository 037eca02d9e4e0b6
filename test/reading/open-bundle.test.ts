import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/reading/layout.ts';
import { type OpenBundle, openBundle } from '../../src/reading/open-bundle.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { badZips } from '../support/bad-zips.ts';
import { bundleFiles, folderOf, madeBundle, writtenZip } from '../support/made-bundle.ts';
import { startRig, temporaryFolder } from '../support/rig.ts';

const noRuns = () => Promise.reject(new Error('no run was asked for'));

async function textIn(bundle: OpenBundle, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of bundle.files.find((file) => file.path === path)?.read() ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function unpacked(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

describe('a bundle is opened', () => {
  it('as a ZIP, in place', async () => {
    const path = await madeBundle();

    const bundle = await openBundle(path, noRuns);

    expect(bundle).toMatchObject({ kind: 'zip', top: 'TIC-1234', manifestState: 'read', flaws: [] });
    expect(await textIn(bundle, `${folderOf(1)}/CLI/show-ha.txt`)).toMatch(/^state: ACTIVE/);
    expect(await bundle.sha256()).toMatch(/^[0-9a-f]{64}$/);
    await bundle.close();
  });

  it('as the folder it was unpacked in, from its top or from above', async () => {
    const folder = await unpacked(bundleFiles());
    for (const place of [folder, join(folder, 'TIC-1234')]) {
      const bundle = await openBundle(place, noRuns);

      expect(bundle).toMatchObject({ kind: 'folder', top: 'TIC-1234', manifestState: 'read', flaws: [] });
      expect(bundle.files.map(({ path }) => path)).toContain('manifest.json');
    }
  });

  it('as a run, under the paths of its bundle, without a configuration', async () => {
    const rig = await startRig();
    const { run } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm,cli', '--json'])
    ).json();
    const state = join(rig.folder, '.local', 'state', 'icepack');

    const bundle = await openBundle(run, async () => openRunStore(state, () => new Date()));

    const [server] = bundle.manifest?.servers ?? [];
    expect(server?.folder).toMatch(/^Event1_ICE01_\d{8}_\d{4}$/);
    expect(await textIn(bundle, `${server?.folder}/VM/virtual-machine.txt`)).toMatch(/\w/);
    expect(layoutOf(bundle).servers[0]).toMatchObject({ label: 'ICE01', name: 'ice01' });
  });

  it('without following a link out of a folder (V06)', async () => {
    const folder = await unpacked(bundleFiles());
    await symlink('/etc', join(folder, 'TIC-1234', 'etc'));
    await symlink('/etc/passwd', join(folder, 'TIC-1234', 'passwd'));

    const bundle = await openBundle(folder, noRuns);

    expect(bundle.flaws.map(({ id }) => id)).toEqual(['safe.link', 'safe.link']);
    expect(bundle.files.filter(({ path }) => path.includes('passwd'))).toEqual([]);
  });

  it('without believing the manifest of a ZIP that is not safe (V03)', async () => {
    const bundle = await openBundle(await writtenZip(badZips['two manifests']?.[1] ?? Buffer.alloc(0)), noRuns);

    expect(bundle).toMatchObject({ manifest: undefined, manifestState: 'unsafe' });
    await bundle.close();
  });

  it.each([
    [
      'newer',
      (manifest: Record<string, unknown>) => Object.assign(manifest, { schema: 2, more: { words: true } }),
      true,
    ],
    ['older', (manifest: Record<string, unknown>) => Object.assign(manifest, { schema: 0 }), true],
    ['older', (manifest: Record<string, unknown>) => Object.assign(manifest, { schema: 0, servers: 'none' }), false],
    ['damaged', (manifest: Record<string, unknown>) => Object.assign(manifest, { servers: 'none' }), false],
  ])('with a manifest that is %s as far as it is known (V10)', async (state, manifest, isRead) => {
    const bundle = await openBundle(await madeBundle({ manifest }), noRuns);

    expect(bundle.manifestState).toBe(state);
    expect(bundle.manifest !== undefined).toBe(isRead);
    await bundle.close();
  });

  it('by hand, where there is no manifest and no folder on top', async () => {
    const folder = await unpacked({ 'Event1_ICE01_20261120_1032/Logs/system.log': 'x', '__MACOSX/._x': 'x' });

    const bundle = await openBundle(join(folder), noRuns);

    expect(bundle).toMatchObject({ top: undefined, manifest: undefined, manifestState: 'none' });
  });

  it('only where there is one', async () => {
    const nothing = () => openBundle('20261120-1110-east-k3f9', async () => openRunStore('/nowhere', () => new Date()));

    await expect(nothing()).rejects.toMatchObject({ code: 'no-such-run' });
    await expect(openBundle('missing.zip', noRuns)).rejects.toMatchObject({ code: 'bad-file' });
  });

  it('and never written to', async () => {
    const path = await madeBundle();
    const before = await readFile(path);

    const bundle = await openBundle(path, noRuns);
    for (const file of bundle.files) for await (const chunk of file.read()) expect(chunk.length).toBeGreaterThan(0);
    await bundle.close();

    expect(await readFile(path)).toEqual(before);
  });
});
