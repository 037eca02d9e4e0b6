import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Connection } from '../../src/ssh/connection.ts';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import type { ScpManners } from '../../src/ssh/files/scp-manners.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { needs, type ServerKind, startIndependent } from '../support/independent.ts';
import { startMina } from '../support/mina.ts';
import { startNoisySshd, startPeer } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { startCable } from '../support/scripted-server.ts';
import { connectTo, drained, localFiles, testRemoteFiles } from './remote-files.contract.ts';

const never = new AbortController().signal;
const maxBytes = 64 * 1024 * 1024;

/** Files of a CLI that has only SCP, as a face has them. */
async function facing(dial: () => Promise<Connection>, shell = false) {
  const connections: Connection[] = [];
  const counted = async () => {
    const connection = await dial();
    connections.push(connection);
    return connection;
  };
  const sessions = openSessions(await counted(), counted, 2, { firstPauseMs: 20 });
  onTestFinished(() => sessions.close());
  const manners: ScpManners = {};
  const files = steadyFiles('ICE01 CLI', async () => openScpFiles(sessions, shell, manners), sessions);
  return { files, manners, connections };
}

testRemoteFiles(
  'SCP of Apache MINA SSHD, imitated,',
  async () => {
    const mina = await startMina();
    const cable = await startCable(mina.port);
    const own = await temporaryFolder();
    const { files } = await facing(() => connectTo({ ...mina, port: cable.port }));
    return { ...localFiles(join(own, 'files')), files, cut: cable.cut };
  },
  {
    links: false,
    bytes: false, // the imitation reads commands as UTF-8
    skips: false,
    remove: false,
    size: 'announced',
    steady: true,
    breaking: ['new\nline'], // it is sent as it is
    unspelled: ['it\'s "so"'], // both quotes cannot be within quotes without an escape
  },
);

describe('Apache MINA SSHD, imitated, which ignores a no', () => {
  it('is found out once, and is asked for no listing in that way again (IO-4)', async () => {
    const mina = await startMina();
    const { folder, put, addFolder } = localFiles(join(await temporaryFolder(), 'a b'));
    put('one.log', Buffer.from('C0644 5 looks like a record'));
    addFolder('errors');
    put('errors/E', Buffer.from('E\n'));
    put('empty', Buffer.alloc(0));
    const { files, manners, connections } = await facing(() => connectTo(mina));

    const lists = [await files.list(folder, never), await files.list(folder, never)];

    const kinds = lists.map((entries) => entries.map(({ name, kind }) => `${kind} ${name}`).sort());
    expect(kinds).toEqual(Array(2).fill(['file empty', 'file one.log', 'folder errors']));
    expect(manners.ignoresNo).toBe(true);
    expect(mina.commands).toHaveLength(3);
    expect(connections).toHaveLength(2); // one of them for SCP alone
  });

  it('says what is missing, and what is no folder, with exit status 2 (IO-6, IO-7)', async () => {
    const mina = await startMina();
    const { folder, put } = localFiles(join(await temporaryFolder(), 'files'));
    put('one.log', Buffer.from('x'));
    const { files } = await facing(() => connectTo(mina));

    expect(await files.find(`${folder}/nothing`, never)).toBeUndefined();
    expect(await files.find(folder, never)).toMatchObject({ name: 'files', kind: 'folder' });
    await expect(files.list(`${folder}/nothing`, never)).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(files.list(`${folder}/one.log`, never)).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(drained(files.read(folder, { signal: never, maxBytes }))).rejects.toMatchObject({
      code: 'transfer-failed',
      message: expect.stringContaining('not a regular file'),
    });
  });
});

const asyncssh: ServerKind = 'asyncssh';

describe.skipIf(lacks(...needs[asyncssh]))(
  'asyncssh without SFTP, which ends the connection of a source that is left',
  () => {
    async function cli() {
      const server = await startIndependent(asyncssh, { files: 'scp' });
      const rig = await facing(() => connectTo(server, server.login));
      const { folder, put } = localFiles(join(server.root, 'logs'));
      return { ...rig, folder, put };
    }

    it('loses none by whatever a collection asks for (IO-5, C01)', async () => {
      const { files, folder, put, connections } = await cli();
      put('system.log', Buffer.alloc(300_000, 'x'));
      const read = (expect?: { sizeBytes: number }) =>
        drained(files.read(`${folder}/system.log`, { signal: never, maxBytes, ...(expect && { expect }) }));

      await files.list(folder, never);
      await files.find(folder, never);
      await files.find(`${folder}/system.log`, never);
      await files.find(`${folder}/nothing`, never);
      await expect(files.list(`${folder}/nothing`, never)).rejects.toMatchObject({ code: 'no-such-file' });
      await expect(read({ sizeBytes: 1 })).rejects.toMatchObject({ code: 'file-changed' });
      const { verdict } = await read();

      expect(verdict).toEqual({ kind: 'whole' });
      expect(connections.map(({ lost }) => lost.aborted)).toEqual([false, false]);
      expect(await files.abilities(never)).toEqual({ peeks: false, skips: false });
    });

    it('costs one connection when a file is left in the middle, which is not that of the CLI, and only once (IO-5)', async () => {
      const { files, folder, put, connections, manners } = await cli();
      put('large', Buffer.alloc(8_000_000, 'x'));
      const head = (limit: number) => drained(files.read(`${folder}/large`, { signal: never, maxBytes: limit }));

      const first = await head(10);
      await files.list(folder, never);
      const learnt = { ...manners };
      for (let round = 0; round < 3; round++) await head(1000);
      await files.list(folder, never);

      expect(first.verdict).toEqual({ kind: 'capped', bytes: 10 });
      expect(learnt.diesOfLeaving).toBe(true);
      expect(connections.map(({ lost }) => lost.aborted)).toEqual([false, true, false]);
    });
  },
);

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp'))('a server with a shell', () => {
  /** OpenSSH that runs only what begins with `scp `, as rssh, scponly and filters of ForceCommand do. */
  async function filtered(own: string) {
    const path = join(own, 'filter.sh');
    writeFileSync(
      path,
      '#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in "scp "*) exec sh -c "$SSH_ORIGINAL_COMMAND";; esac\nexit 1\n',
    );
    chmodSync(path, 0o755);
    return startPeer(own, 'scp-only', [`ForceCommand ${path}`]);
  }

  const places = {
    filtered,
    'noise without a line end': (own: string) => startNoisySshd(own, { noise: 'Welcome back> ' }),
  };

  it.each(Object.entries(places))('gives its files by SCP: %s (IO-8)', async (_what, start) => {
    const own = await temporaryFolder();
    const peer = await start(own);
    const { folder, put } = localFiles(join(own, 'files'));
    put('system.log', Buffer.from('content'));
    const { files } = await facing(() => connectTo(peer, peer.login), true);

    const { content } = await drained(files.read(`${folder}/system.log`, { signal: never, maxBytes }));
    const listed = (await files.list(folder, never)).map(({ name }) => name);

    expect([content.toString(), listed]).toEqual(['content', ['system.log']]);
  });

  it('whose login takes no plain command has its files all the same, behind a mark (IO-8)', async () => {
    const own = await temporaryFolder();
    const script = join(own, 'login.sh');
    writeFileSync(
      script,
      '#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in scp*) echo no; exit 0;; esac\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n',
    );
    chmodSync(script, 0o755);
    const peer = await startPeer(own, 'scp-only', [`ForceCommand ${script}`]);
    const { folder, put } = localFiles(join(own, 'files'));
    put('system.log', Buffer.from('content'));
    const { files, manners } = await facing(() => connectTo(peer, peer.login), true);

    const { content } = await drained(files.read(`${folder}/system.log`, { signal: never, maxBytes }));

    expect(content.toString()).toBe('content');
    expect(manners.wire).toBe('marked');
  });

  it('that offers nothing and gives no reason is said to (IO-8)', async () => {
    const own = await temporaryFolder();
    const peer = await startPeer(own, 'scp-only', ['ForceCommand true']);
    mkdirSync(join(own, 'files'));
    const { files } = await facing(() => connectTo(peer, peer.login), true);

    const failure = drained(files.read(join(own, 'files', 'x'), { signal: never, maxBytes }));

    await expect(failure).rejects.toMatchObject({
      code: 'transfer-failed',
      message: expect.stringContaining('offered nothing and gave no reason'),
    });
  });
});
