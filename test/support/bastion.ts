import net from 'node:net';
import ssh2 from 'ssh2';
import { onTestFinished } from 'vitest';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { newKeyPair } from './scripted-server.ts';

/** `silence`: takes it off the network for a while. */
export type Bastion = {
  port: number;
  hostKey: string;
  passwords: string[];
  silence(isSilent: boolean): Promise<void>;
};

/** A jump host that lets in once with its password, as one with one-time passwords does. @param once or each time */
export async function startBastion(password: string, once = true): Promise<Bastion> {
  const { privateKey, blob } = newKeyPair('ed25519');
  const passwords: string[] = [];
  const sockets = new Set<net.Socket>();
  const ssh = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'password') return attempt.reject(['password']);
      const isUsedUp = once && passwords.includes(password);
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
  const listen = (at: number) => new Promise<void>((resolve) => listener.listen(at, '127.0.0.1', resolve));
  await listen(0);
  onTestFinished(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = listener.address() as net.AddressInfo;
  const silence = async (isSilent: boolean) => {
    if (!isSilent) return listen(port);
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, hostKey: shownHostKey(blob).fingerprint, passwords, silence };
}
