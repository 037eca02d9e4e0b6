import { randomBytes } from 'node:crypto';
import net from 'node:net';
import fc from 'fast-check';
import ssh2, { type ServerChannel } from 'ssh2';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { connect } from '../../src/ssh/connect.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { targetOf } from '../support/connect-target.ts';
import { newKeyPair } from '../support/scripted-server.ts';
import { drained, sha256 } from './remote-files.contract.ts';

const never = new AbortController().signal;
const maxBytes = 4 * 1024 * 1024;
/** Far below the 30 s after which a silent server is left. */
const patience = () => AbortSignal.timeout(5000);

const type = { init: 1, open: 3, close: 4, read: 5, lstat: 7, fstat: 8, opendir: 11, readdir: 12 } as const;
const reply = { version: 2, status: 101, handle: 102, data: 103, name: 104, attrs: 105 } as const;
const noSuchFile = 2;
const endOfFile = 1;

type Request = { type: number; id: number; path: string; offset: number; length: number };

/** More than one chunk. */
const content = randomBytes(300_000);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function packet(kind: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([kind]), ...parts]);
  return Buffer.concat([u32(body.length), body]);
}

function attributes(size: bigint | undefined, mode = 0o100644, seconds = 1_700_000_000): Buffer {
  const known = Buffer.concat([u32(mode), u32(seconds), u32(seconds)]);
  if (size === undefined) return Buffer.concat([u32(0x0c), known]);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, size));
  return Buffer.concat([u32(0x0d), bytes, known]);
}

function status(id: number, code: number): Buffer {
  return packet(reply.status, u32(id), u32(code), text('no'), text('en'));
}

/** What an honest server answers: every file is `content`, the folder holds three. */
function honest(request: Request, listed: Set<string>): Buffer {
  const { id, path, offset, length } = request;
  switch (request.type) {
    case type.init:
      return packet(reply.version, u32(3));
    case type.open:
    case type.opendir:
      listed.delete(path);
      return path.includes('missing') ? status(id, noSuchFile) : packet(reply.handle, u32(id), text(path));
    case type.lstat:
    case type.fstat:
      return packet(reply.attrs, u32(id), attributes(BigInt(content.length)));
    case type.read: {
      const data = content.subarray(offset, offset + length);
      return data.length === 0 ? status(id, endOfFile) : packet(reply.data, u32(id), text(data));
    }
    case type.readdir: {
      if (listed.has(path)) return status(id, endOfFile);
      listed.add(path);
      const names = ['a.log', 'b.log', 'c.log'].flatMap((name) => [text(name), text(name), attributes(7n)]);
      return packet(reply.name, u32(id), u32(3), ...names);
    }
    default:
      return status(id, 0);
  }
}

/** Answers in place of the honest one; `undefined`: the honest one. */
type Lie = (request: Request, truth: Buffer, channel: ServerChannel) => Buffer | undefined;

/** An SFTP server that is written packet by packet, and what the tool makes of it: steady files over its sessions. */
async function lying(lie: Lie): Promise<{ files: RemoteFiles; requests: Request[]; sessions: () => number }> {
  const key = newKeyPair('ed25519');
  const requests: Request[] = [];
  let sessions = 0;
  const sockets = new Set<net.Socket>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    new ssh2.Server({ hostKeys: [key.privateKey], ident: 'Liar' }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (attempt) =>
        attempt.method === 'password' ? attempt.accept() : attempt.reject(['password']),
      );
      client.on('session', (accept) =>
        accept().on('subsystem', (agree) => {
          sessions++;
          serve(agree());
        }),
      );
    }).injectSocket(socket);
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });

  function serve(channel: ServerChannel): void {
    const listed = new Set<string>();
    let pending = Buffer.alloc(0);
    channel.on('error', () => undefined);
    channel.on('data', (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const request = parse(pending.subarray(4, 4 + pending.readUInt32BE(0)));
        pending = pending.subarray(4 + pending.readUInt32BE(0));
        requests.push(request);
        const truth = honest(request, listed);
        channel.write(lie(request, truth, channel) ?? truth);
      }
    });
    channel.on('end', () => channel.end());
  }

  const { port } = listener.address() as net.AddressInfo;
  const target = targetOf('cli', { port, hostKey: shownHostKey(key.blob).fingerprint });
  const dial = () => connect(target, never);
  const source = openSessions(await dial(), dial, 4);
  onTestFinished(() => source.close());
  const files = steadyFiles('ICE01 CLI', (signal) => openSftpFiles(source, signal), source);
  return { files, requests, sessions: () => sessions };
}

function parse(body: Buffer): Request {
  const kind = body[0] ?? 0;
  if (kind === type.init) return { type: kind, id: 0, path: '', offset: 0, length: 0 };
  const length = body.readUInt32BE(5);
  const path = body.subarray(9, 9 + length).toString();
  const rest = body.subarray(9 + length);
  const isRead = kind === type.read;
  return {
    type: kind,
    id: body.readUInt32BE(1),
    path,
    offset: isRead ? Number(rest.readBigUInt64BE(0)) : 0,
    length: isRead ? rest.readUInt32BE(8) : 0,
  };
}

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof UserError ? 'UserError' : error),
  );
}

async function readWhole(files: RemoteFiles, path: string, signal = patience()) {
  return drained(files.read(path, { signal, maxBytes }));
}

describe('the size that a server tells', () => {
  it.each([
    ['0', 0n, 'grew'],
    ['1', 1n, 'grew'],
    ['one less', BigInt(content.length) - 1n, 'grew'],
    ['one more', BigInt(content.length) + 1n, 'short'],
    ['2^40', 2n ** 40n, 'short'],
    ['2^53', 2n ** 53n, 'whole'],
    ['2^63', 2n ** 63n, 'whole'],
    ['-1', -1n, 'whole'],
    ['-2^63 + 5', -(2n ** 63n) + 5n, 'whole'],
    ['nothing', undefined, 'whole'],
  ])('is a hint: with %s the file comes to its end, and no memory is set aside for more (C05)', async (_said, size, kind) => {
    let peak = 0;
    const { files, requests } = await lying(({ type: asked, id }) => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      return asked === type.fstat ? packet(reply.attrs, u32(id), attributes(size)) : undefined;
    });
    const before = process.memoryUsage().arrayBuffers;

    const read = await readWhole(files, 'a.log');

    expect(sha256(read.content)).toBe(sha256(content));
    expect(read.verdict).toMatchObject({ kind });
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
    expect(requests.filter((request) => request.type === type.read).length).toBeLessThan(100);
  });
});

const u32Max = 0xffff_ffff;

/** What is wrong, at which request, and the bytes that are sent. */
const lies: [string, number, (request: Request, truth: Buffer) => Buffer][] = [
  ['a packet of no bytes', type.read, () => u32(0)],
  ['a packet of 2 GB', type.read, () => Buffer.concat([u32(0x7fff_ffff), Buffer.alloc(100)])],
  ['a packet of a negative length', type.read, () => Buffer.concat([u32(u32Max), Buffer.alloc(100)])],
  ['a packet of an unknown type', type.read, ({ id }) => packet(77, u32(id))],
  ['a request', type.read, ({ id }) => packet(type.read, u32(id), text('h'), u32(0), u32(0), u32(9))],
  ['a second version', type.fstat, () => packet(reply.version, u32(3))],
  [
    'more data than was asked for',
    type.read,
    ({ id, length }) => packet(reply.data, u32(id), text(Buffer.alloc(length + 1))),
  ],
  [
    'data of another length than it says',
    type.read,
    ({ id }) => packet(reply.data, u32(id), u32(5000), Buffer.alloc(10)),
  ],
  ['data of 4 GB, it says', type.read, ({ id }) => packet(reply.data, u32(id), u32(u32Max), Buffer.alloc(10))],
  ['data without a length', type.read, ({ id }) => packet(reply.data, u32(id))],
  ['data without an id', type.read, () => packet(reply.data)],
  ['a handle in place of data', type.read, ({ id }) => packet(reply.handle, u32(id), text('handle'))],
  ['attributes in place of data', type.read, ({ id }) => packet(reply.attrs, u32(id), attributes(5n))],
  ['names in place of data', type.read, ({ id }) => packet(reply.name, u32(id), u32(0))],
  ['success in place of data', type.read, ({ id }) => status(id, 0)],
  ['an error nobody knows', type.read, ({ id }) => status(id, 4711)],
  ['a status without a code', type.read, ({ id }) => packet(reply.status, u32(id))],
  ['a handle without bytes', type.open, ({ id }) => packet(reply.handle, u32(id), u32(9))],
  ['data in place of a handle', type.open, ({ id }) => packet(reply.data, u32(id), text('handle'))],
  ['success in place of a handle', type.open, ({ id }) => status(id, 0)],
  ['the end in place of a handle', type.open, ({ id }) => status(id, endOfFile)],
  ['a handle of 100 kB', type.open, ({ id }) => packet(reply.handle, u32(id), text(Buffer.alloc(100_000)))],
  ['half of the attributes', type.fstat, ({ id }) => packet(reply.attrs, u32(id), u32(0x0d), u32(0))],
  ['a handle in place of attributes', type.fstat, ({ id }) => packet(reply.handle, u32(id), text('handle'))],
  ['success in place of attributes', type.fstat, ({ id }) => status(id, 0)],
  ['the end in place of attributes', type.fstat, ({ id }) => status(id, endOfFile)],
  ['4 billion further attributes', type.fstat, ({ id }) => packet(reply.attrs, u32(id), u32(0x8000_0000), u32(u32Max))],
];

describe('a server that breaks the protocol', () => {
  it.each(
    lies,
  )('by sending %s loses that file at most, and the next one is read (C08)', async (_what, asked, answer) => {
    const { files } = await lying((request, truth) =>
      request.type === asked && (request.path === 'bad.log' || request.path === '')
        ? answer(request, truth)
        : undefined,
    );

    const outcome = await outcomeOf(readWhole(files, 'bad.log'));
    const next = await readWhole(files, 'a.log');

    expect(['done', 'UserError']).toContain(outcome);
    expect(sha256(next.content)).toBe(sha256(content));
  });

  it.each([
    ['4 billion names', ({ id }: Request) => packet(reply.name, u32(id), u32(u32Max))],
    ['names without attributes', ({ id }: Request) => packet(reply.name, u32(id), u32(1), text('x'), text('x'))],
    ['names that are cut', ({ id }: Request) => packet(reply.name, u32(id), u32(1), u32(99), Buffer.from('x'))],
    ['data in place of names', ({ id }: Request) => packet(reply.data, u32(id), text('names'))],
    ['a handle in place of names', ({ id }: Request) => packet(reply.handle, u32(id), text('names'))],
    ['attributes in place of names', ({ id }: Request) => packet(reply.attrs, u32(id), attributes(1n))],
    ['success in place of names', ({ id }: Request) => status(id, 0)],
  ])('by listing %s loses that folder, and the next one is listed (C08)', async (_what, answer) => {
    const { files } = await lying((request) =>
      request.type === type.readdir && request.path === 'bad' ? answer(request) : undefined,
    );

    const outcome = await outcomeOf(files.list('bad', patience()));
    const next = await files.list('good', patience());

    expect(outcome).toBe('UserError');
    expect(next.map(({ name }) => name)).toEqual(['a.log', 'b.log', 'c.log']);
  });

  it('by data after the file was closed, and for requests that never were, disturbs nothing (C08)', async () => {
    const stray = (id: number) => packet(reply.data, u32(id), text(Buffer.alloc(5000)));
    const { files } = await lying((request, truth) =>
      Buffer.concat([truth, stray(request.id), stray(request.id + 1000), status(u32Max, 0)]),
    );

    const reads = [await readWhole(files, 'a.log'), await readWhole(files, 'b.log')];

    expect(reads.map((read) => sha256(read.content))).toEqual([sha256(content), sha256(content)]);
  });

  it('by ending the SFTP session alone loses that file at most, and the next one is read in a new session (C08)', async () => {
    const { files, sessions } = await lying((request, _truth, channel) => {
      if (request.path !== 'bad.log' || request.type !== type.read) return undefined;
      channel.exit(139);
      channel.end();
      return Buffer.alloc(0);
    });

    const outcome = await outcomeOf(readWhole(files, 'bad.log'));
    const next = await readWhole(files, 'a.log');

    expect(outcome).toBe('UserError');
    expect(sha256(next.content)).toBe(sha256(content));
    expect(sessions()).toBeGreaterThan(1);
  });

  it.each([
    ['under a wrong id', ({ id }: Request) => packet(reply.data, u32(id + 500), text('x'))],
    ['only half', ({ id }: Request) => packet(reply.data, u32(id), text(Buffer.alloc(5000))).subarray(0, 400)],
  ])('by answering a read %s is left after 30 s, and the next file is read (C08)', async (_how, answer) => {
    const { files, requests } = await lying((request) =>
      request.type === type.read && request.path === 'bad.log' ? answer(request) : undefined,
    );
    await readWhole(files, 'a.log', never);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());

    const failure = drained(files.read('bad.log', { signal: never, maxBytes })).catch((error: unknown) => error);
    await vi.waitFor(() => expect(requests.filter((each) => each.path === 'bad.log').length).toBeGreaterThan(3));
    vi.advanceTimersByTime(31_000);
    vi.useRealTimers();
    const error = await failure;
    const next = await readWhole(files, 'a.log');

    expect(error).toMatchObject({ name: 'UserError', code: 'transfer-stalled' });
    expect(sha256(next.content)).toBe(sha256(content));
  });

  it('in any bytes of its answers ends in a typed error or in what it sent, and never in a crash (C08)', async () => {
    let mutate: (answer: Buffer, kind: number) => Buffer = (answer) => answer;
    const { files, sessions } = await lying((request, truth) =>
      request.type === type.init ? truth : mutate(truth, request.type),
    );
    const strange: unknown[] = [];
    const outcomes = { done: 0, UserError: 0 };
    const mutation = fc.record({
      kind: fc.constantFrom(type.open, type.fstat, type.read, type.readdir, type.opendir, type.lstat),
      at: fc.nat({ max: 60 }),
      by: fc.integer({ min: 1, max: 255 }),
      how: fc.constantFrom('flip', 'flip', 'flip', 'cut', 'grow'),
    });
    const deadline = performance.now() + 5000;

    await fc.assert(
      fc.asyncProperty(mutation, async ({ kind, at, by, how }) => {
        if (performance.now() > deadline) return;
        // The length and the id are left as they are: what makes it wait is the matter of the test before.
        mutate = (answer, asked) =>
          asked === kind ? mutated(answer, 9 + (at % Math.max(1, answer.length - 9)), by, how) : answer;
        const limit = AbortSignal.timeout(400);
        const works = [files.list('folder', limit), files.find('a.log', limit), readWhole(files, 'a.log', limit)];

        const settled = await Promise.all(works.map((work) => outcomeOf(work)));

        mutate = (answer) => answer;
        for (const outcome of settled) {
          if (outcome === 'done' || outcome === 'UserError') outcomes[outcome]++;
          else if (outcome !== limit.reason) strange.push(outcome);
        }
        expect(sha256((await readWhole(files, 'a.log')).content)).toBe(sha256(content));
      }),
      { numRuns: 2000 },
    );
    expect(strange).toEqual([]);
    expect(outcomes.done).toBeGreaterThan(20);
    expect(outcomes.UserError).toBeGreaterThan(10);
    expect(sessions()).toBeGreaterThan(5);
  });
});

function mutated(answer: Buffer, at: number, by: number, how: string): Buffer {
  const copy = Buffer.from(answer);
  switch (how) {
    case 'cut': // of the packet, and it says so
      return Buffer.concat([u32(at - 4), copy.subarray(4, at)]);
    case 'grow':
      return Buffer.concat([u32(copy.length - 4 + by), copy.subarray(4), Buffer.alloc(by, by)]);
    default:
      copy[at] = (copy[at] ?? 0) ^ by;
      return copy;
  }
}

describe('an honest server', () => {
  it('is asked for a file once, in as many reads as it takes and one for its end', async () => {
    const { files, requests, sessions } = await lying(() => undefined);

    const read = await readWhole(files, 'a.log');
    await files.find('a.log', patience());
    await files.list('logs', patience());

    const asked = (wanted: number) => requests.filter((request) => request.type === wanted).length;
    expect(sha256(read.content)).toBe(sha256(content));
    expect(asked(type.read)).toBe(Math.ceil(content.length / 31_952) + 1);
    expect([asked(type.open), asked(type.fstat), asked(type.lstat), sessions()]).toEqual([1, 1, 1, 1]);
    expect([asked(type.opendir), asked(type.readdir)]).toEqual([1, 2]);
    expect(requests.length).toBeLessThanOrEqual(Math.ceil(content.length / 31_952) + 10);
  });
});

describe('a status that the protocol does not have', () => {
  it.each([
    6, 7, 9,
  ])('(%i) tells of a session that is lost: it is asked for once more, on another one (IO-16)', async (code) => {
    let lies = 0;
    const { files, sessions } = await lying(({ type: asked, id }) =>
      asked === type.fstat && lies++ === 0 ? status(id, code) : undefined,
    );

    const read = await readWhole(files, 'a.log');

    expect(sha256(read.content)).toBe(sha256(content));
    expect(sessions()).toBe(2);
  });

  it('again and again is told as it is (IO-16)', async () => {
    const { files, sessions } = await lying(({ type: asked, id }) =>
      asked === type.fstat ? status(id, 9) : undefined,
    );

    const failure = readWhole(files, 'a.log');

    await expect(failure).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining('status 9') });
    expect(sessions()).toBe(2);
  });

  it('is left to the session: who shares it reads on (IO-16)', async () => {
    let lies = 0;
    const { files } = await lying(({ type: asked, id, path }) =>
      asked === type.fstat && path === 'b.log' && lies++ === 0 ? status(id, 9) : undefined,
    );

    const reads = await Promise.all(['a.log', 'b.log', 'c.log'].map((name) => readWhole(files, name)));

    expect(reads.map((read) => sha256(read.content))).toEqual(reads.map(() => sha256(content)));
  });
});
