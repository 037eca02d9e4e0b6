import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';

/** What it takes to connect to one face of a server. */
export type ConnectTarget = {
  /** How messages name it, e.g. `ICE01 host OS (192.0.2.10:2222)`. */
  title: string;
  /** The appliance's name, for the commands in hints. */
  server: string;
  address: string;
  port: number;
  user: string;
  secrets: LoginSecrets;
  pins: readonly HostKeyPin[];
  /** Ask for a key of these types only; by default those of the pins. */
  keyTypes?: readonly string[] | undefined;
  /** Each for the TCP connection, the server's greeting, and the handshake with login. */
  timeoutMs?: number;
};
