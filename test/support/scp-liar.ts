import net from 'node:net';
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2';
import { onTestFinished } from 'vitest';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { newKeyPair } from './scripted-server.ts';

/** The source of one `scp -f`, or of another command: it says what it likes, when it likes. */
export type Source = {
  /** Without what our side says before it, to tell it from what a login script prints. */
  command: string;
  /** Which connection, counted from 0. */
  connection: number;
  /** Sends bytes, a text as latin1; @returns when there is room for more, false when there is none any longer. */
  say(bytes: string | Buffer): Promise<boolean>;
  complain(text: string): void;
  /** The next byte the sink has answered with; undefined when it has hung up. */
  answer(): Promise<number | undefined>;
  /** Ends with an exit status. */
  exit(code: number): void;
  /** Closes the channel without one. */
  end(): void;
  /** Ends, or breaks, the connection. */
  cut(by: 'fin' | 'rst'): void;
};

export type Liar = {
  port: number;
  hostKey: string;
  /** What was asked for, in this order. */
  commands: string[];
  /** Logins so far, and passwords that were tried. */
  logins: number;
  passwords: number;
  /** Connections that are there. */
  connections: number;
  /** Sessions that are open, and the most there were at once: in all connections together, and in one. */
  readonly open: number;
  most: number;
  mostPerConnection: number;
  /** Sessions that were refused. */
  refused: number;
  /** Breaks all connections. */
  cutAll(): void;
};

export type LiarOptions = {
  /** Refuses the sessions beyond so many in one connection. */
  maxSessions?: number;
  /** Takes any number of sessions, and refuses what is asked for on those beyond so many in one connection. */
  maxRequests?: number;
  /** Does not answer to the sessions beyond so many in one connection. */
  maxAnswered?: number;
  /** Refuses the connections beyond so many, by hanging up before a word is said. */
  maxConnections?: number;
  /** Asked before a session is granted; it waits for the answer. */
  beforeSession?: () => Promise<void>;
  /** Ends the connection instead of an answer to a password. */
  hangsUpAtLogin?: boolean;
  /** Never agrees that a session is closed. */
  neverCloses?: boolean;
  /** What happens to a request for SFTP, which is refused when not given: it may be taken up, and ended. */
  sftp?: (take: () => { end(): void }, socket: net.Socket) => void;
};

/** An SSH server on loopback whose commands are played by a function, if it knows any, and which counts who comes. */
export async function startLiar(
  lie: ((source: Source) => Promise<unknown> | unknown) | undefined,
  options: LiarOptions = {},
): Promise<Liar> {
  const key = newKeyPair('ed25519');
  const sockets = new Set<net.Socket>();
  const held: Held[] = [];
  const cutAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const hostKey = shownHostKey(key.blob).fingerprint;
  const liar: Liar = {
    port: 0,
    hostKey,
    commands: [],
    logins: 0,
    passwords: 0,
    connections: 0,
    get open() {
      return held.filter((each) => each.isOpen()).length;
    },
    most: 0,
    mostPerConnection: 0,
    refused: 0,
    cutAll,
  };
  const listener = net.createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= (options.maxConnections ?? Number.POSITIVE_INFINITY)) return void socket.destroy();
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      liar.connections = sockets.size;
    });
    liar.connections = sockets.size;
    new ssh2.Server({ hostKeys: [key.privateKey], ident: 'Liar' }, (client) => converse(client, socket)).injectSocket(
      socket,
    );
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  liar.port = (listener.address() as net.AddressInfo).port;
  return liar;

  function converse(client: Connection, socket: net.Socket): void {
    client.on('error', () => undefined); // clients leave as they like
    client.on('authentication', (attempt) => {
      if (attempt.method === 'password') liar.passwords++;
      if (attempt.method === 'password' && options.hangsUpAtLogin) socket.destroy();
      else if (attempt.method === 'password' && attempt.password === 'secret') attempt.accept();
      else attempt.reject(['password']);
    });
    client.on('ready', () => {
      const connection = liar.logins++;
      client.on('session', (accept, reject) => {
        const mine = held.filter((each) => each.socket === socket && each.isOpen()).length + 1;
        if (mine > (options.maxSessions ?? Number.POSITIVE_INFINITY)) {
          liar.refused++;
          return void reject();
        }
        if (mine > (options.maxAnswered ?? Number.POSITIVE_INFINITY)) return;
        const session: Held = { socket, isOpen: () => !socket.destroyed };
        held.push(session);
        liar.most = Math.max(liar.most, liar.open);
        liar.mostPerConnection = Math.max(liar.mostPerConnection, mine);
        void (options.beforeSession?.() ?? Promise.resolve()).then(() => {
          if (socket.destroyed) return;
          const granted = accept();
          session.isOpen = openness(client, granted, socket);
          if (mine > (options.maxRequests ?? Number.POSITIVE_INFINITY)) refuseAll(granted);
          else serve(granted, socket, connection);
        });
      });
    });
  }

  function serve(session: Session, socket: net.Socket, connection: number): void {
    session.on('exec', (accept, reject, { command: wire }) => {
      if (lie === undefined) return void reject();
      const command = wire.replace(/^(?:exec <\/dev\/null; )?echo icepack-begins; (?:exec )?/, '');
      const channel = accept();
      if (options.neverCloses) stayOpen(channel);
      session.on('signal', () => channel.end()); // as what dies of it
      if (wire !== command) channel.write('icepack-begins\n');
      liar.commands.push(command);
      const keys = answersOf(channel);
      void lie({ ...sourceOf(channel, socket), command, connection, answer: keys });
    });
    session.on('sftp', (accept, reject) => {
      if (options.sftp === undefined) return void reject();
      options.sftp(() => {
        const sftp = accept();
        sftp.on('error', () => undefined);
        return sftp;
      }, socket);
    });
  }
}

function refuseAll(session: Session): void {
  session.on('exec', (_accept, reject) => void reject());
  session.on('sftp', (_accept, reject) => void reject());
}

type Held = { socket: net.Socket; isOpen(): boolean };

type Inside = {
  _chanMgr: { get(id: number): unknown };
  _chanInfo: { incoming: { id: number } };
  _channel: unknown;
  _ending: boolean;
};

/** As the protocol has it: the events of a channel come later than what the client does next. */
function openness(client: Connection, session: Session, socket: net.Socket): () => boolean {
  const channels = (client as unknown as Inside)._chanMgr;
  const inside = session as unknown as Inside;
  const { id } = inside._chanInfo.incoming;
  const isOver = () => inside._ending && inside._channel === undefined; // closed before anything ran in it
  return () => !socket.destroyed && !isOver() && [session, inside._channel].includes(channels.get(id) ?? socket);
}

function sourceOf(channel: ServerChannel, socket: net.Socket): Omit<Source, 'answer' | 'command' | 'connection'> {
  channel.on('error', () => undefined);
  return {
    say: (bytes) => said(channel, Buffer.from(bytes as string, 'latin1')),
    complain: (text) => void channel.stderr.write(text),
    exit: (code) => {
      channel.exit(code);
      channel.end();
    },
    end: () => void channel.end(),
    cut: (by) => void (by === 'fin' ? socket.end() : socket.resetAndDestroy()),
  };
}

/** What is sent to a channel that was closed meanwhile is never called back about. */
function said(channel: ServerChannel, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isThere: boolean) => {
      channel.off('close', gone);
      resolve(isThere);
    };
    const gone = () => settle(false);
    channel.once('close', gone);
    if (!channel.writable) gone();
    else channel.write(bytes, () => settle(true));
  });
}

function answersOf(channel: ServerChannel): () => Promise<number | undefined> {
  const answers: number[] = [];
  let over = false;
  let wake: () => void = () => undefined;
  channel.on('data', (data: Buffer) => {
    answers.push(...data);
    wake();
  });
  for (const event of ['end', 'close']) {
    channel.on(event, () => {
      over = true;
      wake();
    });
  }
  return async () => {
    for (;;) {
      const next = answers.shift();
      if (next !== undefined || over) return next;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** ssh2 answers a close by itself. */
function stayOpen(channel: ServerChannel): void {
  channel.close = () => undefined;
  Object.defineProperty(channel, 'eof', { value: () => undefined });
}
