import net from 'node:net';
import { onTestFinished } from 'vitest';

/** What one direction of every connection suffers. Bytes are counted per connection. */
export type Toxics = {
  /** Lets so many bytes pass, then ends the connection both ways. */
  cut?: { afterBytes: number; by: 'fin' | 'rst' };
  /** Lets so many bytes pass, then nothing more, not even an end. */
  stall?: { afterBytes: number };
  /** Delays all that is sent, and its end, by the same time; up to 64 MB are under way. */
  latencyMs?: number;
  bytesPerSecond?: number;
  /** Writes no more than so many bytes at a time. */
  slice?: { bytes: number; pauseMs?: number };
};

/** `up`: from who connects to the server. */
export type Direction = 'up' | 'down';

/** Bytes that have been handed on, and whether the connection is still there. */
export type Traffic = Readonly<Record<Direction, number> & { open: boolean }>;

export type ChaosProxy = {
  port: number;
  /** Every connection there has been, as it is now. */
  connections: readonly Traffic[];
  /** Replaces all toxics of the directions that are given, for connections that are there too. */
  change(toxics: Partial<Record<Direction, Toxics>>): void;
  /** Whether new connections are refused, as where nobody listens. For one accepted and then reset: a cut after 0 bytes. */
  refuse(refusing: boolean): Promise<void>;
  close(): Promise<void>;
};

/** Stands before a server on loopback, and does to its connections what networks do. */
export async function startChaosProxy(
  serverPort: number,
  toxics: Partial<Record<Direction, Toxics>> = {},
  { serverHost = '127.0.0.1', listenAt = 0 }: { serverHost?: string; listenAt?: number } = {},
): Promise<ChaosProxy> {
  const current: Record<Direction, Toxics> = { up: {}, down: {}, ...toxics };
  const connections: Traffic[] = [];
  const sockets = new Set<net.Socket>();
  const pumps = new Set<() => void>();
  let listener = await listen(listenAt);
  const { port } = listener.address() as net.AddressInfo;
  onTestFinished(close);
  return { port, connections, change, refuse, close };

  function listen(at: number): Promise<net.Server> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, lay);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => resolve(server));
    });
  }

  function lay(near: net.Socket): void {
    const far = net.connect({ host: serverHost, port: serverPort, allowHalfOpen: true, noDelay: true });
    const traffic = { up: 0, down: 0, open: true };
    connections.push(traffic);
    const life: Life = { over: false, ends: [near, far] };
    const mine = [oneWay(near, far, 'up'), oneWay(far, near, 'down')];
    for (const pump of mine) pumps.add(pump);
    for (const end of life.ends) {
      sockets.add(end);
      end.on('close', () => {
        sockets.delete(end);
        if (life.ends.some((other) => sockets.has(other))) return;
        traffic.open = false;
        for (const pump of mine) pumps.delete(pump);
      });
    }
    for (const pump of mine) pump();

    function oneWay(from: net.Socket, to: net.Socket, way: Direction): () => void {
      const passed = (bytes: number) => {
        traffic[way] += bytes;
        return traffic[way];
      };
      return carry(from, to, life, () => current[way], passed);
    }
  }

  function change(changed: Partial<Record<Direction, Toxics>>): void {
    Object.assign(current, changed);
    for (const pump of [...pumps]) pump();
  }

  async function refuse(refusing: boolean): Promise<void> {
    if (refusing) listener.close();
    else if (!listener.listening) listener = await listen(port);
  }

  async function close(): Promise<void> {
    listener.close();
    const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(gone);
  }
}

type Life = { over: boolean; ends: net.Socket[] };

type Parcel = { content: Buffer | 'fin' | 'rst'; dueAt: number };

const windowBytes = 256 * 1024;
const longWindowBytes = 64 * 1024 * 1024;

/** Carries one direction; @returns what makes it go on when its toxics have changed. */
function carry(
  from: net.Socket,
  to: net.Socket,
  life: Life,
  toxics: () => Toxics,
  count: (bytes: number) => number,
): () => void {
  const queue: Parcel[] = [];
  let queuedBytes = 0;
  let passedBytes = 0;
  let freeAt = 0;
  let wake: NodeJS.Timeout | undefined;
  let pausing = false;

  const enqueue = (content: Parcel['content']) => {
    if (life.over) return;
    queue.push({ content, dueAt: performance.now() + (toxics().latencyMs ?? 0) });
    if (Buffer.isBuffer(content)) queuedBytes += content.length;
    pump();
  };
  from.on('data', enqueue);
  from.on('end', () => enqueue('fin'));
  from.on('error', () => enqueue('rst'));
  to.on('drain', pump);
  to.on('close', () => clearTimeout(wake));
  return pump;

  function pump(): void {
    clearTimeout(wake);
    while (!life.over && !to.destroyed && !pausing) {
      const { cut, stall, bytesPerSecond, slice } = toxics();
      if (cut !== undefined && passedBytes >= cut.afterBytes) {
        if (passedBytes > cut.afterBytes || to.writableLength === 0 || to.connecting) end(life, cut.by);
        return; // else when all is written
      }
      const allowed = Math.min(cut?.afterBytes ?? Infinity, stall?.afterBytes ?? Infinity) - passedBytes;
      if (allowed <= 0) return void from.pause();
      const [head] = queue;
      if (head === undefined || to.writableNeedDrain) break;
      const waitMs = Math.max(head.dueAt, bytesPerSecond ? freeAt : 0) - performance.now();
      if (waitMs > 0) {
        wake = setTimeout(pump, Math.ceil(waitMs));
        break;
      }
      if (!Buffer.isBuffer(head.content)) {
        queue.shift();
        if (head.content === 'rst') end(life, 'rst');
        else to.end();
        break;
      }
      const paced = bytesPerSecond ? Math.max(1, Math.floor(bytesPerSecond / 100)) : Infinity;
      const bytes = send(head.content, Math.min(allowed, paced, slice?.bytes ?? Infinity));
      if (bytesPerSecond) freeAt = Math.max(freeAt, performance.now() - 50) + (bytes / bytesPerSecond) * 1000;
      if (slice !== undefined) pauseAfterSlice(slice.pauseMs);
    }
    if (life.over || queuedBytes < window()) from.resume();
    else from.pause();
  }

  function send(content: Buffer, limit: number): number {
    const piece = content.length <= limit ? content : content.subarray(0, limit);
    if (piece === content) queue.shift();
    else if (queue[0] !== undefined) queue[0].content = content.subarray(limit);
    queuedBytes -= piece.length;
    passedBytes = count(piece.length);
    to.write(piece, () => {
      if (toxics().cut !== undefined) pump();
    });
    return piece.length;
  }

  /** As much as would be under way in a real network; the sender feels the rest. */
  function window(): number {
    const { latencyMs = 0, bytesPerSecond } = toxics();
    if (latencyMs === 0) return windowBytes;
    return bytesPerSecond ? windowBytes + (bytesPerSecond * latencyMs) / 1000 : longWindowBytes;
  }

  /** Whoever reads gets to it before the next slice. */
  function pauseAfterSlice(pauseMs: number | undefined): void {
    pausing = true;
    const goOn = () => {
      pausing = false;
      pump();
    };
    if (pauseMs) setTimeout(goOn, pauseMs);
    else setImmediate(goOn);
  }
}

/**
 * After a FIN what still comes is swallowed: an answer by RST would be another fault. A RST waits until what was sent
 * before it can have been read: Node takes a RST that it meets together with data for a polite end.
 */
function end(life: Life, by: 'fin' | 'rst'): void {
  life.over = true;
  for (const socket of life.ends) {
    socket.resume();
    if (by === 'fin') socket.end();
    else setTimeout(() => setImmediate(() => socket.resetAndDestroy()), 20);
  }
}
