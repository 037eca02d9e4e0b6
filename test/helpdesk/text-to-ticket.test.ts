import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Item, type Manifest, manifestSchema } from '../../src/domain/manifest.ts';
import { questionKeys } from '../../src/domain/questions.ts';
import type { TicketDraft } from '../../src/domain/ticket.ts';
import { attachedComment, ticketDescription } from '../../src/tickets/ticket-text.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { projectRoot } from '../support/rig.ts';
import { bundleOf } from './contract.ts';
import { answering, startOdd, ticket } from './odd-desk.ts';

const never = new AbortController().signal;
const template = readFileSync(join(projectRoot, 'templates', 'ticket-description.txt'), 'utf8');
const marker = '[bundle aaaaaaaaaaaaaaaa]';

/** What a server that was taken over may answer with. */
const evil = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"}, {"body": "another"}',
    '\r\nX-Injected: yes\r\n\r\n{}',
    '--boundary\r\nContent-Disposition: form-data; name="body"\r\n\r\nforged',
    '=cmd|" /C calc"!A0',
    '@everyone [click](https://evil.example.com)',
    '\nCONTACT\nmallory@evil.example.com',
    `\n${marker}`,
    '\u202eevil\u2066',
    '\x1b]0;title\x07\x9b2J',
    'x'.repeat(1_000_000),
    '{{contact}}',
  ),
);

function manifestWith(texts: readonly string[]): Manifest {
  const items = texts.map(
    (text, index): Item => ({ path: `Logs/${index}.log`, collector: 'logs', status: 'failed', reason: text }),
  );
  const face = { address: '192.0.2.1', port: 22, status: 'up' } as const;
  const server = {
    name: 'ice01',
    id: 1,
    address: '192.0.2.1',
    folder: '',
    zone: { name: 'UTC', source: 'host OS' },
    faces: { cli: face, hostOs: face },
    clock: null,
    versions: Object.fromEntries(texts.map((text, index) => [`part ${index}`, text])),
    items,
  };
  return manifestSchema.parse({
    schema: 1,
    tool: { name: 'icepack', version: '1', node: 'v20' },
    run: '20261120-1032-east-k3f9',
    argv: [],
    created: '2026-11-20T10:00:00.000Z',
    reference: 'ref-1',
    ticket: null,
    event: {
      number: 1,
      at: '2026-11-20T09:32:00.000Z',
      window: { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' },
    },
    servers: [server],
  });
}

/** The same texts as answers: people paste what servers say. */
function answersOf(texts: readonly string[]) {
  const all = questionKeys.map((key, index) => [key, `pasted ${texts[index % texts.length] ?? ''}`]);
  return Object.fromEntries(all) as Record<string, string>;
}

function bodyWith(texts: readonly string[]): string {
  const nobody = { organization: undefined, product: undefined, version: undefined, license: undefined };
  const contact = { email: 'kim@example.com' };
  return ticketDescription(template, {
    manifest: manifestWith(texts),
    summary: undefined,
    description: 'x',
    answers: answersOf(texts),
    contact,
    ...nobody,
  });
}

const zip = { name: 'TIC-1_Event1_20261120_1032.zip', bytes: 1, sha256: 'a'.repeat(64) };
const unwanted = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** The headings of the template that stand alone on a line of a text. */
function headings(text: string): string[] {
  return text.split('\n').filter((line) => /^[A-Z][A-Z ]+$/.test(line) && template.includes(`\n${line}\n`));
}

describe('text of a server in a ticket', () => {
  it('stays where it belongs, in one line and bounded: no heading, no marker, no control character is forged (F26)', () => {
    fc.assert(
      fc.property(fc.array(evil, { maxLength: 60 }), (texts) => {
        const body = bodyWith(texts);
        const comment = attachedComment(manifestWith(texts), zip, marker, { answers: answersOf(texts) });

        expect(headings(body)).toEqual(headings(template));
        expect(body).toMatch(
          /\nCONTACT\nkim@example.com\n\nSYSTEM\n[\s\S]*\n\nCollected with icepack 1, reference ref-1\.\n?$/,
        );
        expect(comment.split('\n').filter((line) => line === marker)).toHaveLength(1);
        for (const text of [body, comment]) expect(text).not.toMatch(unwanted);
        for (const text of [body, comment]) expect(text.length).toBeLessThanOrEqual(60_000);
      }),
      { numRuns: 300 },
    );
  });

  it('of thousands of items leaves the rest of the ticket its place (F26)', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => `${index} ${'y'.repeat(300)}`);

    const comment = attachedComment(manifestWith(texts), zip, marker);

    expect(comment).toMatch(/\n {2}and 9[89]\d\d lines more; manifest\.json lists every item\n/);
    expect(comment.endsWith(marker)).toBe(true);
    expect(comment.length).toBeLessThan(60_000);
  });
});

describe.skipIf(lacks('python3'))('what a help desk receives', () => {
  type Received = { url: string; headers: string[]; body: string };

  async function startReceiving() {
    const received: Received[] = [];
    const { desk } = await startOdd((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          url: request.url ?? '',
          headers: request.rawHeaders,
          body: Buffer.concat(chunks).toString('hex'),
        });
        answering(201, JSON.stringify(ticket))(request, response);
      });
    });
    return { desk, received };
  }

  /** The fields as Python's parser sees them, in hex of UTF-8. */
  function readByPython(bodies: readonly string[]): Record<string, string>[] {
    const program = [
      'import json, sys',
      'def hexed(value): return value.encode("utf-8", "surrogatepass").hex() if isinstance(value, str) else str(value)',
      'def once(pairs):',
      '    assert len(dict(pairs)) == len(pairs)',
      '    return dict(pairs)',
      'for line in sys.stdin:',
      '    fields = json.loads(bytes.fromhex(line.strip()).decode("utf-8"), object_pairs_hook=once)',
      '    print(json.dumps({name: hexed(value) for name, value in fields.items()}))',
    ].join('\n');
    const input = `${bodies.join('\n')}\n`;
    const said = execFileSync(programPath('python3'), ['-c', program], { input, maxBuffer: 1e9 }).toString();
    return said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  const hexed = (text: string) => Buffer.from(text, 'utf8').toString('hex');
  const hexedFields = (fields: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? hexed(value) : String(value)]),
    );

  it('is exactly the fields that were meant, by a parser that is not ours (F26)', async () => {
    const { desk, received } = await startReceiving();
    const meant: TicketDraft[] = [];

    await fc.assert(
      fc.asyncProperty(fc.array(evil, { minLength: 1, maxLength: 4 }), async (texts) => {
        const draft: TicketDraft = {
          reference: 'ref-1',
          subject: texts[0] ?? '',
          body: bodyWith(texts),
          severity: 'high',
        };
        meant.push(draft);
        await desk.create(draft, never);
      }),
      { numRuns: 200 },
    );

    expect(readByPython(received.map(({ body }) => body))).toEqual(meant.map(hexedFields));
    for (const { headers } of received) expect(headers.join('\n')).not.toMatch(/x-injected/i);
  });

  it('of a file is its name in the address, quoted, and its bytes (F26)', async () => {
    const { desk, received } = await startReceiving();
    const names = ['a"; filename="b.zip', '../../x', 'a\r\nX-Injected: yes', '?x=1#y', '\u202egpj.zip'];
    const bundle = await bundleOf(100);

    for (const name of names) await desk.attach('1', { ...bundle, name }, { body: 'b', public: true, marker }, never);

    const puts = received.filter(({ url }) => url.includes('/files/'));
    expect(puts.map(({ url }) => url)).toEqual(names.map((name) => `/tickets/1/files/${encodeURIComponent(name)}`));
    expect(new Set(puts.map(({ body }) => body))).toEqual(new Set([readFileSync(bundle.path).toString('hex')]));
    for (const { headers } of received) expect(headers.join('\n')).not.toMatch(/x-injected/i);
  });
});
