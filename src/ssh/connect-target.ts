import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';

/** What it takes to connect to one face of a server, or to a jump host. */
export type ConnectTarget = {
  /** How messages name it, e.g. `ICE01 host OS (192.0.2.10:2222)`. */
  title: string;
  /** The appliance's name, for the commands in hints. */
  server: string;
  /** Its place in the configuration, for hints, e.g. `appliances.ice01.cli`. */
  key: string;
  address: string;
  port: number;
  user: string;
  secrets: LoginSecrets;
  pins: readonly HostKeyPin[];
  /** Whether to offer algorithms that are off by default. */
  legacyAlgorithms?: boolean;
  /**
   * The time limit for the TCP connection, and for the greeting of the server; the handshake with login gets three times
   * as much.
   */
  timeoutMs?: number;
  /** The last jump host before the server. */
  via?: ConnectTarget;
};

const defaultTimeoutMs = 10_000;

export function timeoutOf({ timeoutMs = defaultTimeoutMs }: ConnectTarget): number {
  return timeoutMs;
}
