import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';
import type { Dialer } from '../ssh/dialer.js';
import type { KnownHosts } from '../state/known-hosts.js';

/** How servers are reached: the way there, what is logged in with, and the host keys that are trusted. */
export type Access = {
  dialer: Dialer;
  /** A dialer of its own: what failed on a way is kept by the other one, and is tried again by this one. */
  newDialer(): Dialer;
  /** Resolves what an endpoint is logged in to with, once; asks nobody. */
  loginSecrets(endpoint: Endpoint): Promise<LoginSecrets>;
  /** What a place was logged in to with was refused: where a command or a file gave it, it is resolved anew. */
  forgetSecrets(key: string): void;
  /** Sets a password that was typed, also in the place of one that was refused. */
  setTypedPassword(endpoint: Endpoint, password: string): void;
  /** Notes that nobody wants to type one: nothing is to be tried there. */
  withholdPassword(endpoint: Endpoint): void;
  /** Changes when what an endpoint is logged in to with may have changed, as far as that can be seen. */
  stampOf(endpoint: Endpoint): Promise<string>;
  knownHosts: KnownHosts;
  /** The pin of the configuration, else those of `known_hosts`. */
  pinsOf(endpoint: Endpoint): Promise<HostKeyPin[]>;
};
