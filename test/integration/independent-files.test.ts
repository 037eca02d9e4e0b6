import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { connectTo, localFiles, testRemoteFiles } from '../ssh/remote-files.contract.ts';
import { needs, serverKinds, sharedIndependent } from '../support/independent.ts';
import { lacks } from '../support/requirements.ts';
import { startCable } from '../support/scripted-server.ts';

const never = new AbortController().signal;
let folders = 0;

describe.each(serverKinds)('%s', (kind) => {
  describe.skipIf(lacks(...needs[kind]))('that nobody here wrote', () => {
    const server = sharedIndependent(kind);

    testRemoteFiles(
      `SFTP of ${kind}`,
      async () => {
        const cable = await startCable(server().port);
        const connection = await connectTo({ ...server(), port: cable.port }, server().login);
        const folder = join(server().root, `files-${folders++}`);
        return { ...localFiles(folder), files: await openSftpFiles(connection, never), cut: cable.cut };
      },
      { links: true, bytes: kind === 'asyncssh' || kind === 'go' }, // the others take names for UTF-8
    );
  });
});

describe.skipIf(lacks(...needs.asyncssh))('asyncssh without SFTP', () => {
  const server = sharedIndependent('asyncssh', { files: 'scp' });

  testRemoteFiles(
    'SCP of asyncssh',
    async () => {
      const cable = await startCable(server().port);
      const dial = () => connectTo({ ...server(), port: cable.port }, server().login);
      const sessions = openSessions(await dial(), dial, 2, { firstPauseMs: 20 });
      onTestFinished(() => sessions.close());
      const manners = {};
      const open = async () => openScpFiles(sessions, false, manners);
      const folder = join(server().root, `files-${folders++}`);
      return { ...localFiles(folder), files: steadyFiles('asyncssh', open, sessions), cut: cable.cut };
    },
    {
      links: false,
      bytes: false, // its commands are UTF-8
      skips: false,
      remove: false,
      size: 'announced',
      steady: true,
      breaking: ['new\nline'], // it is sent as it is
    },
  );
});
