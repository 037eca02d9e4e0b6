import type { Algorithms } from 'ssh2';

/** Algorithms by kind, the preferred one first. */
export type AlgorithmOffer = { kex: string[]; hostKey: string[]; cipher: string[]; mac: string[] };

/**
 * What is offered by default: as much as today's OpenSSH client, without SHA-1 signatures and key exchange. GCM comes
 * first: it is the fastest here. ChaCha20 is missing, and encrypt-then-MAC algorithms come last: without strict key
 * exchange, which servers from before 2024 lack, they are open to CVE-2023-48795.
 */
export const currentOffer: AlgorithmOffer = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
  ],
  hostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  mac: [
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
  ],
};

/**
 * What is offered with `legacyAlgorithms: true`, for servers from before 2016. CBC is never combined with
 * encrypt-then-MAC: see above.
 */
export const legacyOffer: AlgorithmOffer = {
  kex: [
    ...currentOffer.kex,
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ],
  hostKey: [...currentOffer.hostKey, 'ssh-rsa', 'ssh-dss'],
  cipher: [...currentOffer.cipher, 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'],
  mac: [...currentOffer.mac.filter((name) => !name.includes('etm')), 'hmac-md5'],
};

/** The algorithms in the form ssh2 takes. @param hostKeys replace the host key algorithms, when a type is pinned */
export function algorithmsFor(legacy: boolean, hostKeys: readonly string[] | undefined): Algorithms {
  const { kex, hostKey, cipher, mac } = legacy ? legacyOffer : currentOffer;
  return { kex, cipher, hmac: mac, serverHostKey: hostKeys ?? hostKey } as Algorithms;
}
