import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { lacks, privateMounts, programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';

/** What Node says of itself on macOS. */
const onAnotherSystem = "Object.defineProperty(process, 'platform', { value: 'darwin' })";

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
    expect(done.stdout).toMatch(/ICE01 InCenter CLI .*\n.*\n.*pinned: .*\n {2}FAIL .*refused the login of "nobody"/);
    expect(done.stdout).toMatch(/ICE01 host OS .*\n(.*\n)*? {2}ok {4}logged in by password/);
  });

  it('has a line for everything when all is well, and changes nothing on the server', async () => {
    const rig = await startRig();
    const [server] = rig.mock.appliances;
    const before = [...(server?.trees.cli.files.keys() ?? []), ...(server?.trees.hostOs.files.keys() ?? [])];

    const done = await rig.icepack(['doctor', '--json']);

    expect(done.code).toBe(0);
    const checks: Check[] = done.json().checks;
    expect(checks.filter((check) => check.status !== 'ok')).toEqual([]);
    expect([...new Set(checks.map((check) => check.check))]).toEqual([
      ...['config', 'node', 'state', 'free-space', 'secret', 'help-desk'],
      ...['network', 'host-key', 'algorithms', 'login', 'prompt', 'role', 'files', 'scripts', 'clock', 'disk'],
    ]);
    const after = [...(server?.trees.cli.files.keys() ?? []), ...(server?.trees.hostOs.files.keys() ?? [])];
    expect(after).toEqual(before);
  });

  it('shows what the help desk said of itself: the account, and how large a file may be', async () => {
    const rig = await startRig({ maxFileBytes: 5_000_000 });

    const done = await rig.icepack(['doctor']);

    expect(done.stdout).toContain('knows us as icepack-mock');
    expect(done.stdout).toContain('takes files of up to 5.0 MB');
  });

  it.each([
    [
      'a server that is down',
      async (rig: Rig) => void (await Promise.all(rig.mock.appliances.map((each) => each.close()))),
      { exit: 5, check: 'network', status: 'fail', text: 'connection refused' },
    ],
    [
      'a name that is not in the DNS',
      (rig: Rig) =>
        rig.configure((document) => {
          document.appliances.ice01.address = 'ice01.invalid';
        }),
      { exit: 5, check: 'network', status: 'fail', text: 'DNS' },
    ],
    [
      'a wrong password',
      (rig: Rig) => writeFile(join(rig.folder, 'mock/hostOs.secret'), 'wrong\n'),
      { exit: 3, check: 'login', status: 'fail', text: 'refused the login of "administrator"' },
    ],
    [
      'a password that is not there',
      (rig: Rig) => rm(join(rig.folder, 'mock/cli.secret')),
      { exit: 2, check: 'secret', status: 'fail', text: 'cannot be read' },
    ],
    [
      'a token that the help desk does not know',
      (rig: Rig) => writeFile(join(rig.folder, 'mock/token.secret'), 'wrong\n'),
      { exit: 6, check: 'help-desk', status: 'fail', text: 'token' },
    ],
    [
      'a help desk that is down',
      async (rig: Rig) => void (await rig.mock.helpdesk?.close()),
      { exit: 6, check: 'help-desk', status: 'fail', text: 'not be reached' },
    ],
    [
      'a state folder that is open to others',
      (rig: Rig) => mkdir(join(rig.folder, 'state', 'icepack'), { recursive: true, mode: 0o755 }),
      { exit: 8, check: 'state', status: 'fail', text: 'open to other users' },
    ],
    [
      'a system on which two runs at once are not kept apart',
      async () => undefined,
      { exit: 0, check: 'state', status: 'warn', text: 'two runs at once are not kept apart' },
      { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(onAnotherSystem)}` },
    ],
    [
      'several scripts that could make the backup',
      async (rig: Rig) => {
        const tree = rig.mock.appliances[0]?.trees.hostOs.files;
        const script = tree?.get('/home/administrator/scripts/backup.sh');
        if (script !== undefined) tree?.set('/home/administrator/scripts/backup-old.sh', script);
      },
      { exit: 3, check: 'scripts', status: 'fail', text: 'backup-old.sh, backup.sh' },
    ],
    [
      'a host OS with too little free space',
      (rig: Rig) =>
        rig.configure((document) => {
          document.appliances.ice01.hostOs.minFree = '900GB';
        }),
      { exit: 3, check: 'disk', status: 'fail', text: 'only 36.51 GB free' },
    ],
    [
      'an account that may not do much',
      async (rig: Rig) => void Object.assign(rig.replies, { 'log -status': 'not permitted for role Auditor\n' }),
      { exit: 0, check: 'role', status: 'warn', text: 'not permitted for role Auditor' },
    ],
    [
      'certificates that are not checked',
      async () => undefined,
      { exit: 8, check: 'environment', status: 'fail', text: 'NODE_TLS_REJECT_UNAUTHORIZED' },
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    ],
    [
      'a proxy that is not used',
      async () => undefined,
      { exit: 0, check: 'environment', status: 'warn', text: 'HTTPS_PROXY is set and not used' },
      { HTTPS_PROXY: 'http://proxy.example.com' },
    ],
  ])('tells of %s, with the next step', async (_what, spoil, expected, env: Record<string, string> = {}) => {
    const rig = await startRig({ replies: {} });
    await spoil(rig);

    const done = await rig.icepack(['doctor', '--json'], {
      env: { XDG_STATE_HOME: join(rig.folder, 'state'), ...env },
    });

    const { exit, ...found } = expected;
    expect(done.json().checks).toContainEqual(
      expect.objectContaining({ ...found, text: expect.stringContaining(found.text), hint: expect.any(String) }),
    );
    expect(done.code).toBe(exit);
  });

  it.skipIf(lacks('unshare'))('tells of a state folder that cannot be written to, whoever owns it', async () => {
    const rig = await startRig();
    const disk = join(rig.folder, 'read-only');
    await mkdir(disk);
    const script = 'mount -t tmpfs -o ro,mode=700 none "$1"; shift; exec "$@"';

    const done = await rig.icepack(['doctor', '--json'], {
      under: [programPath('unshare'), ...privateMounts(), 'bash', '-c', script, 'bash', disk],
      env: { XDG_STATE_HOME: disk },
    });

    expect(done.json().checks).toContainEqual(
      expect.objectContaining({
        check: 'state',
        status: 'fail',
        text: expect.stringContaining(`"${disk}" cannot be written to (its file system is read-only)`),
      }),
    );
    expect(done.code).toBe(8);
  });

  it('tells of a clock that is off (D01)', async () => {
    const rig = await startRig({ clockOffsetMs: 7 * 60_000 });

    const done = await rig.icepack(['doctor', '--json']);

    expect(done.json().checks).toContainEqual(
      expect.objectContaining({ check: 'clock', status: 'warn', text: expect.stringMatching(/^clock 7 min ahead/) }),
    );
  });
});

describe('icepack doctor, where people are named', () => {
  it('shows who has each role now', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.people = { kim: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00' } };
      document.roles = { primary: 'kim' };
      document.channels = { mail: { kind: 'smtp', url: 'smtp://127.0.0.1:9', from: 'icepack@example.com' } };
      const steps = [{ at: '0m', to: ['primary'], by: ['mail'] }];
      document.escalation = { routes: [{ policy: 'p' }], policies: { p: { steps } } };
    });

    const checks: Check[] = (await rig.icepack(['doctor', '--json'])).json().checks;

    const onDuty = checks.filter(({ check }) => check === 'on-duty');
    expect(onDuty.map(({ status, text }) => `${status} ${text.replace(/ at .*:/, '')}`)).toEqual([
      'ok primary: Kim Doe (mail) now',
      'ok an emergency policy p',
      'warn no channel reaches a phone',
    ]);
  });
});
