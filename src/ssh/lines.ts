import { UserError } from '../errors.js';
import type { Connection } from './connection.js';
import { onlyOnce } from './only-once.js';

/** A connection that sessions are opened on. */
export type Line = {
  connection: Connection;
  sessions: number;
  /** It has taken a session; one that is refused on it means that others are not gone yet. */
  used: boolean;
  /** ssh2 leaves a session open on which the request was refused, and hands it to nobody. */
  spoiled: boolean;
};

/** A line that is there whenever it is wanted. */
export interface LastingLine {
  /** One that is up, as far as is known; dialled again where it was lost, once for all who wait. */
  current(): Promise<Line>;
  close(): void;
}

/** A face that loses its connection is connected to again, so often in one run. */
const maxReconnects = 5;

/** @param first the connection that is there; undefined where it is dialled when it is wanted */
export function lastingLine(
  first: Connection | undefined,
  dial: () => Promise<Connection>,
  closing: AbortSignal,
): LastingLine {
  let main: Promise<Line> | undefined = first && Promise.resolve(lineOf(first));
  let reconnects = 0;

  const dialled = (before: Promise<Line> | undefined): Promise<Line> => {
    const dialling = dial().then(lineOf);
    main = dialling;
    dialling.catch(() => {
      main = before; // the next one tries again
    });
    return dialling;
  };

  return {
    async current() {
      for (;;) {
        const now = main ?? dialled(undefined);
        const line = await now;
        const outworn = line.spoiled && line.sessions === 0;
        if (closing.aborted || !(outworn || line.connection.lost.aborted)) return line;
        if (main !== now) continue; // somebody else is at it
        if (!outworn && reconnects++ >= maxReconnects) throw line.connection.lost.reason;
        dialled(now);
      }
    },
    close: () => {
      main?.then(({ connection }) => connection.close()).catch(() => undefined); // it never came up again
    },
  };
}

export function lineOf(connection: Connection): Line {
  return { connection, sessions: 0, used: false, spoiled: false };
}

/** Opens a session on a line, which counts it until it is released. @param onRelease what else happens then */
export async function openOn<T>(
  line: Line,
  open: (connection: Connection, release: () => void) => Promise<T>,
  onRelease: () => void,
): Promise<T> {
  line.sessions++;
  const release = onlyOnce(() => {
    line.sessions--;
    if (line.spoiled && line.sessions === 0) line.connection.close();
    onRelease();
  });
  try {
    const opened = await open(line.connection, release);
    line.used = true;
    return opened;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'session-refused') line.used = true;
    if (code === 'request-refused' || code === 'sftp-broken') line.spoiled = true;
    release();
    throw error;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof UserError ? error.code : undefined;
}
