import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts';
import { startFtpLiar } from '../support/ftp-liar.ts';
import { ftpLogin, startFtpd } from '../support/ftpd.ts';
import { filesHolding } from '../support/oracle.ts';
import { lacks } from '../support/requirements.ts';
import { type Finished, type Rig, startRig } from '../support/rig.ts';
import { fingerprint, makeLogin, startSshd } from '../support/sshd.ts';

const bundleBytes = 3_000_000;
const half = 1_500_000;

type Bundle = { path: string; name: string; bytes: number; sha256: string };
type Kept = { rig: Rig; run: string; bundle: Bundle; content: Buffer };

/** A run whose bundle is over the limit: its ticket has asked for upload instructions. */
async function overLimit(ticket = true): Promise<Kept> {
  const rig = await startRig({ techsupport: { durationMs: 0, bytes: bundleBytes } });
  await rig.configure((document) => {
    document.attachmentLimit = 5000;
  });
  const args = ['collect', '--batch', '--at', '-45m', '--summary', 'x', '--severity', 'low', '--json'];
  const { run, bundle } = (await rig.icepack(ticket ? args : [...args, '--no-submit'])).json();
  return { rig, run, bundle, content: readFileSync(bundle.path) };
}

const password = { env: { FTP_PW: ftpLogin.password } };

/** As `rig.icepack`, and the password is nowhere. */
async function upload({ rig }: Kept, args: string[], options: Parameters<Rig['icepack']>[1] = {}): Promise<Finished> {
  const done = await rig.icepack(['upload', ...args], options);
  expect(done.stdout + done.stderr, 'the password').not.toContain(ftpLogin.password);
  expect(await filesHolding(join(rig.folder, '.local'), [ftpLogin.password])).toEqual([]);
  return done;
}

function toldIn({ rig }: Kept): string[] {
  const comments = rig.mock.helpdesk?.tickets[0]?.comments ?? [];
  return comments.map(({ body }) => body).filter((body) => body.includes('was uploaded'));
}

function nextOf(done: Finished): string[] {
  return (done.json().next[0] ?? '').split(' ').slice(2);
}

function partOf({ bundle }: Kept): string {
  return `${bundle.name}.${bundle.sha256.slice(0, 8)}.part`;
}

/** Returns when so many bytes have arrived. */
function atSize(path: string, bytes: number): Promise<boolean> {
  const arrived = () => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes;
  return vi.waitUntil(arrived, { timeout: 20_000, interval: 20 });
}

/** A real FTP server at 127.0.0.2, and proxies before it with the ports of its data connections. */
async function ftpBehindProxies(folder: string) {
  const server = await startFtpd(folder, { host: '127.0.0.2' });
  const control = await startChaosProxy(server.port, {}, { serverHost: server.host });
  const data: ChaosProxy[] = [];
  for (const port of server.passivePorts)
    data.push(await startChaosProxy(port, {}, { serverHost: server.host, listenAt: port }));
  return {
    control,
    to: `ftp://${ftpLogin.user}@127.0.0.1:${control.port}/in/`,
    inFolder: join(server.files, 'in'),
    change: (...toxics: Parameters<ChaosProxy['change']>) => {
      for (const proxy of data) proxy.change(...toxics);
    },
  };
}

async function sftp(rig: Rig, behindProxy = false) {
  const login = makeLogin(rig.folder);
  const folder = join(rig.folder, 'mock', 'drop');
  mkdirSync(folder);
  const sshd = await startSshd(join(rig.folder, 'mock'), 'sshd', login.authorizedKeys, []);
  const proxy = await startChaosProxy(sshd.port);
  const port = behindProxy ? proxy.port : sshd.port;
  const key = ['--private-key', login.privateKey];
  return { sshd, proxy, folder, args: ['--to', `sftp://${login.user}@127.0.0.1:${port}${folder}/`, ...key] };
}

describe.skipIf(lacks('proftpd', 'openssl'))('upload over FTP', () => {
  it('brings the bundle where support says and tells the ticket once, also when it is repeated', async () => {
    const kept = await overLimit();
    const server = await startFtpd(kept.rig.folder, { tls: 'explicit' });
    const to = `ftps://${ftpLogin.user}@127.0.0.1:${server.port}/in/`;
    const args = [kept.run, '--to', to, '--password-env', 'FTP_PW', '--ca', server.ca, '--batch', '--json'];

    const first = await upload(kept, args, password);
    const again = await upload(kept, args, password);

    expect(first.json()).toMatchObject({
      verb: 'upload',
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      upload: { name: kept.bundle.name, verified: true, resumedAt: 0, told: true, to: to.replace('acme@', '') },
      text: null,
    });
    expect(again.json()).toMatchObject({ exitCode: 0, upload: { resumedAt: kept.bundle.bytes } });
    expect(readdirSync(join(server.files, 'in'))).toEqual([kept.bundle.name]);
    expect(readFileSync(join(server.files, 'in', kept.bundle.name)).equals(kept.content)).toBe(true);
    expect(toldIn(kept)).toHaveLength(1);
    for (const fact of [kept.bundle.sha256, `${kept.bundle.bytes} bytes`, `/in/${kept.bundle.name}`])
      expect(toldIn(kept)[0]).toContain(fact);
    expect(toldIn(kept)[0]).not.toContain('acme@');
  });

  it('a lost connection is made again and goes on', async () => {
    const kept = await overLimit();
    const server = await ftpBehindProxies(kept.rig.folder);
    server.change({ up: { cut: { afterBytes: half, by: 'rst' } } });

    const done = await upload(kept, [kept.run, '--to', server.to, '--password-env', 'FTP_PW', '--json'], password);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { verified: true } });
    expect(done.json().upload.resumedAt).toBeGreaterThan(100_000);
    expect(readFileSync(join(server.inFolder, kept.bundle.name)).equals(kept.content)).toBe(true);
    expect(done.stderr).toContain('is not encrypted');
    expect(toldIn(kept)).toHaveLength(1);
  });

  it('a server that is gone costs exit 5; the command that is printed goes on where it stopped', async () => {
    const kept = await overLimit();
    const server = await ftpBehindProxies(kept.rig.folder);
    server.change({ up: { bytesPerSecond: 1_000_000 } });
    const strike = async () => {
      await atSize(join(server.inFolder, partOf(kept)), half);
      await server.control.refuse(true);
      server.control.change({ up: { cut: { afterBytes: 0, by: 'rst' } } });
      server.change({ up: { cut: { afterBytes: 0, by: 'rst' } } });
    };

    const [lost] = await Promise.all([
      upload(kept, [kept.run, '--to', server.to, '--password-env', 'FTP_PW', '--batch', '--json'], password),
      strike(),
    ]);
    const arrived = statSync(join(server.inFolder, partOf(kept))).size;
    await server.control.refuse(false);
    server.control.change({ up: {} });
    server.change({ up: {} });
    const done = await upload(kept, [...nextOf(lost), '--batch', '--json'], password);

    expect(lost.json()).toMatchObject({
      exitCode: 5,
      upload: null,
      error: { hint: expect.stringContaining('ZIP is kept') },
    });
    expect(arrived).toBeGreaterThan(100_000);
    expect(done.json()).toMatchObject({ exitCode: 0, upload: { resumedAt: arrived } });
    expect(readFileSync(join(server.inFolder, kept.bundle.name)).equals(kept.content)).toBe(true);
    expect(toldIn(kept)).toHaveLength(1);
  });

  it('Ctrl-C keeps what has arrived', async () => {
    const kept = await overLimit();
    const server = await ftpBehindProxies(kept.rig.folder);
    server.change({ up: { bytesPerSecond: 1_000_000 } });

    let kill: (signal: NodeJS.Signals) => void = () => undefined;

    const [stopped] = await Promise.all([
      upload(kept, [kept.run, '--to', server.to, '--password-env', 'FTP_PW', '--json'], {
        ...password,
        onStderr: (_text, killer) => {
          kill = killer;
        },
      }),
      atSize(join(server.inFolder, partOf(kept)), half).then(() => kill('SIGINT')),
    ]);
    server.change({ up: {} });
    const done = await upload(kept, [...nextOf(stopped), '--json'], password);

    expect(stopped.json()).toMatchObject({ exitCode: 130, outcome: 'interrupted', upload: null });
    expect(done.json().upload.resumedAt).toBeGreaterThan(100_000);
    expect(readFileSync(join(server.inFolder, kept.bundle.name)).equals(kept.content)).toBe(true);
  });

  it('a foreign file under the partial name is neither gone on with nor replaced', async () => {
    const kept = await overLimit();
    const server = await startFtpd(kept.rig.folder);
    const foreign = join(server.files, 'in', partOf(kept));
    const theirs = randomBytes(half);
    writeFileSync(foreign, theirs);
    const to = `ftp://${ftpLogin.user}@127.0.0.1:${server.port}/in/`;

    const done = await upload(kept, [kept.run, '--to', to, '--password-env', 'FTP_PW', '--json'], password);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { name: kept.bundle.name, resumedAt: 0 } });
    expect(readFileSync(foreign).equals(theirs)).toBe(true);
    expect(readFileSync(join(server.files, 'in', kept.bundle.name)).equals(kept.content)).toBe(true);
  });

  it('another file of that name is never replaced', async () => {
    const kept = await overLimit();
    const server = await startFtpd(kept.rig.folder);
    const there = join(server.files, 'in', kept.bundle.name);
    writeFileSync(there, randomBytes(kept.bundle.bytes));
    const before = readFileSync(there);
    const to = `ftp://${ftpLogin.user}@127.0.0.1:${server.port}/in/`;

    const done = await upload(kept, [kept.run, '--to', to, '--password-env', 'FTP_PW', '--json'], password);

    expect(done.json()).toMatchObject({ exitCode: 2, error: { code: 'name-taken' }, upload: null });
    expect(readFileSync(there).equals(before)).toBe(true);
    expect(toldIn(kept)).toEqual([]);
  });

  it('a wrong password costs exit 5 and is not shown', async () => {
    const kept = await overLimit();
    const server = await startFtpd(kept.rig.folder);
    const to = `ftp://${ftpLogin.user}@127.0.0.1:${server.port}/in/`;

    const done = await upload(kept, [kept.run, '--to', to, '--password-env', 'FTP_PW', '--json'], {
      env: { FTP_PW: 'wrong-canary' },
    });

    expect(done.json()).toMatchObject({
      exitCode: 5,
      error: { code: 'login-refused' },
    });
    expect(done.json().next[0]).toContain(to);
    expect(done.stdout + done.stderr).not.toContain('wrong-canary');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'anonymous where no user is given; without a ticket its text is printed',
    async () => {
      const kept = await overLimit(false);
      const server = await startFtpd(kept.rig.folder);

      const done = await upload(kept, [kept.run, '--to', `ftp://127.0.0.1:${server.port}/in/`, '--batch']);

      expect(done.code, done.stderr + server.log()).toBe(0);
      expect(done.stdout).toContain('Write this into the ticket:');
      expect(done.stdout).toContain(`SHA-256 ${kept.bundle.sha256}`);
      expect(existsSync(join(server.files, 'in', kept.bundle.name))).toBe(true);
    },
  );
});

describe('an FTP server that is not what it should be', () => {
  const at = (port: number) => ['--to', `ftp://127.0.0.1:${port}/`, '--json'];

  it('a size that is wrong afterwards is said, and the file is not given its name', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({ SIZE: (name, files) => (files.has(name) ? '213 17' : undefined) });

    const done = await upload(kept, [kept.run, ...at(liar.port)]);

    expect(done.json()).toMatchObject({ exitCode: 5, error: { code: 'upload-not-whole' }, upload: null });
    expect([...liar.files.keys()]).toEqual([partOf(kept)]);
    expect(toldIn(kept)).toEqual([]);
  });

  it('one that repeats the password in its refusal does not make us show it', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({ PASS: (typed) => `530 "${typed}" is wrong` });
    const to = `ftp://acme@127.0.0.1:${liar.port}/`;

    const done = await upload(kept, [kept.run, '--to', to, '--password-env', 'FTP_PW', '--json'], password);

    expect(done.json()).toMatchObject({ exitCode: 5, error: { code: 'login-refused' } });
  });

  it('one that renames nothing keeps the whole file, and the ticket learns its name', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({ RNFR: () => '550 no' });

    const done = await upload(kept, [kept.run, ...at(liar.port)]);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { name: partOf(kept), verified: true } });
    expect(liar.files.get(partOf(kept))?.equals(kept.content)).toBe(true);
    expect(toldIn(kept)[0]).toContain(`Please rename it to ${kept.bundle.name}`);
  });

  it('one that shows nothing is told so', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({ SIZE: () => '550 not for you' });

    const done = await upload(kept, [kept.run, ...at(liar.port)]);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { name: kept.bundle.name, verified: false } });
    expect(done.stderr).toContain('no size to compare with');
    expect(toldIn(kept)[0]).toContain('no size to compare with');
  });

  it('a file that may not be read goes on only when this run began it', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({ RETR: () => '550 write only', REST: () => '502 no' });
    liar.files.set(partOf(kept), Buffer.from('not ours'));

    const done = await upload(kept, [kept.run, ...at(liar.port)]);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { resumedAt: 0 } });
    expect(liar.files.get(partOf(kept))?.toString()).toBe('not ours');
    expect(liar.files.get(kept.bundle.name)?.equals(kept.content)).toBe(true);
  });
});

describe.skipIf(lacks('sshd', 'ssh-keygen'))('upload over SFTP', () => {
  it('an unknown host key is refused in batch; the fingerprint that is named is pinned', async () => {
    const kept = await overLimit();
    const server = await sftp(kept.rig);

    const unknown = await upload(kept, [kept.run, ...server.args, '--batch', '--json']);
    const pinned = await upload(kept, [
      kept.run,
      ...server.args,
      '--fingerprint',
      server.sshd.hostKey,
      '--batch',
      '--json',
    ]);

    expect(unknown.json()).toMatchObject({
      exitCode: 5,
      error: { code: 'host-key-unknown', hint: expect.stringContaining(`--fingerprint ${server.sshd.hostKey}`) },
    });
    expect(pinned.json()).toMatchObject({ exitCode: 0, upload: { verified: true, told: true } });
    expect(readdirSync(server.folder)).toEqual([kept.bundle.name]);
    expect(readFileSync(join(server.folder, kept.bundle.name)).equals(kept.content)).toBe(true);
  });

  it('another fingerprint than the named one is refused, and a changed key too', async () => {
    const kept = await overLimit();
    const server = await sftp(kept.rig);
    const other = fingerprint(`${server.args[3]}.pub`);

    const wrong = await upload(kept, [kept.run, ...server.args, '--fingerprint', other, '--batch', '--json']);
    const line = `[127.0.0.1]:${server.sshd.port} ${readFileSync(`${server.args[3]}.pub`, 'utf8')}`;
    mkdirSync(join(kept.rig.folder, '.ssh'), { mode: 0o700 });
    writeFileSync(join(kept.rig.folder, '.ssh', 'known_hosts'), line);
    const changed = await upload(kept, [kept.run, ...server.args, '--batch', '--json']);

    expect(wrong.json()).toMatchObject({ exitCode: 5, error: { code: 'host-key-unknown' } });
    expect(changed.json()).toMatchObject({ exitCode: 5, error: { code: 'host-key-changed' } });
    expect(readdirSync(server.folder)).toEqual([]);
  });

  it('goes on where a lost connection left it', async () => {
    const kept = await overLimit();
    const server = await sftp(kept.rig, true);
    server.proxy.change({ up: { cut: { afterBytes: half, by: 'rst' } } });

    const done = await upload(kept, [kept.run, ...server.args, '--fingerprint', server.sshd.hostKey, '--json']);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { verified: true } });
    expect(done.json().upload.resumedAt).toBeGreaterThan(100_000);
    expect(readFileSync(join(server.folder, kept.bundle.name)).equals(kept.content)).toBe(true);
    expect(toldIn(kept)).toHaveLength(1);
  });

  it('a beginning of ours goes on, whoever sent it; one that was changed does not', async () => {
    const kept = await overLimit();
    const server = await sftp(kept.rig);
    const part = join(server.folder, partOf(kept));
    writeFileSync(part, kept.content);
    truncateSync(part, half);

    const done = await upload(kept, [kept.run, ...server.args, '--fingerprint', server.sshd.hostKey, '--json']);

    expect(done.json()).toMatchObject({ exitCode: 0, upload: { resumedAt: half } });
    expect(readFileSync(join(server.folder, kept.bundle.name)).equals(kept.content)).toBe(true);
  });

  it('a folder that is not there, and a refused login, cost exit 5 and name the command', async () => {
    const kept = await overLimit();
    const server = await sftp(kept.rig);
    const [, to = ''] = server.args;
    const pin = ['--fingerprint', server.sshd.hostKey, '--batch', '--json'];

    const nowhere = await upload(kept, [kept.run, '--to', `${to}nowhere/`, ...server.args.slice(2), ...pin]);
    const stranger = await upload(kept, [kept.run, '--to', to, '--password-env', 'FTP_PW', ...pin], password);

    expect(nowhere.json()).toMatchObject({ exitCode: 5, error: { code: 'upload-refused' } });
    expect(stranger.json()).toMatchObject({
      exitCode: 5,
      error: {
        code: 'login-refused',
        hint: expect.stringContaining(`icepack upload ${kept.run} --to ${to} --password-env FTP_PW`),
      },
    });
  });
});

describe('what goes with an upload', () => {
  it('a ticket that could not be told is told by the same command, once, without sending the ZIP again', async () => {
    const kept = await overLimit();
    const liar = await startFtpLiar({});
    kept.rig.mock.helpdesk?.faults.push({
      route: 'POST /tickets/{id}/comments',
      fault: 'status-after',
      status: 502,
    } as never);

    const untold = await upload(kept, [kept.run, '--to', `ftp://127.0.0.1:${liar.port}/`, '--json']);
    const before = liar.commands.length;
    const told = await upload(kept, [...nextOf(untold), '--json']);

    expect(untold.json()).toMatchObject({ exitCode: 6, upload: { told: false, verified: true } });
    expect(told.json()).toMatchObject({ exitCode: 0, upload: { told: true } });
    expect(liar.commands.length).toBe(before);
    expect(toldIn(kept)).toHaveLength(1);
  });

  it('a ZIP of another machine is sent as it is, and the text for its ticket is printed', async () => {
    const kept = await overLimit(false);
    const elsewhere = await startRig();
    const liar = await startFtpLiar({});

    const done = await elsewhere.icepack([
      'upload',
      kept.bundle.path,
      '--to',
      `ftp://127.0.0.1:${liar.port}/`,
      '--json',
    ]);

    expect(done.json()).toMatchObject({ exitCode: 0, ticket: null, text: expect.stringContaining(kept.bundle.sha256) });
    expect(liar.files.get(kept.bundle.name)?.equals(kept.content)).toBe(true);
  });

  it('a password on the command line is refused and not repeated', async () => {
    const rig = await startRig();
    const typed = [
      'ftp://u:secret-canary@127.0.0.1/',
      'sftp://u:secret-canary@h/',
      'ftp://u:12/secret-canary@h/',
      'ftp://u:secret-canary#@h/',
    ];

    for (const to of typed) {
      const done = await rig.icepack(['upload', 'x', '--to', to, '--json'], {});

      expect(done.code, to).toBe(2);
      expect(done.stdout + done.stderr).not.toContain('secret-canary');
    }
    expect((await rig.icepack(['upload', 'x', '--to', typed[0] ?? ''])).stderr).toContain('--password-env NAME');
  });

  it('a password file that others may read is refused', async () => {
    const kept = await overLimit();
    const file = join(kept.rig.folder, 'mock', 'pw');
    writeFileSync(file, 'x', { mode: 0o644 });
    const liar = await startFtpLiar({});

    const done = await upload(kept, [
      kept.run,
      '--to',
      `ftp://u@127.0.0.1:${liar.port}/`,
      '--password-file',
      file,
      '--json',
    ]);

    expect(done.json()).toMatchObject({ exitCode: 2, error: { code: 'secret-exposed' } });
    expect(liar.commands).toEqual([]);
  });

  it('a run that was never zipped names the command that does it', async () => {
    const rig = await startRig();
    const { run } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const journal = join(rig.folder, '.local/state/icepack/runs', run, 'journal.jsonl');
    const lines = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, lines.filter((line) => !line.includes('"bundled"')).join('\n'));

    const done = await rig.icepack(['upload', run, '--to', 'ftp://127.0.0.1:1/', '--json']);

    expect(done.json()).toMatchObject({
      exitCode: 2,
      error: { code: 'not-zipped', hint: expect.stringContaining(`icepack submit ${run}`) },
    });
  });

  it('a ZIP that was changed is not sent', async () => {
    const kept = await overLimit();
    writeFileSync(kept.bundle.path, 'something else');

    const done = await upload(kept, [kept.run, '--to', 'ftp://127.0.0.1:1/', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 8, error: { code: 'bundle-changed' } });
  });
});
