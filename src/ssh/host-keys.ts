import { createHash } from 'node:crypto';
import type { HostKeyPin, ShownHostKey } from '../domain/host-key.js';

export type HostKeyVerdict =
  | { kind: 'trusted' }
  | { kind: 'unknown' }
  | { kind: 'changed'; pins: HostKeyPin[] }
  | { kind: 'revoked'; pin: HostKeyPin };

/** Reads a key blob as it comes over the wire. */
export function shownHostKey(blob: Buffer): ShownHostKey {
  const typeLength = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return {
    type: blob.subarray(4, 4 + typeLength).toString('latin1'),
    key: blob.toString('base64'),
    fingerprint: fingerprintOf(blob),
  };
}

/** @returns e.g. `SHA256:jMvAqv…`, as `ssh-keygen -l` prints it */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Compares a host key with the pins. A key of a type other than the pinned one counts as changed: an impostor must not
 * pick a type that nobody pinned.
 */
export function judgeHostKey(shown: ShownHostKey, pins: readonly HostKeyPin[]): HostKeyVerdict {
  const matching = pins.filter((pin) => ('key' in pin ? pin.key === shown.key : pin.fingerprint === shown.fingerprint));
  const revoked = matching.find((pin) => pin.revoked);
  if (revoked !== undefined) return { kind: 'revoked', pin: revoked };
  if (matching.length > 0) return { kind: 'trusted' };
  const valid = pins.filter((pin) => !pin.revoked);
  return valid.length > 0 ? { kind: 'changed', pins: valid } : { kind: 'unknown' };
}

/** Algorithms to offer so that the server shows a key of a pinned type; undefined when any will do. */
export function hostKeyAlgorithms(pins: readonly HostKeyPin[], legacy: boolean): string[] | undefined {
  const types = pins.flatMap((pin) => ('type' in pin && !pin.revoked ? [pin.type] : []));
  if (types.length === 0) return undefined;
  return [...new Set(types)].flatMap((type) => (type === 'ssh-rsa' ? rsaSignatures(legacy) : [type]));
}

function rsaSignatures(legacy: boolean): string[] {
  return ['rsa-sha2-512', 'rsa-sha2-256', ...(legacy ? ['ssh-rsa'] : [])];
}

/**
 * The only way a host key reaches ssh2. ssh2 accepts a key for every answer but a literal `false`, also when the
 * verifier throws or answers later; so the rule is applied here, at once, and anything but `true` is `false`.
 */
export function strictVerifier(
  rule: (blob: Buffer) => unknown,
): (blob: Buffer, verify: (accepted: boolean) => void) => void {
  return (blob, verify) => {
    let accepted: unknown = false;
    try {
      accepted = rule(blob);
    } catch {
      accepted = false; // a rule that fails refuses
    }
    // A promise is no `true`; one that fails later must not end the process.
    if (accepted instanceof Promise) accepted.catch(() => undefined);
    verify(accepted === true);
  };
}
