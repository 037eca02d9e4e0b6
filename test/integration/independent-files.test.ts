import { join } from 'node:path';
import { describe } from 'vitest';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
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

describe.skip('asyncssh without SFTP', () => {
  const server = sharedIndependent('asyncssh', { files: 'scp' });

  testRemoteFiles(
    'SCP of asyncssh',
    async () => {
      const cable = await startCable(server().port);
      const connection = await connectTo({ ...server(), port: cable.port }, server().login);
      const folder = join(server().root, `files-${folders++}`);
      return { ...localFiles(folder), files: openScpFiles(connection, false), cut: cable.cut };
    },
    { links: false, remove: false, size: 'announced' },
  );
});
