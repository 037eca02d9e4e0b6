/** What is known about the key of an address and port. */
export type HostKeyPin = {
  /** Where it stands, for messages: a file and line, or `icepack.yaml`. */
  source: string;
  revoked?: boolean;
} & (
  | {
      /** e.g. `ssh-ed25519` */
      type: string;
      /** The key blob in base64, as in `known_hosts`. */
      key: string;
    }
  | {
      /** `SHA256:…` as `ssh-keygen -l` prints it. */
      fingerprint: string;
    }
);

/** The key a server showed. */
export type ShownHostKey = { type: string; key: string; fingerprint: string };

/** @returns e.g. `[192.0.2.10]:2222`; port 22 is written without brackets, as OpenSSH does */
export function knownHostsName(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`;
}

/** `pinned`: was before. `now-pinned`: by this call. `unknown`: nobody has pinned it. */
export type PinState = 'pinned' | 'now-pinned' | 'unknown' | 'changed';
