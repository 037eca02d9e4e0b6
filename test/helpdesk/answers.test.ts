import { execFileSync } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import { withRetries } from '../../src/tickets/retry.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { temporaryFolder } from '../support/rig.ts';
import { draftOf, everythingIn, failureOf } from './contract.ts';
import { answering, startOdd, ticket, token } from './odd-desk.ts';

const never = new AbortController().signal;

type Answer = { status: number; headers: Record<string, string>; body: string };
type Outcome = 'created' | 'rejected' | 'auth' | 'retry' | 'unknown';

const outcomes: Record<HelpDeskError['kind'], Outcome> = {
  auth: 'auth',
  forbidden: 'rejected',
  'not-found': 'rejected',
  invalid: 'rejected',
  'too-large': 'rejected',
  conflict: 'rejected',
  'refused-transition': 'rejected',
  untrusted: 'rejected',
  'rate-limited': 'retry',
  unavailable: 'retry',
  'outcome-unknown': 'unknown',
};

const id = fc.oneof(fc.constant('1'), fc.string(), fc.string({ unit: 'binary' }), fc.jsonValue());
const key = fc.oneof(fc.constant('TIC-1'), fc.string(), fc.constantFrom('TIC-1\n', '../TIC-1', 'TIC-', 'tic-1'));
const ticketBody = fc
  .tuple(id, key, fc.jsonValue(), fc.subarray(Object.keys(ticket)))
  .map(([ofId, ofKey, more, kept]) => {
    const all: Record<string, unknown> = { ...ticket, id: ofId, key: ofKey };
    return JSON.stringify({ ...Object.fromEntries(kept.map((name) => [name, all[name]])), more });
  });
const goodBody = id.map((ofId) => JSON.stringify({ ...ticket, id: ofId }));
const body = fc.oneof(
  goodBody,
  ticketBody,
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '<html>Sign in</html>', JSON.stringify({ detail: token }), JSON.stringify([ticket])),
);
const wait = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.stringMatching(/^[ -~]{0,20}$/),
);
const headers = fc.record(
  {
    'retry-after': wait,
    date: fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    location: fc.constantFrom('/login', 'https://example.com/', 'file:///etc/passwd', ''),
    'content-encoding': fc.constantFrom('gzip', 'br', 'gzip, gzip, br'),
    'content-type': fc.constantFrom('text/html', 'application/json', 'application/zip'),
  },
  { requiredKeys: [] },
);
const status = fc.oneof(
  fc.constantFrom(200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503),
  fc.integer({ min: 200, max: 999 }),
);
const anyAnswer: fc.Arbitrary<Answer> = fc.record({ status, headers, body });

/** A help desk that gives one answer after the other. */
async function startAnswering() {
  const current: { answer: Answer } = { answer: { status: 200, headers: {}, body: '' } };
  const { desk } = await startOdd((request: IncomingMessage, response: ServerResponse) => {
    const { answer } = current;
    answering(answer.status, answer.body, answer.headers)(request, response);
  });
  return { desk, current };
}

/** What the bytes say, read without our schema. */
function namesATicket({ status: code, body: text }: Answer): boolean {
  if (code < 200 || code > 299) return false;
  try {
    const said = JSON.parse(text);
    return /^[!-~]{1,100}$/.test(said.id) && typeof said.id === 'string' && /^[A-Za-z][A-Za-z0-9]*-\d+$/.test(said.key);
  } catch {
    return false;
  }
}

describe('whatever answers a registration', () => {
  it('is one of five outcomes: a ticket only with its number, a retry only when it asks for that (F07, F08, F09, F10, F14)', async () => {
    const { desk, current } = await startAnswering();
    const seen = new Set<Outcome>();

    await fc.assert(
      fc.asyncProperty(anyAnswer, async (answer) => {
        current.answer = answer;
        const result = await desk.create(draftOf('REF-1'), never).catch((error: unknown) => error);

        const outcome = result instanceof HelpDeskError ? outcomes[result.kind] : 'created';
        seen.add(outcome);
        if (outcome === 'created') expect(result, 'it names a ticket').toMatchObject({ id: expect.any(String) });
        if (outcome === 'created') expect(namesATicket(answer)).toBe(true);
        expect(outcome === 'retry', 'only 429 is known not to have been taken').toBe(answer.status === 429);
        expect(outcome === 'auth').toBe(answer.status === 401);
        if (answer.status < 300 || answer.status >= 500) expect(['created', 'unknown']).toContain(outcome);
        if (result instanceof HelpDeskError) {
          expect(result.maybeApplied).toBe(outcome === 'unknown');
          expect(result.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
          expect(result.retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000);
          expect(result.message.length).toBeLessThan(500);
        }
        expect(everythingIn(result)).not.toContain(token);
      }),
      { numRuns: 1500 },
    );
    expect(seen.size, [...seen].join()).toBe(5);
  }, 30_000);

  it('is never repeated at once, nor after more than two minutes, and four times at most (F13)', async () => {
    const { desk, current } = await startAnswering();

    await fc.assert(
      fc.asyncProperty(anyAnswer, async (answer) => {
        const waits: number[] = [];
        let asked = 0;
        const operator = { emit: () => undefined, sleep: async (ms: number) => void waits.push(ms) };
        const create = () => {
          asked++;
          return desk.create(draftOf('REF-1'), never);
        };
        current.answer = answer;
        await withRetries(create, operator as unknown as Operator, never).catch(() => undefined);

        expect(asked).toBe(1 + waits.length);
        expect(asked).toBeLessThanOrEqual(answer.status === 429 ? 4 : 1);
        expect(Math.min(500, ...waits)).toBe(500);
        expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(120_000);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

describe('an answer that takes its time', () => {
  const drip = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };

  it.each([
    ['does not begin', () => undefined],
    ['drips and never ends', drip],
    ['stands still', (response: ServerResponse) => void response.writeHead(200).write('{"id"')],
  ])('and %s is given up, in doubt for a registration and without doubt for a question (F15)', async (_what, begin) => {
    const { desk } = await startOdd((_request, response) => begin(response), '', { timeoutMs: 300 });

    const errors = [
      await failureOf(desk.create(draftOf('REF-1'), never)),
      await failureOf(desk.findByReference('REF-1', never)),
    ];

    expect(errors.map(({ kind, maybeApplied }) => [kind, maybeApplied])).toEqual([
      ['outcome-unknown', true],
      ['unavailable', false],
    ]);
  });

  it('of a help desk that never takes a file is given up too (F15)', async () => {
    const { desk } = await startOdd(() => undefined, '', { timeoutMs: 150 });
    const file = { path: '/dev/null', name: 'a.zip', bytes: 0, sha256: '00' };

    const error = await failureOf(desk.attach('1', file, { body: 'b', public: true, marker: 'm' }, never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', message: expect.stringContaining('no answer within') });
  });
});

describe('a file that the help desk stops taking', () => {
  it('is given up long before its deadline (F15)', async () => {
    const { desk } = await startOdd(() => undefined, '', { timeoutMs: 150 });
    const path = join(await temporaryFolder(), 'a.zip');
    await writeFile(path, '');
    await truncate(path, 100_000_000); // its deadline is a quarter of an hour
    const file = { path, name: 'a.zip', bytes: 100_000_000, sha256: '00' };

    const error = await failureOf(desk.attach('1', file, { body: 'b', public: true, marker: 'm' }, never));

    expect(error).toMatchObject({
      kind: 'outcome-unknown',
      message: expect.stringContaining('it took nothing for'),
    });
  });
});

describe('an answer that is packed', () => {
  it.each([
    'gzip',
    Array(100).fill('gzip').join(', '),
    'br',
    'nonsense',
  ])('as %s is not unpacked: what it says is not known (F16)', async (encoding) => {
    const body = execFileSync('gzip', ['-c'], { input: JSON.stringify(ticket) });
    const { desk } = await startOdd(answering(201, body, { 'content-encoding': encoding }));

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });
});

describe('words of a help desk', () => {
  it.each([
    ['with a slash that was escaped', (text: string) => text.replaceAll('/', '\\/')],
    [
      'in \\u escapes',
      (text: string) => [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    ],
  ])('that hold the token %s show it to nobody (F24)', async (_how, renderCommand) => {
    const odd = 'tok/canary-99';
    const { desk } = await startOdd(answering(401, `{"detail":"unknown: ${renderCommand(odd)}"}`), '', { token: odd });

    const error = await failureOf(desk.check(never));

    expect(error.message).toContain('unknown: ***');
    expect(everythingIn(error)).not.toContain('canary');
  });

  it('are shown without escapes, in a ticket and in an account too (F26)', async () => {
    const evil = '\x1b[2J\u202eevil\r\nX: y';
    const all = { ...ticket, url: evil, subject: evil, state: evil, account: evil, problems: [evil] };
    const { desk } = await startOdd(answering(200, JSON.stringify(all)));

    const said = JSON.stringify([await desk.get('1', never), await desk.check(never)]);

    expect(JSON.parse(said)).toMatchObject([
      { nativeState: expect.stringContaining('evil') },
      { account: expect.any(String) },
    ]);
    expect(said).not.toMatch(/\\u001b|\\r|\\n|\u202e/);
  });

  it('that list what is possible are shown (F10, F28)', async () => {
    const errors = ['product is one of InCenter, InControl', 'license is not known'];
    const { desk } = await startOdd(answering(422, JSON.stringify({ detail: 'Not valid', errors })));

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error.message).toContain('Not valid: product is one of InCenter, InControl; license is not known');
  });
});
