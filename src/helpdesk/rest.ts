import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { z } from 'zod';
import type { Ticket, TicketState } from '../domain/ticket.js';
import { type Account, type ApiHelpDesk, type BundleFile, HelpDeskError } from './help-desk.js';
import { type Http, type HttpCall, openHttp } from './http.js';

const ticketStates: readonly TicketState[] = ['open', 'awaiting-information', 'fixed', 'closed'];

const ticketSchema = z.object({
  id: z.string().min(1),
  key: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}$/),
  url: z.string(),
  reference: z.string().nullish(),
  subject: z.string(),
  state: z.string(),
  nativeState: z.string().optional(),
  revision: z.string().optional(),
  files: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        bytes: z.number().int().nonnegative().optional(),
        sha256: z.string().optional(),
      }),
    )
    .default([]),
});
const ticketsSchema = z.object({ tickets: z.array(ticketSchema) });
const accountSchema = z.object({
  account: z.string(),
  maxFileBytes: z.number().int().positive().optional(),
  problems: z.array(z.string()).default([]),
});

export type RestConfig = {
  url: string;
  token: string;
  env: { NODE_TLS_REJECT_UNAUTHORIZED?: string | undefined };
  idempotencyKeys?: boolean;
  settleMs?: number;
};

/** icepack's own small contract, `templates/helpdesk-rest.openapi.yaml`: for gateways in front of a desk, and the mock. */
export function openRestDesk({ url, token, env, idempotencyKeys = true, settleMs = 60_000 }: RestConfig): ApiHelpDesk {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const http = openHttp(base, token, env);
  const at = (path: string, query: Record<string, string> = {}) => {
    const target = new URL(path, base);
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
    return target;
  };
  const ticketAt = (id: string, rest = '') => at(`tickets/${encodeURIComponent(id)}${rest}`);
  const ask = <T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal) =>
    askFor(http, schema, call, signal);
  const caps: ApiHelpDesk['caps'] = {
    idempotencyKey: idempotencyKeys,
    settleMs,
    conditionalUpdate: true,
    searchLagMs: 0,
    reopenFrom: ['fixed', 'closed'],
  };

  const desk: ApiHelpDesk = {
    kind: 'api',
    origin: `${base.origin}${base.pathname.replace(/\/$/, '')}`,
    caps,

    async check(signal): Promise<Account> {
      const { account, maxFileBytes, problems } = await ask(
        accountSchema,
        { method: 'GET', url: at('account'), safe: true },
        signal,
      );
      if (maxFileBytes !== undefined) caps.maxFileBytes = maxFileBytes;
      return { account, problems };
    },

    async findByReference(reference, signal) {
      const { tickets } = await ask(
        ticketsSchema,
        { method: 'GET', url: at('tickets', { reference }), safe: true },
        signal,
      );
      return tickets.map(ticketOf).filter((ticket) => ticket.reference === reference);
    },

    async create(draft, signal) {
      const headers = { 'idempotency-key': draft.reference };
      const call: HttpCall = { method: 'POST', url: at('tickets'), headers, body: JSON.stringify(draft) };
      return ticketOf(await ask(ticketSchema, call, signal));
    },

    async list({ state: states, updatedSince }, signal) {
      const query = {
        ...(states ? { state: states.join(',') } : {}),
        ...(updatedSince ? { updatedSince: updatedSince.toISOString() } : {}),
      };
      const { tickets } = await ask(ticketsSchema, { method: 'GET', url: at('tickets', query), safe: true }, signal);
      return tickets.map(ticketOf);
    },

    async get(id, signal) {
      return ticketOf(await ask(ticketSchema, { method: 'GET', url: ticketAt(id), safe: true }, signal));
    },

    async comment(id, { body, public: isPublic, marker }, signal) {
      const json = JSON.stringify({ body, public: isPublic, marker });
      await http.send(
        { method: 'POST', url: ticketAt(id, '/comments'), body: json, headers: { 'idempotency-key': marker } },
        signal,
      );
    },

    async attach(id, bundle, comment, signal, onProgress) {
      await http.send(
        uploadCall(ticketAt(id, `/files/${encodeURIComponent(bundle.name)}`), bundle, onProgress),
        signal,
      );
      await desk.comment(id, comment, signal);
    },

    async setState(id, to, { ifRevision }, signal) {
      const current = await desk.get(id, signal);
      if (current.state === to) return current;
      const headers = ifRevision === undefined ? {} : { 'if-match': `"${ifRevision}"` };
      await http.send({ method: 'PATCH', url: ticketAt(id), body: JSON.stringify({ state: to }), headers }, signal);
      const after = await desk.get(id, signal);
      if (after.state !== to) throw new HelpDeskError('refused-transition', `${after.key} stays ${after.nativeState}`);
      return after;
    },
  };
  return desk;
}

async function askFor<T extends z.ZodType>(
  http: Http,
  schema: T,
  call: HttpCall,
  signal: AbortSignal,
): Promise<z.output<T>> {
  const { body, status } = await http.send(call, signal);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new HelpDeskError(
    'outcome-unknown',
    `${call.url.origin} answered ${status}, but not as agreed (${parsed.error.issues[0]?.path.join('.') || 'the whole'})`,
    {
      status,
      maybeApplied: !call.safe,
    },
  );
}

/** A PUT under the file's own name: repeating it replaces nothing and doubles nothing. */
function uploadCall(url: URL, { path, bytes, sha256 }: BundleFile, onProgress?: (bytes: number) => void): HttpCall {
  let sent = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      onProgress?.(sent);
      done(null, chunk);
    },
  });
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  file.on('error', (error) => counted.destroy(error));
  const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
  return {
    method: 'PUT',
    url,
    headers: { 'content-digest': digest },
    body: { stream: file.pipe(counted), bytes, type: 'application/zip' },
  };
}

function ticketOf(answer: z.output<typeof ticketSchema>): Ticket {
  const { reference, state, nativeState, revision, files, ...rest } = answer;
  const known = ticketStates.find((each) => each === state);
  return {
    ...rest,
    state: known ?? 'other',
    nativeState: nativeState ?? state,
    ...(reference ? { reference } : {}),
    ...(revision === undefined ? {} : { revision }),
    files: files.map(({ id, name, bytes, sha256 }) => ({
      id,
      name,
      ...(bytes === undefined ? {} : { sizeBytes: bytes }),
      ...(sha256 === undefined ? {} : { sha256 }),
    })),
  };
}
