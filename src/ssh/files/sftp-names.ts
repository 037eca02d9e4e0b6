import type { SFTPWrapper } from 'ssh2';
import { bytesOfName, hasBytes, nameOfBytes } from '../byte-names.js';

/** Requests whose first field is a path. */
const withPath = ['open', 'opendir', 'stat', 'lstat', 'unlink'] as const;
/** Where the path begins in a request: after length, type, id, and the length of the path. */
const pathAt = 13;
const namesPacket = 104;

type Protocol = { channelData(id: number, data: Buffer): void };
type Inside = { _protocol: Protocol; _buffer: Buffer[]; _pkt: Packet | undefined };
type Packet = Buffer & { utf8Slice?: (start?: number, end?: number) => string };

/** Keeps names as bytes, see `byte-names.ts`: ssh2 reads and writes them as UTF-8, which loses all others. */
export function letNamesBeBytes(sftp: SFTPWrapper): SFTPWrapper {
  const inside = sftp as unknown as Inside;
  readNamesAsBytes(inside);
  for (const method of withPath) {
    const send = sftp[method].bind(sftp) as (path: string, ...rest: unknown[]) => void;
    const sendBytes = (path: string, ...rest: unknown[]) =>
      hasBytes(path) ? writing(inside, bytesOfName(path), (standIn) => send(standIn, ...rest)) : send(path, ...rest);
    Object.defineProperty(sftp, method, { value: sendBytes });
  }
  return sftp;
}

/** Replaces the method that ssh2 uses to take texts out of a packet, so that it keeps names as bytes. */
function readNamesAsBytes(inside: Inside): void {
  let packet = inside._pkt;
  Object.defineProperty(inside, '_pkt', {
    get: () => {
      if (packet?.[0] === namesPacket) packet.utf8Slice = textOfPacket;
      return packet;
    },
    set: (next: Packet | undefined) => {
      packet = next;
    },
  });
}

function textOfPacket(this: Buffer, start = 0, end = this.length): string {
  return nameOfBytes(this.subarray(start, end));
}

/** Lets ssh2 write a request for a stand-in path of the same length, and puts the real bytes in before it is sent. */
function writing(inside: Inside, bytes: Buffer, send: (standIn: string) => void): void {
  const protocol = inside._protocol;
  const waitingBefore = inside._buffer.length;
  let isWritten = false;
  const write = (packet: Buffer) => {
    // The rest of a packet that is sent in pieces lies behind the first one.
    if (!isWritten) new Uint8Array(packet.buffer, packet.byteOffset + pathAt, bytes.length).set(bytes);
    isWritten = true;
  };
  inside._protocol = Object.assign(Object.create(protocol) as Protocol, {
    channelData: (id: number, data: Buffer) => {
      write(data);
      protocol.channelData(id, data);
    },
  });
  try {
    send('?'.repeat(bytes.length));
    const waiting = inside._buffer[waitingBefore];
    if (waiting !== undefined) write(waiting);
  } finally {
    inside._protocol = protocol;
  }
}
