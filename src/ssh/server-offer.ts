import { type AlgorithmOffer, currentOffer, legacyOffer } from './algorithms.js';

const maxGreetingBytes = 64 * 1024;
const kexInit = 20;

/** Gathers the first bytes of a server until they tell what it offers; ssh2 does not tell when nothing fits. */
export function watchServerOffer(stream: NodeJS.ReadableStream): () => AlgorithmOffer | undefined {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let offer: AlgorithmOffer | undefined;
  const gather = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    offer = readServerOffer(Buffer.concat(chunks));
    if (offer !== undefined || bytes > maxGreetingBytes) stream.off('data', gather);
  };
  stream.on('data', gather);
  return () => offer;
}

/**
 * Reads the first packet after the version line, a KEXINIT (RFC 4253, 7.1); undefined while it is incomplete, or is
 * another packet.
 */
export function readServerOffer(bytes: Buffer): AlgorithmOffer | undefined {
  const version = /(?:^|\n)SSH-[^\n]*\n/.exec(bytes.toString('latin1'));
  if (version === null) return undefined;
  const packet = bytes.subarray(version.index + version[0].length);
  if (packet.length < 22 || packet.length < 4 + packet.readUInt32BE(0) || packet[5] !== kexInit) return undefined;
  const lists: string[][] = [];
  let at = 22; // length, padding length, message number and cookie
  while (lists.length < 6) {
    if (at + 4 > packet.length) return undefined;
    const end = at + 4 + packet.readUInt32BE(at);
    if (end > packet.length) return undefined;
    lists.push(packet.toString('latin1', at + 4, end).split(','));
    at = end;
  }
  const [kex = [], hostKey = [], , cipher = [], , mac = []] = lists;
  return { kex, hostKey, cipher, mac };
}

const kinds = {
  kex: 'key exchange',
  hostKey: 'host key algorithm',
  cipher: 'cipher',
  mac: 'MAC',
} as const;

export type Mismatch = {
  /** Each kind of algorithm without a match, with what the server offers. */
  text: string;
  /** Whether `legacyAlgorithms` would help. */
  legacyHelps: boolean;
};

/** Compares what a server offers with what we accept; undefined when every kind has a match. */
export function mismatchOf(server: AlgorithmOffer, legacy: boolean): Mismatch | undefined {
  const lacking = lackingIn(server, legacy ? legacyOffer : currentOffer);
  if (lacking.length === 0) return undefined;
  const text = lacking.map((kind) => `no ${kinds[kind]} in common, it offers ${named(server[kind])}`).join('; ');
  return { text, legacyHelps: !legacy && lackingIn(server, legacyOffer).length === 0 };
}

function lackingIn(server: AlgorithmOffer, ours: AlgorithmOffer): (keyof typeof kinds)[] {
  // GCM brings its own integrity: then no MAC is needed.
  const chosen = ours.cipher.find((cipher) => server.cipher.includes(cipher));
  return (Object.keys(kinds) as (keyof typeof kinds)[]).filter(
    (kind) =>
      !(kind === 'mac' && chosen?.includes('gcm')) && !ours[kind].some((algorithm) => server[kind].includes(algorithm)),
  );
}

function named(algorithms: readonly string[]): string {
  const plain = algorithms.filter((name) => /^[\x21-\x7e]{1,64}$/.test(name)).slice(0, 20);
  return plain.length === 0 ? 'none' : plain.join(', ');
}

/**
 * Whether the server has strict key exchange; servers from before 2024 lack it, and need careful choice of ciphers
 * (CVE-2023-48795).
 */
export function hasStrictKex(server: AlgorithmOffer): boolean {
  return server.kex.includes('kex-strict-s-v00@openssh.com');
}
