import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/ssh/connect.ts';
import { exec } from '../../src/ssh/exec.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { openSessions, type Sessions } from '../../src/ssh/sessions.ts';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { makeLogin, type RealServer, startSshd } from '../support/sshd.ts';
import { drained, sha256 } from './remote-files.contract.ts';

const never = new AbortController().signal;
const maxBytes = 64 * 1024 * 1024;

type Rig = { sessions: Sessions; folder: string; proxy: ChaosProxy; server: RealServer };

/** A server that is a round trip of 20 ms away. */
async function startFarServer(limit: number, lines: string[] = []): Promise<Rig> {
  const own = await temporaryFolder();
  const folder = join(own, 'files');
  mkdirSync(folder);
  const login = makeLogin(own);
  const server = await startSshd(own, 'sshd', login.authorizedKeys, ['LogLevel VERBOSE', ...lines]);
  const proxy = await startChaosProxy(server.port, { up: { latencyMs: 10 }, down: { latencyMs: 10 } });
  const target = {
    title: 'ICE01 host OS',
    server: 'ice01',
    key: 'appliances.ice01.hostOs',
    address: '127.0.0.1',
    port: proxy.port,
    user: login.user,
    secrets: { privateKey: { content: readFileSync(login.privateKey) } },
    pins: [{ source: 'icepack.yaml' as const, fingerprint: server.hostKey }],
  };
  const sessions = openSessions(await connect(target, never), () => connect(target, never), limit);
  onTestFinished(() => sessions.close());
  return { sessions, folder, proxy, server };
}

/** How many SFTP sessions a server has started. */
function sftpSessions(server: RealServer): number {
  return server.log().match(/Starting session: subsystem 'sftp'/g)?.length ?? 0;
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('a large file that is far away', () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 4],
    [9, 4],
  ])('is read whole, of %i sessions over %i', async (limit, used) => {
    const { sessions, folder, server } = await startFarServer(limit);
    const content = randomBytes(30 * 1024 * 1024 + 17);
    writeFileSync(join(folder, 'file'), content);
    const files = await openSftpFiles(sessions, never);

    const read = await drained(files.read(join(folder, 'file'), { signal: never, maxBytes }));

    expect(sha256(read.content)).toBe(sha256(content));
    expect(read.verdict).toEqual({ kind: 'whole' });
    expect(sftpSessions(server)).toBe(used);
  });

  it('leaves a session to who asks for one, also while nobody takes its bytes', async () => {
    const { sessions, folder } = await startFarServer(2);
    const content = randomBytes(60 * 1024 * 1024);
    writeFileSync(join(folder, 'file'), content);
    const files = await openSftpFiles(sessions, never);
    const download = files.read(join(folder, 'file'), { signal: never, maxBytes });
    const chunks: Buffer[] = [];
    let said = '';

    for await (const chunk of download.chunks) {
      chunks.push(chunk);
      if (chunks.length === 60) said = (await exec(sessions, 'echo hello', never)).stdout;
    }

    expect(said).toBe('hello\n');
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(content));
  });

  it('has its sessions free again when its reader stops early', async () => {
    const { sessions, folder } = await startFarServer(3);
    writeFileSync(join(folder, 'file'), randomBytes(30 * 1024 * 1024));
    const files = await openSftpFiles(sessions, never);
    let chunks = 0;

    for await (const _chunk of files.read(join(folder, 'file'), { signal: never, maxBytes }).chunks)
      if (++chunks === 60) break;

    const said = await Promise.all(['one', 'two'].map((word) => exec(sessions, `echo ${word}`, never)));
    expect(said.map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n']);
  });

  it.each([
    ['of the same size and time', 30],
    ['of another size', 31],
  ])('is not mixed with one %s that takes its name', async (_what, megabytes) => {
    const { sessions, folder, proxy } = await startFarServer(2);
    const path = join(folder, 'file');
    const content = randomBytes(30 * 1024 * 1024);
    writeFileSync(path, content);
    const at = new Date(Date.now() - 60_000);
    utimesSync(path, at, at);
    const files = await openSftpFiles(sessions, never);
    proxy.change({ down: { latencyMs: 60 } }); // the rotation below comes before the second session opens the name

    const read = await drained(files.read(path, { signal: never, maxBytes }), () => {
      renameSync(path, `${path}.1`);
      writeFileSync(path, randomBytes(megabytes * 1024 * 1024));
      utimesSync(path, at, at);
    });

    expect(sha256(read.content)).toBe(sha256(content));
  });

  it('is read whole where the server takes no second session', async () => {
    const { sessions, folder } = await startFarServer(2, ['MaxSessions 1']);
    const content = randomBytes(20 * 1024 * 1024);
    writeFileSync(join(folder, 'file'), content);
    const files = await openSftpFiles(sessions, never);

    const read = await drained(files.read(join(folder, 'file'), { signal: never, maxBytes }));

    expect(sha256(read.content)).toBe(sha256(content));
  });

  it('that becomes shorter ends where it ends', async () => {
    const { sessions, folder } = await startFarServer(2);
    const path = join(folder, 'file');
    const content = randomBytes(40 * 1024 * 1024);
    writeFileSync(path, content);
    const files = await openSftpFiles(sessions, never);

    const read = await drained(files.read(path, { signal: never, maxBytes }), () =>
      truncateSync(path, 30 * 1024 * 1024 + 5),
    );

    expect(read.verdict).toMatchObject({ kind: 'short', bytes: 30 * 1024 * 1024 + 5 });
    expect(sha256(read.content)).toBe(sha256(content.subarray(0, 30 * 1024 * 1024 + 5)));
  });

  it('is lost with the connection', async () => {
    const { sessions, folder, proxy } = await startFarServer(2);
    writeFileSync(join(folder, 'file'), randomBytes(40 * 1024 * 1024));
    const files = await openSftpFiles(sessions, never);
    proxy.change({ down: { latencyMs: 10, cut: { afterBytes: 15_000_000, by: 'rst' } } });

    const failure = drained(files.read(join(folder, 'file'), { signal: never, maxBytes }));

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
  });
});
