import type { Readable } from 'node:stream';

export type HttpCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Record<string, string>;
  /** JSON, or bytes whose number is known. */
  body?: string | HttpUpload;
  /** Repeating it does no harm and it may have had no effect: its failures are never "unknown". */
  safe?: boolean;
  /** How long its answer may be; 1 MiB where nothing is said. */
  maxAnswerBytes?: number;
};

/** Bytes that are sent as they are read; begun anew where a request is repeated. */
export type HttpUpload = { open(): Readable; bytes: number; type: string; sentBytes(): number };

/** Variables that matter here: those of proxies, which are not used, and of TLS. */
export type HttpEnvironment = Record<string, string | undefined>;

export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: unknown };

/** A question; asking again does no harm. */
export function reading(url: URL): HttpCall {
  return { method: 'GET', url, safe: true };
}

/** An address below a base, with a query. */
export function addressOf(base: URL, path: string, query: Record<string, string | number> = {}): URL {
  const target = new URL(path, base);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, String(value));
  return target;
}
