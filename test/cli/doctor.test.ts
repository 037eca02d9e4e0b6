import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';

async function unpinned(): Promise<Rig> {
  const rig = await startRig();
  await rig.configure((document) => {
    delete document.appliances.ice01.cli.hostKey;
    delete document.appliances.ice01.hostOs.hostKey;
  });
  return rig;
}

describe('icepack doctor', () => {
  it('shows the keys of both faces and logs in nowhere while they are not pinned', async () => {
    const rig = await unpinned();

    const done = await rig.icepack(['doctor', '--json']);

    const [server] = rig.mock.appliances;
    expect(done.code).toBe(5);
    expect(done.json().faces).toMatchObject([
      { face: 'cli', key: { fingerprint: server?.cli.hostKey }, pin: 'unknown', login: 'not-tried' },
      { face: 'hostOs', key: { fingerprint: server?.hostOs.hostKey }, pin: 'unknown', login: 'not-tried' },
    ]);
    expect(server?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('pins with the command it prints, in a file only the user may read, and then logs in', async () => {
    const rig = await unpinned();
    const { next } = (await rig.icepack(['doctor', '--json'])).json();

    const pinned = await rig.icepack([...next[0].split(' ').slice(1), '--json']);
    const after = await rig.icepack(['doctor', '--json']);

    expect(pinned.json().faces).toMatchObject([
      { pin: 'now-pinned', login: 'ok' },
      { pin: 'now-pinned', login: 'ok' },
    ]);
    expect(after.json()).toMatchObject({
      exitCode: 0,
      faces: [
        { pin: 'pinned', login: 'ok' },
        { pin: 'pinned', login: 'ok' },
      ],
    });
    const path = join(rig.folder, '.local/state/icepack/known_hosts');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(
      /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/,
    );
  });

  it('pins only a key with the fingerprint that was given', async () => {
    const rig = await unpinned();
    const fingerprint = rig.mock.appliances[0]?.hostOs.hostKey ?? '';

    const done = await rig.icepack(['doctor', 'ice01', '--pin', '--fingerprint', fingerprint, '--json']);

    expect(done.code).toBe(3);
    expect(done.json().faces).toMatchObject([
      { pin: 'unknown', login: 'not-tried' },
      { pin: 'now-pinned', login: 'ok' },
    ]);
  });

  it('never replaces a changed key by itself; the command in the hint does, after a look', async () => {
    const rig = await unpinned();
    await rig.icepack(['doctor', '--pin']);
    const [server] = rig.mock.appliances;
    await server?.close();
    const replaced = await startRig({
      ports: { cli: server?.cli.port ?? 0, hostOs: server?.hostOs.port ?? 0, helpdesk: 0 },
    });
    const fingerprint = replaced.mock.appliances[0]?.cli.hostKey ?? '';

    const refused = await rig.icepack(['doctor', '--pin', '--json']);
    const { hint } = refused.json().faces[0];
    const renewed = await rig.icepack([...hint.slice(hint.indexOf('icepack doctor')).split(' ').slice(1), '--json']);

    expect(refused.json().faces).toMatchObject([
      { pin: 'changed', login: 'not-tried' },
      { pin: 'changed', login: 'not-tried' },
    ]);
    expect(hint).toContain(fingerprint);
    expect(renewed.json().faces[0]).toMatchObject({ pin: 'now-pinned', login: 'ok' });
    expect(replaced.mock.appliances[0]?.logins.hostOs).toEqual([]);
  });

  it('says which face refused the login', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.cli.user = 'nobody';
    });

    const done = await rig.icepack(['doctor']);

    expect(done.code).toBe(3);
    expect(done.stdout).toMatch(/ICE01 InCenter CLI .*\n.*\n.*, pinned\n {2}FAIL .*refused the login of "nobody"/);
    expect(done.stdout).toMatch(/ICE01 host OS .*\n(.*\n)*? {2}ok {4}logged in by password/);
  });
});
