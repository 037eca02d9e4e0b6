import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { z } from 'zod';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { Ticket, TicketState } from '../domain/ticket.js';
import { type Account, type ApiHelpDesk, type BundleFile, HelpDeskError } from './help-desk.js';
import { openHttp } from './http.js';
import type { HttpAnswer, HttpCall, HttpEnvironment } from './http-call.js';
import { dateIn } from './http-failure.js';

const ticketStates: readonly TicketState[] = ['open', 'awaiting-information', 'fixed', 'closed'];

/** Words of the help desk that are only shown. */
const shown = z.string().transform((text) => printableLine(text, 500));

const ticketSchema = z.object({
  id: z.string().regex(/^[!-~]{1,100}$/),
  key: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}$/),
  url: shown,
  reference: z.string().nullish(),
  subject: shown,
  state: shown,
  nativeState: shown.optional(),
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
  account: shown,
  maxFileBytes: z.number().int().positive().optional(),
  problems: z.array(shown).default([]),
});

export type RestConfig = {
  url: string;
  token: string;
  env: HttpEnvironment;
  idempotencyKeys?: boolean;
  settleMs?: number;
  /** How long one answer may take; a file has its own time besides. */
  timeoutMs?: number;
};

/** icepack's own small contract, `templates/helpdesk-rest.openapi.yaml`: for gateways in front of a desk, and the mock. */
export function openRestDesk(config: RestConfig): ApiHelpDesk {
  const { url, token, env, idempotencyKeys = true, settleMs = 60_000, timeoutMs } = config;
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const http = openHttp(base, token, env, timeoutMs);
  const at = (path: string, query: Record<string, string> = {}) => {
    const target = new URL(path, base);
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
    return target;
  };
  const ticketAt = (id: string, rest = '') => at(`tickets/${encodeURIComponent(id)}${rest}`);
  const ask = async <T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal) =>
    agreed(schema, call, await http.send(call, signal));
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
      const call: HttpCall = { method: 'GET', url: at('account'), safe: true };
      const answer = await http.send(call, signal);
      const { account, maxFileBytes, problems } = agreed(accountSchema, call, answer);
      const limit = maxFileBytes === undefined ? {} : { maxFileBytes };
      return { account, ...limit, problems: [...problems, ...clockProblem(answer)] };
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

/** @throws HelpDeskError when an answer is not what the contract says */
function agreed<T extends z.ZodType>(schema: T, call: HttpCall, { status, body }: HttpAnswer): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'the whole';
  const message = `${call.url.origin} answered ${status}, but not as agreed (${where})`;
  throw new HelpDeskError('outcome-unknown', message, { status, maybeApplied: !call.safe });
}

const toleratedSkewMs = 5 * 60_000;

/** The clock of this machine is what those of the servers are compared with. */
function clockProblem({ headers }: HttpAnswer): string[] {
  const there = dateIn(headers['date']);
  const aheadMs = there === undefined ? 0 : Date.now() - there;
  if (Math.abs(aheadMs) <= toleratedSkewMs) return [];
  const how = `${formatDuration(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [`the clock of this machine is ${how} the help desk's; one of them is wrong, and times may be misread`];
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
    body: { stream: file.pipe(counted), bytes, type: 'application/zip', sentBytes: () => sent },
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
