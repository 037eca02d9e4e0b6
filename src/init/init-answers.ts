import type { ServerPlace } from './typed-server.js';

/** Where a secret comes from. */
export type SecretWay = { kind: 'env'; name: string } | { kind: 'file'; path: string };

/** How a login gets its credential; the secret itself is never part of a configuration. */
export type LoginWay = { kind: 'ask' } | { kind: 'agent' } | SecretWay | { kind: 'key'; path: string };

export type LoginAnswers = { user: string; port?: number; way: LoginWay };

/** The settings of a help desk, by their keys; `provider` is `none` where there is no help desk. */
export type DeskAnswers = { provider: string; [key: string]: string | SecretWay };

/** What a first configuration is made of. */
export type InitAnswers = {
  organization?: string;
  contact: { name?: string; email?: string; phone?: string };
  servers: ({ name: string; id: number } & ServerPlace)[];
  cluster?: string;
  jumpHost?: { address: string; port: number } & LoginAnswers;
  cli: LoginAnswers;
  hostOs: LoginAnswers;
  helpdesk: DeskAnswers;
  product?: string;
  version?: string;
  license?: string;
};

/** Reads `ask`, `agent`, `env:NAME`, `file:PATH`, `key:PATH`. @returns undefined for anything else */
export function parseLoginWay(text: string): LoginWay | undefined {
  if (text === 'ask' || text === 'agent') return { kind: text };
  const match = /^(env|file|key):(\S(?:.*\S)?)$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  if (match[1] === 'env')
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(match[2]) ? { kind: 'env', name: match[2] } : undefined;
  return match[1] === 'file' ? { kind: 'file', path: match[2] } : { kind: 'key', path: match[2] };
}

/**
 * Reads where a secret is, as a person types it: `NAME`, `env:NAME` or `file:PATH`. A bare name has to look like a variable:
 * what does not may be the secret itself, which must not get into the configuration.
 * @returns undefined for anything else
 */
export function readSecretWay(typed: string): SecretWay | undefined {
  const text = typed.trim();
  if (/^[A-Z_][A-Z0-9_]*$/.test(text)) return { kind: 'env', name: text };
  const way = parseLoginWay(text);
  return way?.kind === 'env' || way?.kind === 'file' ? way : undefined;
}

/** The server id that ends a name such as `ice02`, else the next free one. */
export function serverId(name: string, taken: readonly number[]): number {
  const told = Number(/(\d{1,4})$/.exec(name)?.[1] ?? Number.NaN);
  if (told >= 1 && !taken.includes(told)) return told;
  let next = 1;
  while (taken.includes(next)) next++;
  return next;
}
