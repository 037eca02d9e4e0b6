import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { bundleMarker } from '../../src/domain/ticket.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';
import { bundleOf, draftOf, failureOf } from './contract.ts';

const token = 'tok-canary-0123456789';
const never = new AbortController().signal;

type Schema = Record<string, unknown>;
type Content = { content?: Record<string, { schema: Schema }> };
type Parameter = { name: string; in: 'query' | 'header' | 'path'; required?: boolean; schema: Schema };
type Operation = { parameters?: Parameter[]; requestBody?: Content; responses: Record<string, Content> };
type Document = {
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
  components: Record<string, Record<string, unknown>>;
};

const document = parse(readFileSync(join(projectRoot, 'templates', 'helpdesk-rest.openapi.yaml'), 'utf8')) as Document;
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(document, 'contract');

/** A part of the document as a check; `$ref`s in it lead into the document. */
function checkOf(schema: Schema): ValidateFunction {
  const absolute = JSON.stringify(schema).replaceAll('"#/', '"contract#/');
  return ajv.compile(JSON.parse(absolute));
}

function resolved<T>(part: T): T {
  const reference = (part as { $ref?: string }).$ref;
  if (reference === undefined) return part;
  const [, , group = '', name = ''] = reference.split('/');
  return document.components[group]?.[name] as T;
}

type Exchange = {
  method: string;
  /** Below `/api/v1`. */
  path: string;
  query: Record<string, string>;
  sent: { headers: Record<string, string | string[] | undefined>; body: unknown };
  got: { status: number; type: string; body: unknown };
};

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method] !== undefined).map((method) => `${method.toUpperCase()} ${path}`),
);

function operationOf(exchange: Exchange): { name: string; operation: Operation; parameters: Parameter[] } {
  for (const [path, item] of Object.entries(document.paths)) {
    const operation = item[exchange.method.toLowerCase()];
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
    if (operation === undefined || !pattern.test(exchange.path)) continue;
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolved);
    return { name: `${exchange.method} ${path}`, operation, parameters };
  }
  throw new Error(`${exchange.method} ${exchange.path} is not in the contract`);
}

function faultsOf(check: ValidateFunction, value: unknown): string[] {
  return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function answerFaults(exchange: Exchange): string[] {
  const { operation } = operationOf(exchange);
  const { status, type, body } = exchange.got;
  const answer = resolved(operation.responses[String(status)] ?? operation.responses['default'] ?? {});
  const schema = answer.content?.[type]?.schema;
  if (schema === undefined) return [`${status} with ${type} is not in the contract`];
  if (status >= 400 && operation.responses[String(status)] === undefined) return faultsOf(checkOf(schema), body);
  return operation.responses[String(status)] === undefined
    ? [`${status} is not in the contract`]
    : faultsOf(checkOf(schema), body);
}

function requestFaults(exchange: Exchange): string[] {
  const { operation, parameters } = operationOf(exchange);
  const known = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const unknown = Object.keys(exchange.query).filter((name) => !known.includes(name));
  const ofParameters = parameters.flatMap(({ name, in: place, required, schema }) => {
    const value =
      place === 'query'
        ? exchange.query[name]
        : place === 'header'
          ? exchange.sent.headers[name.toLowerCase()]
          : decodeURIComponent(exchange.path.split('/')[name === 'id' ? 2 : 4] ?? '');
    if (value === undefined) return required ? [`${name} is missing`] : [];
    const meant = schema['type'] === 'integer' ? Number(value) : value; // in an address everything is text
    return faultsOf(checkOf(schema), meant).map((fault) => `${name} ${fault}`);
  });
  const type = String(exchange.sent.headers['content-type'] ?? '');
  const content = operation.requestBody?.content;
  const schema = content?.[type]?.schema;
  const ofBody =
    content === undefined
      ? []
      : schema === undefined
        ? [`the type "${type}"`]
        : faultsOf(checkOf(schema), exchange.sent.body);
  return [...unknown.map((name) => `${name} is not in the contract`), ...ofParameters, ...ofBody];
}

/** The mock with a listener on its wire. */
async function startWire(maxFileBytes?: number) {
  const mock = await startMockHelpDesk({ port: 0, token, folder: await temporaryFolder(), maxFileBytes });
  onTestFinished(() => mock.close());
  const exchanges: Exchange[] = [];
  const wire = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const headers = Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name),
    ) as [string, string][];
    const answer = await fetch(new URL(request.url ?? '/', mock.url), {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      ...(sent.length === 0 ? {} : { body: new Uint8Array(sent) }),
    });
    const text = await answer.text();
    const { pathname, searchParams } = new URL(request.url ?? '/', mock.url);
    exchanges.push({
      method: request.method ?? '',
      path: pathname.replace('/api/v1', ''),
      query: Object.fromEntries(searchParams),
      sent: { headers: request.headers, body: jsonOr(sent.toString('latin1')) },
      got: { status: answer.status, type: answer.headers.get('content-type') ?? '', body: jsonOr(text) },
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
  });
  await new Promise<void>((resolve) => {
    wire.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        wire.close(() => resolve());
        wire.closeAllConnections();
      }),
  );
  const url = `http://127.0.0.1:${(wire.address() as AddressInfo).port}/api/v1`;
  return { mock, exchanges, url, desk: new RestDesk({ url, token, env: {} }) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Wire = Awaited<ReturnType<typeof startWire>>;

/** Everything that a help desk is asked in its life, by the provider itself. */
async function useEverything({ desk }: Wire): Promise<void> {
  const bundle = await bundleOf(1000);
  const comment = { body: 'The evidence.', public: true, marker: bundleMarker(bundle.sha256) };
  await desk.check(never);
  await desk.findByReference('REF-1', never);
  const draft = {
    ...draftOf('REF-1'),
    product: 'InCenter',
    version: '2.2.5',
    license: '1234',
    requester: 'kim@example.com',
  };
  const { id } = await desk.create(draft, never);
  await desk.create(draft, never);
  await desk.findByReference('REF-1', never);
  await desk.list({ state: ['open', 'awaiting-information'], updatedSince: new Date(0) }, never);
  await desk.list({ scope: 'organization', limit: 1 }, never);
  for (let time = 0; time < 2; time++) await desk.attach(id, bundle, comment, never);
  await desk.attach(id, { ...bundle, name: 'notes.txt' }, comment, never);
  await desk.comment(id, { ...comment, public: false, marker: '[note]' }, never);
  await desk.comments?.(id, never);
  const { revision } = await desk.get(id, never);
  await desk.setState(id, 'fixed', revision === undefined ? {} : { ifRevision: revision }, never);
  await desk.setState(id, 'closed', {}, never);
}

/** Everything that goes wrong, and is no fault of the wire. */
async function failAtEverything({ desk, url, mock }: Wire): Promise<void> {
  const { id } = await desk.create(draftOf('REF-2'), never);
  const bundle = await bundleOf(1000);
  const large = await bundleOf(10_000);
  const comment = { body: 'b', public: true, marker: 'm' };
  await desk.attach(id, bundle, comment, never);
  await failureOf(desk.get('4711', never));
  await failureOf(desk.comment('4711', comment, never));
  await failureOf(desk.comment(id, { ...comment, marker: '' }, never));
  await failureOf(desk.create({ ...draftOf('REF-3'), subject: '' }, never));
  await failureOf(desk.attach(id, { ...large, name: 'large.zip' }, comment, never));
  await failureOf(desk.attach(id, { ...bundle, name: 'other.zip', sha256: '00'.repeat(32) }, comment, never));
  await failureOf(desk.attach(id, { ...(await bundleOf(1000)), name: bundle.name }, comment, never));
  await failureOf(desk.setState(id, 'closed', { ifRevision: 'old' }, never));
  mock.switches.transitions = { open: ['fixed'] };
  await failureOf(desk.setState(id, 'closed', {}, never));
  mock.switches.comments = false;
  await desk.comments?.(id, never);
  await failureOf(new RestDesk({ url, token: 'wrong', env: {} }).check(never));
}

describe('the contract of the rest provider, templates/helpdesk-rest.openapi.yaml,', () => {
  it('names operations that the mock answers, every one of them', async () => {
    const wire = await startWire();

    await useEverything(wire);

    const done = wire.exchanges.filter(({ got }) => got.status < 300).map((each) => operationOf(each).name);
    expect([...new Set(done)].sort()).toEqual([...operations].sort());
  });

  it('describes every answer of the mock, by status, type and schema', async () => {
    const wire = await startWire();

    await useEverything(wire);

    expect(wire.exchanges.flatMap((each) => answerFaults(each).map((fault) => `${nameOf(each)}: ${fault}`))).toEqual(
      [],
    );
  });

  it('describes every refusal of the mock as a problem', async () => {
    const wire = await startWire(5000);

    await failAtEverything(wire);

    const refusals = wire.exchanges.filter(({ got }) => got.status >= 400);
    expect(refusals.map(({ got }) => got.status)).toEqual([404, 404, 422, 422, 413, 400, 409, 412, 409, 501, 401]);
    expect(refusals.map(({ got }) => got.type)).toEqual(Array(refusals.length).fill('application/problem+json'));
    expect(refusals.flatMap(answerFaults)).toEqual([]);
  });

  it('describes every request that icepack sends, by parameters, type and schema', async () => {
    const wire = await startWire();

    await useEverything(wire);

    expect(wire.exchanges.flatMap((each) => requestFaults(each).map((fault) => `${nameOf(each)}: ${fault}`))).toEqual(
      [],
    );
    expect(wire.exchanges.map(({ sent }) => sent.headers.authorization)).toEqual(
      Array(wire.exchanges.length).fill(`Bearer ${token}`),
    );
  });

  it('notices an answer and a request that are not as agreed', () => {
    const exchange: Exchange = {
      method: 'POST',
      path: '/tickets',
      query: { other: '1' },
      sent: { headers: { 'content-type': 'application/json' }, body: { reference: 'not allowed!' } },
      got: { status: 201, type: 'application/json', body: { id: 7 } },
    };

    const faults = { request: requestFaults(exchange).length, answer: answerFaults(exchange).length };

    expect(faults.request).toBeGreaterThanOrEqual(5);
    expect(faults.answer).toBeGreaterThanOrEqual(5);
    expect(answerFaults({ ...exchange, got: { ...exchange.got, status: 202 } })).not.toEqual([]);
  });
});

function nameOf({ method, path, got }: Exchange): string {
  return `${method} ${path} ${got.status}`;
}
