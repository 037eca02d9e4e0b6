import net from 'node:net';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import { onTestFinished } from 'vitest';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { newKeyPair } from './scripted-server.ts';

const { STATUS_CODE: status, flagsToString } = ssh2.utils.sftp;

export type Request = 'OPEN' | 'WRITE' | 'CLOSE' | 'STAT' | 'READ' | 'RENAME';

/** What is done in place of the honest answer; a number is the status that is answered. */
export type InboxAnswer = number | 'silence' | 'end-session' | 'rst';

/** @param count how many requests of its kind there were before */
export type InboxManners = (request: Request, count: number) => InboxAnswer | undefined;

export type SftpInbox = { port: number; hostKey: string; files: Map<string, Buffer>; requests: Request[] };

/** An SFTP server that takes files into memory, and does what a test says instead. Its one folder is `in`. */
export async function startSftpInbox(manners: InboxManners = () => undefined): Promise<SftpInbox> {
  const key = newKeyPair('ed25519');
  const files = new Map<string, Buffer>();
  const requests: Request[] = [];
  const sockets = new Set<net.Socket>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const serve = (sftp: SFTPWrapper) =>
      takeFiles(sftp, files, (request, id, honest) => {
        const manner = manners(request, requests.filter((each) => each === request).length);
        requests.push(request);
        if (manner === undefined) honest();
        else if (typeof manner === 'number') sftp.status(id, manner);
        else if (manner === 'end-session') sftp.end();
        else if (manner === 'rst') socket.resetAndDestroy();
      });
    new ssh2.Server({ hostKeys: [key.privateKey], ident: 'Inbox' }, (client) => letIn(client, serve)).injectSocket(
      socket,
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = listener.address() as net.AddressInfo;
  return { port, hostKey: shownHostKey(key.blob).fingerprint, files, requests };
}

function letIn(client: ssh2.Connection, serve: (sftp: SFTPWrapper) => void): void {
  client.on('error', () => undefined); // clients leave as they like
  client.on('authentication', (attempt) =>
    attempt.method === 'password' ? attempt.accept() : attempt.reject(['password']),
  );
  client.on('session', (accept) => accept().on('sftp', (agree) => serve(agree())));
}

type Answer = (request: Request, id: number, honest: () => void) => void;

function takeFiles(sftp: SFTPWrapper, files: Map<string, Buffer>, answer: Answer): void {
  const contentOf = (path: string) => files.get(path) ?? Buffer.alloc(0);
  const done = (id: number) => sftp.status(id, status.OK);
  const attributesOf = (path: string): Partial<Attributes> | undefined =>
    path === 'in' ? { mode: 0o40755 } : files.has(path) ? { mode: 0o100644, size: contentOf(path).length } : undefined;
  const stat = (id: number, path: string) => {
    const found = attributesOf(path);
    if (found === undefined) sftp.status(id, status.NO_SUCH_FILE);
    else sftp.attrs(id, found as Attributes);
  };
  const open = (id: number, path: string, flags: number) => {
    if (flagsToString(flags)?.startsWith('w')) files.set(path, Buffer.alloc(0));
    if (files.has(path)) sftp.handle(id, Buffer.from(path));
    else sftp.status(id, status.NO_SUCH_FILE);
  };
  const write = (id: number, path: string, offset: number, data: Buffer) => {
    const before = contentOf(path);
    const after = Buffer.alloc(Math.max(before.length, offset + data.length));
    before.copy(after);
    data.copy(after, offset);
    files.set(path, after);
    done(id);
  };
  const read = (id: number, path: string, offset: number, length: number) => {
    const data = contentOf(path).subarray(offset, offset + length);
    if (data.length === 0) sftp.status(id, status.EOF);
    else sftp.data(id, data);
  };
  const rename = (id: number, from: string, to: string) => {
    files.set(to, contentOf(from));
    files.delete(from);
    done(id);
  };
  sftp.on('error', () => undefined);
  sftp.on('end', () => sftp.end()); // ssh2 leaves the answer to a close to us
  sftp.on('STAT', (id, path) => answer('STAT', id, () => stat(id, path)));
  sftp.on('OPEN', (id, path, flags) => answer('OPEN', id, () => open(id, path, flags)));
  sftp.on('WRITE', (id, handle, offset, data) => answer('WRITE', id, () => write(id, handle.toString(), offset, data)));
  sftp.on('READ', (id, handle, offset, length) =>
    answer('READ', id, () => read(id, handle.toString(), offset, length)),
  );
  sftp.on('CLOSE', (id) => answer('CLOSE', id, () => done(id)));
  sftp.on('RENAME', (id, from, to) => answer('RENAME', id, () => rename(id, from, to)));
}
