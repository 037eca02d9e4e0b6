import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { connect } from '../../src/ssh/connect.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import type { Connection } from '../../src/ssh/connection.ts';

/** A server on loopback; without a key or a password the password is `secret`, which scripted servers take. */
export type Place = {
  port: number;
  /** Pinned; undefined where nobody has pinned it. */
  hostKey?: string | undefined;
  login?: { user?: string; privateKey?: string; password?: string };
};

const faces = {
  cli: { title: 'ICE01 CLI', key: 'appliances.ice01.cli', user: 'admin' },
  hostOs: { title: 'ICE01 host OS', key: 'appliances.ice01.hostOs', user: 'administrator' },
};

export function targetOf(
  face: keyof typeof faces,
  { port, hostKey, login = {} }: Place,
  changes: Partial<ConnectTarget> = {},
): ConnectTarget {
  const { title, key, user } = faces[face];
  const { privateKey, password = privateKey === undefined ? 'secret' : undefined } = login;
  return {
    title,
    server: 'ice01',
    key,
    address: '127.0.0.1',
    port,
    user: login.user ?? user,
    secrets: {
      ...(privateKey === undefined ? {} : { privateKey: { content: readFileSync(privateKey) } }),
      ...(password === undefined ? {} : { password }),
    },
    pins: hostKey === undefined ? [] : [{ source: 'icepack.yaml', fingerprint: hostKey }],
    ...changes,
  };
}

/** Connects; the connection ends with the test. */
export async function connected(target: ConnectTarget, signal = new AbortController().signal): Promise<Connection> {
  const connection = await connect(target, signal);
  onTestFinished(() => connection.close());
  return connection;
}

/** What connecting fails with; a connection that was made is closed. */
export function failureOf(connecting: Promise<Connection>): Promise<unknown> {
  return connecting.then(
    (connection) => {
      connection.close();
      return 'connected';
    },
    (error: unknown) => error,
  );
}
