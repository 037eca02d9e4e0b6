import type { ShownHostKey } from '../domain/host-key.js';

/** How far we came, and what the server said of itself: evidence when nothing else can be had. */
export type Probe = {
  at: string;
  addresses: string[];
  banner?: string;
  reached: 'nothing' | 'dns' | 'tcp' | 'ssh' | 'login';
  elapsedMs: number;
  hostKey?: ShownHostKey;
  /** What logged us in, e.g. `password`; `none` where the server lets anyone in. */
  login?: string;
  /** e.g. `curve25519-sha256, ssh-ed25519, aes128-gcm@openssh.com` */
  algorithms?: string;
  /** The server asked for a password only, and refused the one it got. */
  passwordRefused?: true;
  /** A password or key was offered before it ended. */
  credentialSent?: true;
  /** The server lacks strict key exchange, as all servers from before 2024 do. */
  notStrict?: true;
};

export function newProbe(): Probe {
  return { at: new Date().toISOString(), addresses: [], reached: 'nothing', elapsedMs: 0 };
}

/** The probe that a failed `connect` left on its error. */
export function probeOf(error: unknown): Probe | undefined {
  return error instanceof Error && 'probe' in error ? (error.probe as Probe) : undefined;
}
