/** Secrets of one face, resolved. */
export type LoginSecrets = {
  password?: string;
  /** Somebody typed the password just now. */
  typed?: true;
  privateKey?: { content: Uint8Array; passphrase?: string };
  /** Path of the agent's socket. */
  agentSocket?: string;
};
