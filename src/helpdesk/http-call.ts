import type { Readable } from 'node:stream';

export type HttpCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  url: URL;
  headers?: Record<string, string>;
  /** JSON, or a file's bytes. */
  body?: string | { stream: Readable; bytes: number; type: string; sentBytes: () => number };
  /** Repeating it does no harm and it may have had no effect: its failures are never "unknown". */
  safe?: boolean;
};

/** Variables that matter here: those of proxies, which are not used, and of TLS. */
export type HttpEnvironment = Record<string, string | undefined>;

export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: unknown };
