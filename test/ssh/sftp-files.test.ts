import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MockFile, MockTree } from '../../src/mock/files.ts';
import { serveSftp } from '../../src/mock/sftp-server.ts';
import { startSshServer } from '../../src/mock/ssh-server.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { type SftpScript, startCable, startScriptedServer } from '../support/scripted-server.ts';
import { makeLogin, startSshd } from '../support/sshd.ts';
import {
  connectTo,
  drained,
  localFiles,
  type RemoteFilesRig,
  sha256,
  testRemoteFiles,
} from './remote-files.contract.ts';

const never = new AbortController().signal;
const maxBytes = 4 * 1024 * 1024;

testRemoteFiles('the SFTP server of the mock', startMockFiles, { links: false, bytes: false });

async function startMockFiles(): Promise<RemoteFilesRig> {
  const tree: MockTree = { files: new Map(), folders: new Set(['files']) };
  const contents = new Map<string, Buffer>();
  const server = await startSshServer({
    port: 0,
    user: 'admin',
    password: 'secret',
    onSession: (session) => serveSftp(session, tree),
  });
  onTestFinished(() => server.close());
  const cable = await startCable(server.port);
  const connection = await connectTo({ ...server, port: cable.port });
  return {
    files: await openSftpFiles(connection, never),
    folder: 'files',
    put(name, content) {
      contents.set(name, content);
      tree.files.set(
        `files/${name}`,
        liveFile(() => contents.get(name) ?? Buffer.alloc(0)),
      );
    },
    change: (name, content) => void contents.set(name, content),
    has: (name) => tree.files.has(`files/${name}`),
    addFolder: (name) => void tree.folders.add(`files/${name}`),
    cut: cable.cut,
  };
}

function liveFile(content: () => Buffer): MockFile {
  return {
    get bytes() {
      return content().length;
    },
    modifiedMs: Date.now(),
    read: (offset, length) => content().subarray(offset, offset + length),
  };
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('with a real server', () => {
  testRemoteFiles('OpenSSH', startOpenSsh, { links: true });

  it('fails on a file that may not be read, and only on that (C19)', async () => {
    const { files, folder, put } = await startOpenSsh();
    mkdirSync(join(folder, 'folder'));
    put('file', Buffer.from('content'));

    const failure = drained(files.read(`${folder}/folder`, { signal: never, maxBytes }));

    await expect(failure).rejects.toMatchObject({ code: 'transfer-failed' });
    expect((await drained(files.read(`${folder}/file`, { signal: never, maxBytes }))).content.toString()).toBe(
      'content',
    );
  });
});

async function startOpenSsh(): Promise<RemoteFilesRig> {
  const own = await temporaryFolder();
  const folder = join(own, 'files');
  const login = makeLogin(own);
  const server = await startSshd(own, 'sshd', login.authorizedKeys, []);
  const cable = await startCable(server.port);
  const connection = await connectTo({ ...server, port: cable.port }, login);
  return {
    files: await openSftpFiles(connection, never),
    ...localFiles(folder),
    cut: cable.cut,
  };
}

describe('a server that lies', () => {
  async function lying(sftp: SftpScript): Promise<RemoteFiles> {
    const server = await startScriptedServer({ sftp });
    return openSftpFiles(await connectTo(server), never);
  }
  const content = randomBytes(600_000);
  const honest = (offset: number, length: number) => content.subarray(offset, offset + length);

  it.each([
    ['says 0 bytes', 0, { kind: 'grew', expectedBytes: 0, bytes: content.length }],
    ['says too few', 1000, { kind: 'grew', expectedBytes: 1000, bytes: content.length }],
    ['says too many', 700_000, { kind: 'short', expectedBytes: 700_000, bytes: content.length }],
    ['says far too many', 2 ** 50, { kind: 'short', expectedBytes: 2 ** 50, bytes: content.length }],
    ['says more than a number holds', 2 ** 62, { kind: 'whole' }],
    ['says nothing', undefined, { kind: 'whole' }],
  ])('about the size gets its file read to the end when it %s (C05)', async (_lie, statBytes, verdict) => {
    const files = await lying({ files: { log: { statBytes, read: honest } } });

    const read = await drained(files.read('log', { signal: never, maxBytes }));

    expect(sha256(read.content)).toBe(sha256(content));
    expect(read.verdict).toEqual(verdict);
  });

  it.each([
    0,
    10,
    undefined,
  ])('with a file that never ends is read up to the limit (size %s) (C07)', async (statBytes) => {
    const files = await lying({ files: { log: { statBytes, read: (_offset, length) => Buffer.alloc(length, 'x') } } });

    const read = await drained(files.read('log', { signal: never, maxBytes }));

    expect(read.content.length).toBe(maxBytes);
    expect(read.verdict).toEqual({ kind: 'capped', bytes: maxBytes });
  });

  it('by giving less than was asked for is asked for the rest (C22)', async () => {
    const small = (offset: number, length: number) => honest(offset, Math.min(length, 7001));
    const files = await lying({ files: { log: { statBytes: content.length, read: small } } });

    const read = await drained(files.read('log', { signal: never, maxBytes }));

    expect(sha256(read.content)).toBe(sha256(content));
  });

  it('by giving more than was asked for is not believed (C08)', async () => {
    const more = (offset: number, length: number) => content.subarray(offset, offset + length + 100);
    const files = await lying({ files: { log: { statBytes: 300_000, read: more } } });

    const outcome = await drained(files.read('log', { signal: AbortSignal.timeout(5000), maxBytes })).then(
      (read) => sha256(read.content) === sha256(content),
      (error: unknown) => (error instanceof Error ? error.name : error),
    );

    expect([true, 'UserError']).toContain(outcome);
  });

  it('by saying nothing to a read is left when the signal says so', async () => {
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const silent = () => {
      setImmediate(() => patience.abort(reason));
      return 'silence' as const;
    };
    const files = await lying({ files: { log: { statBytes: 10, read: silent } } });

    const failure = drained(files.read('log', { signal: patience.signal, maxBytes }));

    await expect(failure).rejects.toBe(reason);
  });

  it.each([
    'fin',
    'rst',
  ] as const)('by ending the connection (%s) in the middle of a file has sent no file (C20)', async (end) => {
    const read = (offset: number, length: number) => (offset > 400_000 ? end : honest(offset, length));
    const files = await lying({ files: { log: { statBytes: content.length, read } } });

    const failure = drained(files.read('log', { signal: never, maxBytes }));

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
  });

  it('in names lists none that leaves its folder (C09)', async () => {
    const hostile = ['../../etc/cron.d/x', '..', '.', '', '/etc/passwd', 'a/b', 'nul\0l', 'logs/'];
    const files = await lying({ folders: { logs: { names: [...hostile, 'system.log', '..log'] } } });

    const entries = await files.list('logs', never);

    expect(entries.map(({ name }) => name)).toEqual(['system.log', '..log']);
  });

  it.each([
    1, 2, 3,
  ])('about nothing, but names only %i files at a time, has all its files listed', async (perAnswer) => {
    const names = ['.', '..', 'audit.log', 'system.log', 'debug.log'];
    const files = await lying({ folders: { logs: { names, perAnswer } } });

    const entries = await files.list('logs', never);

    expect(entries.map(({ name }) => name)).toEqual(['audit.log', 'system.log', 'debug.log']);
  });

  it.each([
    ['a link', 0o120777],
    ['a pipe', 0o010644],
    ['a socket', 0o140644],
    ['a device', 0o020644],
  ])('does not pass off %s as a file (C11)', async (_what, mode) => {
    const files = await lying({
      folders: { logs: { names: ['odd'] } },
      files: { 'logs/odd': { statBytes: 1, mode, read: honest } },
    });

    const kinds = [(await files.list('logs', never))[0]?.kind, (await files.find('logs/odd', never))?.kind];

    expect(kinds).toEqual(['other', 'other']);
  });

  it('with a listing that never ends is left (C13)', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `file-${index}`);
    const files = await lying({ folders: { logs: { names, endless: true } } });

    const failure = files.list('logs', never);

    await expect(failure).rejects.toMatchObject({ code: 'listing-endless' });
  });

  it('with a listing of nothing but names we do not take, without end, is left (C13)', async () => {
    const files = await lying({ folders: { logs: { names: Array<string>(500).fill('..'), endless: true } } });

    const failure = files.list('logs', AbortSignal.timeout(10_000));

    await expect(failure).rejects.toMatchObject({ code: 'listing-endless' });
  });

  it('without SFTP refuses it (C18)', async () => {
    const server = await startScriptedServer({ exec: {} });
    const connection = await connectTo(server);

    const failure = openSftpFiles(connection, never);

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'request-refused' });
  });

  it('about a file that is not there is quoted without its escapes', async () => {
    const files = await lying({});

    const error = await drained(files.read('log\x1b[2J\x07', { signal: never, maxBytes })).catch(
      (reason: unknown) => reason,
    );

    expect(error).toMatchObject({ code: 'no-such-file', message: expect.stringContaining('"log') });
    expect(String(error)).not.toMatch(/[\x1b\x07]/);
  });
});
