import type { Session } from 'ssh2';

/** One request as it came over SFTP; `path`: also of what was asked of an open handle. */
export type SftpRequest = { kind: string; path: string; bytes: number };

type Emitter = { emit(event: string, ...args: unknown[]): boolean };
type Sftp = Emitter & { handle(id: number, handle: Buffer): void };

/** Notes what a client asks a session for, and what it asks over SFTP then. To be called before the session is served. */
export function watchSession(session: Session, sessions: string[], requests: SftpRequest[]): void {
  const watched = session as unknown as Emitter;
  const emit = watched.emit.bind(watched);
  watched.emit = (event, ...args) => {
    if (['shell', 'exec', 'sftp'].includes(event)) sessions.push(event);
    if (event !== 'sftp') return emit(event, ...args);
    const [accept, ...rest] = args as [() => Sftp, ...unknown[]];
    return emit(event, () => watchSftp(accept(), requests), ...rest);
  };
}

function watchSftp(sftp: Sftp, requests: SftpRequest[]): Sftp {
  const asked = new Map<number, string>();
  const opened = new Map<string, string>();
  const emit = sftp.emit.bind(sftp);
  const giveHandle = sftp.handle.bind(sftp);
  sftp.handle = (id, handle) => {
    opened.set(handle.toString('hex'), asked.get(id) ?? '');
    giveHandle(id, handle);
  };
  sftp.emit = (kind, id, what, _offset, bytes, ...rest) => {
    if (!/^[A-Z]+$/.test(kind)) return emit(kind, id, what, _offset, bytes, ...rest);
    const path = Buffer.isBuffer(what) ? (opened.get(what.toString('hex')) ?? '') : String(what);
    asked.set(id as number, path);
    requests.push({ kind, path, bytes: kind === 'READ' ? Number(bytes) : 0 });
    return emit(kind, id, what, _offset, bytes, ...rest);
  };
  return sftp;
}
