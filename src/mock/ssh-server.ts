import { createHash, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import ssh2, { type Session } from 'ssh2';
import { defined } from '../domain/defined.js';

export type SshServerOptions = {
  port: number;
  user: string;
  password: string;
  banner?: string;
  onSession(session: Session): void;
};

export type RunningServer = {
  port: number;
  hostKey: string;
  /** Every attempt to log in, by method: it shows what a client offered before it knew the server. */
  logins: string[];
  /** Takes no connections, and ends those there are; or takes them again. */
  silence(isSilent: boolean): Promise<void>;
  close(): Promise<void>;
};

/** An SSH server on loopback with a fresh Ed25519 host key and one account. */
export async function startSshServer(options: SshServerOptions): Promise<RunningServer> {
  const { privateKey, publicKey } = makeHostKey();
  const logins: string[] = [];
  const clients = new Set<{ end(): void }>();
  const ssh = new ssh2.Server(
    {
      hostKeys: [privateKey],
      ident: 'InCenter',
      ...defined({ banner: options.banner }),
    },
    (client) => {
      clients.add(client);
      client.on('authentication', (attempt) => {
        logins.push(attempt.method);
        const good =
          attempt.username === options.user &&
          attempt.method === 'password' &&
          isSame(attempt.password, options.password);
        if (good) attempt.accept();
        else attempt.reject(['password']);
      });
      client.on('session', (accept) => options.onSession(accept()));
      client.on('error', () => undefined); // a client that leaves without a word is no fault of the mock
      client.on('close', () => clients.delete(client));
    },
  );
  const listener = net.createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, '127.0.0.1', resolve);
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      listener.close(() => resolve());
      for (const client of clients) client.end();
    });
  await listen(options.port);
  const { port } = listener.address() as net.AddressInfo;
  return {
    port,
    logins,
    hostKey: `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`,
    silence: (isSilent) => (isSilent === listener.listening ? (isSilent ? stop() : listen(port)) : Promise.resolve()),
    close: stop,
  };
}

/** Makes a host key. About one in two hundred pairs of ssh2 1.17 cannot be read back; such a pair is made anew. */
export function makeHostKey(): { privateKey: string; publicKey: Buffer } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const [key, again] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)];
    if (!(key instanceof Error) && !(again instanceof Error))
      return { privateKey: pair.private, publicKey: again.getPublicSSH() };
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}
