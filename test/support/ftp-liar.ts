import net from 'node:net';
import { onTestFinished } from 'vitest';

export type FtpLiar = {
  port: number;
  /** What was stored, by its name; what is changed here is what the server has. */
  files: Map<string, Buffer>;
  /** Every command, without passwords. */
  commands: string[];
};

/** Answers instead of the usual one, by verb; undefined: as usual. */
export type Lies = Record<string, (argument: string, files: Map<string, Buffer>) => string | undefined>;

/** A small FTP server of our own, for what real ones do not do on command. */
export async function startFtpLiar(lies: Lies): Promise<FtpLiar> {
  const files = new Map<string, Buffer>();
  const commands: string[] = [];
  const open = new Set<net.Socket>();
  const listen = (onSocket: (socket: net.Socket) => void) =>
    new Promise<net.Server>((resolve) => {
      const server = net.createServer((socket) => {
        open.add(socket);
        socket.on('error', () => undefined).on('close', () => open.delete(socket));
        onSocket(socket);
      });
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  const server = await listen(serve);
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: portOf(server), files, commands };

  function serve(control: net.Socket): void {
    let renaming = '';
    let data: Promise<net.Socket> | undefined;
    const say = (line: string) => control.write(`${line}\r\n`);
    const store = async (name: string, before: Buffer) => {
      say('150 go on');
      const socket = await data;
      const chunks = [before];
      socket?.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket?.on('end', () => {
        files.set(name, Buffer.concat(chunks));
        say('226 all of it');
      });
    };
    const verbs: Record<string, (argument: string) => void> = {
      USER: () => say('331 password'),
      PASS: () => say('230 in'),
      SIZE: (name) => say(files.has(name) ? `213 ${files.get(name)?.length}` : '550 not here'),
      STOR: (name) => store(name, Buffer.alloc(0)),
      APPE: (name) => store(name, files.get(name) ?? Buffer.alloc(0)),
      RNFR: (name) => {
        renaming = name;
        say('350 to what');
      },
      RNTO: (name) => {
        files.set(name, files.get(renaming) ?? Buffer.alloc(0));
        files.delete(renaming);
        say('250 done');
      },
      TYPE: () => say('200 ok'),
      CWD: () => say('250 ok'),
      EPSV: async () => {
        let arrived: (socket: net.Socket) => void = () => undefined;
        data = new Promise((resolve) => {
          arrived = resolve;
        });
        const passive = await listen((socket) => {
          passive.close();
          arrived(socket);
        });
        say(`229 here (|||${portOf(passive)}|)`);
      },
    };
    let rest = '';
    control.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [verb = '', argument = ''] = line.split(/ (.*)/);
        commands.push(verb === 'PASS' ? verb : line);
        const lie = lies[verb]?.(argument, files);
        if (lie !== undefined) say(lie);
        else (verbs[verb] ?? (() => say('502 not here')))(argument);
      }
    });
    say('220 hello');
  }
}

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}
