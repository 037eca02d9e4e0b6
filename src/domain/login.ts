/** Secrets of one face, resolved. */
export type LoginSecrets = {
  password?: string;
  /** Somebody typed the password just now. */
  typed?: true;
  /** It stands nowhere: somebody is to be asked for a password, once it is known that the place can be logged in to. */
  toBeTyped?: true;
  /** Somebody was asked for the password and wants to go on without: nothing is to be tried. */
  withheld?: true;
  privateKey?: { content: Uint8Array; passphrase?: string };
  /** Path of the agent's socket. */
  agentSocket?: string;
  /** The one key of the agent to use: its blob in base64, and the file that names it. */
  agentKey?: { key: string; path: string };
};
