import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Attributes, type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import { onTestFinished } from 'vitest';
import { shownHostKey } from '../../src/ssh/host-keys.ts';

/** What a server does next. A text is sent as it is, line ends included. */
export type Step =
  | string
  | Buffer
  | { pauseMs: number }
  /** Goes on when the client has pressed this key. */
  | { awaitKey: string }
  | { stderr: string }
  | { exit: number }
  | { killedBy: string }
  /** Ends the channel; alone, without an exit status. */
  | 'close-channel'
  /** Ends the TCP connection politely. */
  | 'fin'
  /** Breaks the TCP connection. */
  | 'rst'
  /** Says nothing more. */
  | 'hang';

export type ShellScript = {
  /** Before the first prompt. */
  greeting?: Step[];
  /** `{n}` counts the prompts; or made of their number and the command before. */
  prompt: string | ((count: number, command: string) => string);
  /** `program`: keys are echoed when the program reads them; `terminal`: at once, also those typed ahead. */
  echo: 'program' | 'terminal' | 'off';
  commands?: Record<string, Step[]>;
  /** Sends everything in pieces of this size. */
  pieceBytes?: number;
};

export type ScriptedFile = {
  /** What `stat` says, which need not be true; undefined: nothing. */
  statBytes: number | undefined;
  mode?: number;
  /** Nothing: the end of the file. */
  read(offset: number, length: number): Buffer | 'silence' | 'fin' | 'rst';
};

export type ScriptedFolder = {
  names: string[];
  mode?: number;
  /** Names in one answer; all when not given. */
  perAnswer?: number;
  /** Lists its names again and again. */
  endless?: boolean;
};

export type SftpScript = { files?: Record<string, ScriptedFile>; folders?: Record<string, ScriptedFolder> };

export type ServerScript = {
  password?: string;
  /** Asks these questions instead of taking the password. */
  questions?: { prompt: string; echo: boolean }[];
  banner?: string;
  shell?: ShellScript;
  exec?: Record<string, Step[]>;
  sftp?: SftpScript;
};

export type ScriptedServer = {
  port: number;
  hostKey: string;
  /** Every attempt to log in, by method. */
  logins: string[];
  /** Answers to `questions`, one list for each time they were asked. */
  answers: string[][];
  /** Lines that were entered and keys that a script waited for. */
  typed: string[];
  /** Every key that was pressed in a shell. */
  keys: string[];
  /** Signals that were sent to commands. */
  signals: string[];
};

/** ssh2 1.17 makes a malformed Ed25519 key when its public half begins with a zero byte, once in 256: then another one. */
export function newKeyPair(type: 'ed25519' | 'ecdsa'): { privateKey: string; blob: Buffer } {
  for (;;) {
    const pair =
      type === 'ecdsa'
        ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
        : ssh2.utils.generateKeyPairSync('ed25519');
    const key = ssh2.utils.parseKey(pair.public);
    if (!(key instanceof Error)) return { privateKey: pair.private, blob: key.getPublicSSH() };
  }
}

/** An SSH server on loopback that does what a script says, also what real servers do only when they break. */
export async function startScriptedServer(script: ServerScript): Promise<ScriptedServer> {
  const key = newKeyPair('ed25519');
  const record = {
    logins: [] as string[],
    answers: [] as string[][],
    typed: [] as string[],
    keys: [] as string[],
    signals: [] as string[],
  };
  const sockets = new Set<net.Socket>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const config = {
      hostKeys: [key.privateKey],
      ident: 'Scripted',
      ...(script.banner ? { banner: script.banner } : {}),
    };
    new ssh2.Server(config, (client) => converse(client, socket)).injectSocket(socket);
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
  const { port } = listener.address() as net.AddressInfo;
  return { port, hostKey: shownHostKey(key.blob).fingerprint, ...record };

  function converse(client: Connection, socket: net.Socket): void {
    client.on('error', () => undefined); // clients leave as they like
    client.on('authentication', (attempt) => authenticate(attempt));
    client.on('session', (accept) => serve(accept(), socket));
  }

  function authenticate(attempt: AuthContext): void {
    record.logins.push(attempt.method);
    const { questions, password = 'secret' } = script;
    const method = questions === undefined ? 'password' : 'keyboard-interactive';
    if (attempt.method === 'password' && questions === undefined && attempt.password === password) attempt.accept();
    else if (attempt.method === 'keyboard-interactive' && questions !== undefined) {
      attempt.prompt(questions, '', '', (answers) => {
        record.answers.push(answers);
        if (answers[0] === password) attempt.accept();
        else attempt.reject([method]);
      });
    } else attempt.reject([method]);
  }

  function serve(session: Session, socket: net.Socket): void {
    const { shell, exec = {}, sftp } = script;
    session.on('pty', (accept) => accept?.());
    session.on('signal', (accept, _reject, { name }) => {
      record.signals.push(name);
      accept?.();
    });
    if (shell !== undefined) session.on('shell', (accept) => void dialogue(accept(), socket, shell));
    session.on('exec', (accept, reject, { command: wire }) => {
      const command = wire.replace(/^(?:exec <\/dev\/null; )?echo icepack-begins; /, '');
      const steps = exec[command];
      if (steps === undefined) return reject();
      socket.cork(); // the consent and what comes at once travel together
      const channel = accept();
      channel.on('error', () => undefined);
      if (wire !== command) channel.write(`${beginning}\n`);
      void play(steps, { channel, socket, say: (text) => void channel.write(text), key: () => Promise.resolve() });
      process.nextTick(() => socket.uncork());
    });
    if (sftp !== undefined) serveSftp(session, socket, sftp);
  }

  async function dialogue(channel: ServerChannel, socket: net.Socket, shell: ShellScript): Promise<void> {
    channel.on('error', () => undefined);
    const keys = keyQueue(channel, record.keys);
    let prompts = 0;
    const say = (text: string | Buffer) => {
      const bytes = Buffer.from(text);
      const size = shell.pieceBytes ?? Math.max(1, bytes.length);
      for (let at = 0; at < bytes.length; at += size) channel.write(bytes.subarray(at, at + size));
    };
    const key = async (wanted: string) => {
      let pressed: string;
      do pressed = await keys();
      while (pressed !== wanted);
      record.typed.push(pressed);
    };
    const stage = { channel, socket, say, key };
    if (shell.echo === 'terminal')
      channel.on('data', (data: Buffer) => say(data.toString('utf8').replaceAll('\r', '\r\n')));
    await play(shell.greeting ?? [], stage);
    let line = '';
    for (;;) {
      const count = ++prompts;
      say(typeof shell.prompt === 'string' ? shell.prompt.replace('{n}', String(count)) : shell.prompt(count, line));
      line = '';
      for (let pressed = await keys(); pressed !== '\r'; pressed = await keys()) {
        line = pressed === '\x03' ? '' : line + pressed;
        if (shell.echo === 'program') say(pressed);
      }
      if (line !== '') record.typed.push(line);
      if (shell.echo === 'program') say('\r\n');
      const steps = line === '' ? [] : (shell.commands?.[line] ?? [`unknown command: ${line}\r\n`]);
      await play(steps, stage);
    }
  }
}

type Stage = {
  channel: ServerChannel;
  socket: net.Socket;
  say(text: string | Buffer): void;
  key(wanted: string): Promise<void>;
};

async function play(steps: Step[], { channel, socket, say, key }: Stage): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string' && endings[step] !== undefined) {
      endings[step](channel, socket);
      return never();
    }
    if (typeof step === 'string' || Buffer.isBuffer(step)) say(step);
    else if ('pauseMs' in step) await delay(step.pauseMs);
    else if ('awaitKey' in step) await key(step.awaitKey);
    else if ('stderr' in step) channel.stderr.write(step.stderr);
    else if ('exit' in step) channel.exit(step.exit);
    else channel.exit(step.killedBy);
  }
}

const endings: Record<string, (channel: ServerChannel, socket: net.Socket) => void> = {
  'close-channel': (channel) => channel.end(),
  fin: (_channel, socket) => void socket.end(),
  rst: (_channel, socket) => void socket.resetAndDestroy(),
  hang: () => undefined,
};

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Keys in the order they were pressed; who asks for one waits for it. */
function keyQueue(channel: ServerChannel, seen: string[]): () => Promise<string> {
  const pressed: string[] = [];
  let wake: () => void = () => undefined;
  channel.on('data', (data: Buffer) => {
    pressed.push(...data.toString('utf8'));
    seen.push(...data.toString('utf8'));
    wake();
  });
  return async () => {
    for (;;) {
      const next = pressed.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

const status = ssh2.utils.sftp.STATUS_CODE;
const regularFile = 0o100644;
const folderMode = 0o040755;

function serveSftp(session: Session, socket: net.Socket, { files = {}, folders = {} }: SftpScript): void {
  session.on('sftp', (accept) => {
    const sftp = accept();
    sftp.on('error', () => undefined);
    sftp.on('end', () => sftp.end()); // ssh2 leaves the answer to a close to us
    const opened: { path: string; listed: number }[] = [];
    const handleOf = (path: string) => Buffer.from([opened.push({ path, listed: 0 }) - 1]);
    const openedBy = (handle: Buffer) => opened[handle[0] ?? -1] ?? { path: '', listed: 0 };
    const attributesOf = (path: string): Attributes | undefined => {
      const file = files[path];
      if (file !== undefined) return attributes(file.mode ?? regularFile, file.statBytes);
      const folder = folders[path];
      return folder && attributes(folder.mode ?? folderMode, 4096);
    };
    const stat = (id: number, path: string) => {
      const found = attributesOf(path);
      if (found === undefined) sftp.status(id, status.NO_SUCH_FILE);
      else sftp.attrs(id, found);
    };

    sftp.on('LSTAT', stat);
    sftp.on('STAT', stat);
    sftp.on('FSTAT', (id, handle) => stat(id, openedBy(handle).path));
    sftp.on('OPEN', (id, path) => {
      if (files[path] === undefined) sftp.status(id, status.NO_SUCH_FILE);
      else sftp.handle(id, handleOf(path));
    });
    sftp.on('OPENDIR', (id, path) => {
      if (folders[path] === undefined) sftp.status(id, status.NO_SUCH_FILE);
      else sftp.handle(id, handleOf(path));
    });
    sftp.on('CLOSE', (id) => sftp.status(id, status.OK));
    sftp.on('READ', (id, handle, offset, length) => {
      const data = files[openedBy(handle).path]?.read(offset, length) ?? Buffer.alloc(0);
      if (data === 'fin' || data === 'rst') endings[data]?.(undefined as never, socket);
      else if (data === 'silence') return;
      else if (data.length === 0) sftp.status(id, status.EOF);
      else sftp.data(id, data);
    });
    sftp.on('READDIR', (id, handle) => {
      const open = openedBy(handle);
      const folder = folders[open.path];
      if (folder === undefined) return void sftp.status(id, status.EOF);
      if (open.listed >= folder.names.length && folder.endless) open.listed = 0;
      const names = folder.names.slice(open.listed, open.listed + (folder.perAnswer ?? folder.names.length));
      open.listed += names.length;
      if (names.length === 0) return void sftp.status(id, status.EOF);
      sftp.name(
        id,
        names.map((filename) => ({
          filename,
          longname: filename,
          attrs: attributesOf(`${open.path}/${filename}`) ?? attributes(regularFile, 1),
        })),
      );
    });
  });
}

/** The time of all files: that at which the tests began. */
const begun = Math.floor(Date.now() / 1000);

function attributes(mode: number, size: number | undefined): Attributes {
  const known = { mode, uid: 0, gid: 0, atime: begun, mtime: begun };
  return (size === undefined ? known : { ...known, size }) as Attributes;
}

/** What the tool lets a shell say before a command, to tell its output from what a login script prints. */
const beginning = 'icepack-begins';

/** A server that is no SSH server: it says something, or nothing, to whoever connects. */
export async function startTcpServer(onConnect: (socket: net.Socket) => void): Promise<{ port: number }> {
  const sockets = new Set<net.Socket>();
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onConnect(socket);
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { port: (listener.address() as net.AddressInfo).port };
}

/** A cable to another server on loopback that can be cut. */
export async function startCable(port: number): Promise<{ port: number; cut(): void }> {
  const ends = new Set<net.Socket>();
  const cable = await startTcpServer((near) => {
    const far = net.connect({ host: '127.0.0.1', port, noDelay: true });
    near.setNoDelay();
    near.pipe(far).pipe(near);
    for (const end of [near, far]) {
      ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        near.destroy();
        far.destroy();
        ends.delete(end);
      });
    }
  });
  return {
    port: cable.port,
    cut: () => {
      for (const end of ends) end.resetAndDestroy();
    },
  };
}
