import net from 'node:net';
import ssh2 from 'ssh2';
import { onTestFinished } from 'vitest';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { newKeyPair } from './scripted-server.ts';

/** A jump host that lets in once with its password, as one with one-time passwords does. */
export type Bastion = { port: number; hostKey: string; passwords: string[] };

export async function startBastion(password: string): Promise<Bastion> {
  const { privateKey, blob } = newKeyPair('ed25519');
  const passwords: string[] = [];
  const sockets = new Set<net.Socket>();
  const ssh = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'password') return attempt.reject(['password']);
      const isUsedUp = passwords.includes(password);
      passwords.push(attempt.password);
      if (attempt.password === password && !isUsedUp) attempt.accept();
      else attempt.reject(['password']);
    });
    client.on('tcpip', (accept, _reject, { destIP, destPort }) => {
      const channel = accept();
      const socket = net.connect(destPort, destIP);
      channel.pipe(socket).pipe(channel);
      for (const end of [channel, socket]) end.on('error', () => undefined);
      channel.on('close', () => socket.destroy());
      socket.on('close', () => channel.close());
    });
    client.on('error', () => undefined);
  });
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = listener.address() as net.AddressInfo;
  return { port, hostKey: shownHostKey(blob).fingerprint, passwords };
}
