import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { projectRoot } from '../rig.ts';

type Call = { query?: string[]; request?: object; answers: Record<string, object> };
const described = JSON.parse(readFileSync(join(projectRoot, 'test/support/desks/schemas/jira.json'), 'utf8')) as {
  calls: Record<string, Call>;
  definitions: Record<string, object>;
};

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'jira', definitions: described.definitions });
const checks = new Map<object, ValidateFunction>();

function faults(schema: object, value: unknown): string[] {
  const check = checks.get(schema) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"jira#/')));
  checks.set(schema, check);
  return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function callOf(method: string, path: string): [string, Call] | undefined {
  const fits = ([name]: [string, Call]) =>
    new RegExp(`^${name.replace(/\{\w+\}/g, '[^/]+')}$`).test(`${method} ${path}`);
  // `GET /issue/createmeta/…` is no issue: the name with the fewest places to fill.
  return Object.entries(described.calls)
    .filter(fits)
    .sort(([a], [b]) => a.split('{').length - b.split('{').length)[0];
}

/** What is wrong with a request by the vendor's description. @param path below `/rest/api/N` */
export function requestFaults(method: string, url: URL, path: string, body: unknown): string[] {
  const [name, call] = callOf(method, path) ?? [];
  if (call === undefined) return [`${method} ${path} is not described`];
  const unknown = [...url.searchParams.keys()].filter((key) => !call.query?.includes(key));
  const ofBody = call.request === undefined ? [] : faults(call.request, body);
  return [
    ...unknown.map((key) => `${name}: there is no parameter ${key}`),
    ...ofBody.map((each) => `${name}: ${each}`),
  ];
}

/** What is wrong with an answer by the vendor's description. */
export function answerFaults(method: string, path: string, status: number, body: unknown): string[] {
  const error = described.definitions['ErrorCollection'] ?? {};
  const schema = status >= 300 ? error : callOf(method, path)?.[1].answers[String(status)];
  if (schema === undefined) return [`${method} ${path} has no answer ${status}`];
  if (Object.keys(schema).length === 0) return body === undefined ? [] : [`${method} ${path} answers nothing`];
  return faults(schema, body).map((each) => `answer to ${method} ${path}: ${each}`);
}
