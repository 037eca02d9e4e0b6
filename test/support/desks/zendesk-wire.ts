import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { projectRoot } from '../rig.ts';

type Schema = Record<string, unknown>;
type Call = {
  query?: Record<string, Schema>;
  required?: string[];
  sent?: Schema;
  answers: Record<string, Schema>;
};

const described = JSON.parse(readFileSync(join(projectRoot, 'test/support/desks/schemas/zendesk.json'), 'utf8')) as {
  calls: Record<string, Call>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(described);
const compiled = new Map<string, ValidateFunction>();

function faultsOf(schema: Schema, value: unknown): string[] {
  const text = JSON.stringify(schema).replaceAll('"#/', '"zendesk#/');
  const check = compiled.get(text) ?? ajv.compile(JSON.parse(text));
  compiled.set(text, check);
  return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The name of a call as it is described: `PUT /api/v2/tickets/{id}`. */
export function callOf(method: string, pathname: string): string {
  const path = pathname.replace(/\.json$/, '');
  const names = Object.keys(described.calls).filter((each) => each.startsWith(`${method} `));
  const isIt = (name: string) => new RegExp(`^${name.split(' ')[1]?.replace('{id}', '[^/]+')}$`).test(path);
  return names.find((name) => name.endsWith(` ${path}`)) ?? names.find(isIt) ?? `${method} ${path}`;
}

/** What is wrong with a request by the vendor's description. */
export function requestFaults(name: string, query: URLSearchParams, sent: unknown): string[] {
  const call = described.calls[name];
  if (call === undefined) return [`${name} is not described`];
  const { query: known = {}, required = [] } = call;
  const ofQuery = [...query].flatMap(([key, value]) => {
    const schema = known[key];
    return schema === undefined ? [`${key} is not described`] : faultsOf(schema, value).map((each) => `${key}${each}`);
  });
  const missing = required.filter((key) => !query.has(key)).map((key) => `${key} is missing`);
  return [...ofQuery, ...missing, ...(call.sent === undefined ? [] : faultsOf(call.sent, sent))];
}

/** What is wrong with an answer; a text that is not JSON may be a refusal, nothing else. */
export function answerFaults(name: string, status: number, body: unknown): string[] {
  if (status >= 400) return typeof body === 'string' ? [] : faultsOf({ $ref: '#/$defs/refusal' }, body);
  const schema = described.calls[name]?.answers[String(status)];
  return schema === undefined ? [`${status} is not described`] : faultsOf(schema, body);
}
