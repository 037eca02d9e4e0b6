import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The answer to a request; without a body, `{}` is sent. */
export type Answer = { status: number; body?: unknown };
export type Call = { request: IncomingMessage; url: URL; route: string; id: string; name: string };

export function callOf(request: IncomingMessage, origin: string): Call {
  const url = new URL(request.url ?? '/', origin);
  const [id, kind, name] = url.pathname
    .replace(/^\/api\/v1\//, '')
    .split('/')
    .slice(1)
    .map(decodeURIComponent);
  const path = url.pathname
    .replace(/^\/api\/v1/, '')
    .replace(/^\/tickets\/[^/]+/, '/tickets/{id}')
    .replace(/\/files\/[^/]+$/, '/files/{name}');
  return {
    request,
    url,
    route: `${request.method} ${path}`,
    id: id ?? '',
    name: kind === 'files' ? safeFile(name) : '',
  };
}

/** A safe file name. Clients choose the names of files that the mock writes, so only plain ones are allowed. */
function safeFile(name: string | undefined): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(name ?? '') ? (name ?? '') : 'unnamed.bin';
}

export function isAuthorized(request: IncomingMessage, token: string): boolean {
  const [given, expected] = [request.headers.authorization ?? '', `Bearer ${token}`].map((text) =>
    createHash('sha256').update(text).digest(),
  ) as [Buffer, Buffer];
  return timingSafeEqual(given, expected);
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

export function problem(status: number, detail: string): Answer {
  return { status, body: { status, detail } };
}

export function reply(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  const isPage = typeof body === 'string';
  const type = isPage ? 'text/html' : status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(isPage ? body : JSON.stringify(body ?? {}));
}
