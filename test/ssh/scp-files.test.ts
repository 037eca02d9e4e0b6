import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Connection, SessionSource } from '../../src/ssh/connection.ts';
import { openFiles } from '../../src/ssh/files/open-files.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { type Peer, startDropbear, startNoisySshd, startPeer } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { type Liar, type LiarOptions, type Source, startLiar } from '../support/scp-liar.ts';
import { startCable } from '../support/scripted-server.ts';
import {
  connectTo,
  drained,
  localFiles,
  type RemoteFilesRig,
  sha256,
  testRemoteFiles,
} from './remote-files.contract.ts';

const never = new AbortController().signal;
const maxBytes = 4 * 1024 * 1024;

const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 30_000, interval: 5 });

/** What the protocol has no way to say. */
const withNewline = 'new\nline';

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp', 'sftp-server'))('at a real OpenSSH server', () => {
  testRemoteFiles('SCP of OpenSSH', () => realFiles((own) => startPeer(own, 'scp-only')), {
    links: false,
    skips: false,
    size: 'announced',
    unlisted: [withNewline],
  });

  testRemoteFiles('SCP behind a login script that prints text', () => realFiles((own) => startNoisySshd(own)), {
    links: false,
    skips: false,
    size: 'announced',
    unlisted: [withNewline],
  });

  testRemoteFiles('SCP without a shell', () => realFiles(startWithoutShell, false), {
    links: false,
    skips: false,
    size: 'announced',
    unlisted: [withNewline],
    remove: false,
  });
});

describe.skipIf(lacks('dropbear', 'dropbearkey', 'ssh-keygen', 'unshare', 'scp'))('at dropbear', () => {
  testRemoteFiles('SCP of dropbear', () => realFiles((own) => startDropbear(own), true, oneByOne), {
    links: false,
    skips: false,
    size: 'announced',
    unlisted: [withNewline],
  });
});

/** Dropbear of 2022 breaks off a session that is opened just when another one ends. */
function oneByOne(connection: Connection): SessionSource {
  return openSessions(connection, () => Promise.reject(connection.lost.reason), 1);
}

async function realFiles(
  start: (own: string) => Promise<Peer>,
  shell = true,
  over: (connection: Connection) => SessionSource = (connection) => connection,
): Promise<RemoteFilesRig> {
  const own = await temporaryFolder();
  const peer = await start(own);
  const cable = await startCable(peer.port);
  const connection = await connectTo({ ...peer, port: cable.port }, peer.login);
  return { ...localFiles(join(own, 'files')), files: openScpFiles(over(connection), shell), cut: cable.cut };
}

/** Like a CLI that knows `scp -f` and nothing else: quotes are taken off, and nothing is expanded. */
function startWithoutShell(own: string): Promise<Peer> {
  const path = join(own, 'only-scp.sh');
  writeFileSync(
    path,
    '#!/bin/sh\nset -f\neval "set -- $SSH_ORIGINAL_COMMAND"\n[ "$1" = scp ] || { echo "Unknown command: $1"; exit 1; }\nexec "$@"\n',
  );
  chmodSync(path, 0o755);
  return startPeer(own, 'scp-only', [`ForceCommand ${path}`]);
}

/** A real shell that runs commands in the folder of the files, so that whatever a name makes it do is seen there. */
async function filesOfShell(): Promise<RemoteFilesRig & { names(): string[] }> {
  const own = await temporaryFolder();
  const folder = join(own, 'files');
  const inFolder = `ForceCommand cd ${folder} && /bin/sh -c "$SSH_ORIGINAL_COMMAND"`;
  const peer = await startPeer(own, 'scp-only', [inFolder]);
  const connection = await connectTo(peer, peer.login);
  const files = { ...localFiles(folder), files: openScpFiles(connection, true), cut: () => undefined };
  return { ...files, names: () => readdirSync(folder).sort() };
}

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp'))('a name that a real shell sees', () => {
  it('is read as it is, whatever it is made of, and makes nothing happen (C17)', async () => {
    const { files, folder, put, names } = await filesOfShell();
    const character = fc.constantFrom(
      ...' \'"*?[]{}()$`;&|<>!#~\\-=%^@:,.+aZ0äß日',
      '$(id>hit)',
      '`id>hit`',
      ';id>hit',
    );
    const name = fc.array(character, { minLength: 1, maxLength: 40 }).map((characters) => characters.join(''));
    put('decoy', Buffer.from('decoy'));
    let turn = 0;

    await fc.assert(
      fc.asyncProperty(name, async (odd) => {
        fc.pre(odd !== '.' && odd !== '..');
        const own = `turn-${turn++}`;
        mkdirSync(join(folder, own));
        put(`${own}/${odd}`, Buffer.from(odd));
        const before = names();

        const { content } = await drained(files.read(`${folder}/${own}/${odd}`, { signal: never, maxBytes }));
        await files.remove(`${folder}/${own}/${odd}`, never);

        expect(content.toString()).toBe(odd);
        expect([readdirSync(join(folder, own)), names()]).toEqual([[], before]);
      }),
      { numRuns: 8 },
    );
  });

  it.each(['-rf', '-v', '--', '-S id', '~', '*'])('may stand at the beginning of a path: %j (C17)', async (name) => {
    const { files, put, names } = await filesOfShell();
    put(name, Buffer.from('content'));
    put('theirs', Buffer.from('theirs'));

    const found = await files.find(name, never);
    const { content } = await drained(files.read(name, { signal: never, maxBytes }));
    await files.remove(name, never);

    expect(found).toMatchObject({ name, sizeBytes: 7 });
    expect(content.toString()).toBe('content');
    expect(names()).toEqual(['theirs']);
  });

  it.each(['-rf', '~', 'a  b', '$(id)', '*'])('may be that of a folder: %j (C17)', async (name) => {
    const { files, folder, put, addFolder } = await filesOfShell();
    addFolder(name);
    addFolder('another');
    put(`${name}/mine`, Buffer.from('x'));
    put('another/theirs', Buffer.from('x'));

    const listed = [await files.list(name, never), await files.list(`${folder}/${name}`, never)];

    expect(listed.map((entries) => entries.map((entry) => entry.name))).toEqual([['mine'], ['mine']]);
  });

  it('with a line end or an escape in it is not used in a command', async () => {
    const { files, folder } = await filesOfShell();

    const failures = ['a\nid', 'a\rid', 'a\x1b[2J', 'a\0b'].map((name) => files.find(`${folder}/${name}`, never));

    for (const each of await Promise.allSettled(failures))
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'UserError', code: 'unsafe-name' } });
  });
});

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp', 'sftp-server'))('what lies in a folder beside files', () => {
  it.each([
    ['with a shell', true],
    ['without one', false],
  ])('costs only itself, %s: a pipe, a link to nowhere (C11)', async (_how, shell) => {
    const { files, folder, put } = await realFiles(
      shell ? (own) => startPeer(own, 'scp-only') : startWithoutShell,
      shell,
    );
    put('system.log', Buffer.alloc(10));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/nowhere', join(folder, 'link'));

    const entries = await files.list(folder, never);
    const found = [await files.find(`${folder}/pipe`, never), await files.find(`${folder}/link`, never)];
    const read = drained(files.read(`${folder}/pipe`, { signal: never, maxBytes }));

    expect(entries).toContainEqual(expect.objectContaining({ name: 'system.log', kind: 'file', sizeBytes: 10 }));
    expect(entries.filter((entry) => entry.name !== 'link')).toHaveLength(2);
    expect(entries).toContainEqual({ name: 'pipe', kind: 'other' });
    expect(found).toEqual([{ name: 'pipe', kind: 'other' }, undefined]);
    await expect(read).rejects.toMatchObject({ code: 'transfer-failed' });
  });

  it('is not entered: a folder of folders is listed one level deep (C14)', async () => {
    const { files, folder, addFolder, put } = await realFiles(startWithoutShell, false);
    for (const each of ['a', 'a/b', 'a/b/c', 'z']) addFolder(each);
    for (const each of ['a/one', 'a/b/two', 'a/b/c/three', 'four']) put(each, Buffer.alloc(100));

    const entries = await files.list(folder, never);

    expect(entries.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual(['file four', 'folder a', 'folder z']);
  });
});

const good = ['C0644 5 system.log\n', 'hello\0'];
const path = 'logs/system.log';

type Ending = 'exit' | 'close' | 'fin' | 'rst' | 'silence' | 'endless';

/** Says all of it at once, whatever the answers are. */
async function tell(source: Source, parts: readonly (string | Buffer)[], ending: Ending = 'exit'): Promise<void> {
  for (const part of parts) await source.say(part);
  if (ending === 'exit') source.exit(0);
  else if (ending === 'close') source.end();
  else if (ending === 'fin' || ending === 'rst') source.cut(ending);
  else if (ending === 'endless') while (await source.say(Buffer.alloc(32_768, 'x')));
}

/** Files of a server whose first answer is a lie; it is honest afterwards. One session at a time. */
async function lying(
  lie: (source: Source) => Promise<unknown>,
  options?: LiarOptions,
): Promise<{ files: RemoteFiles; liar: Liar }> {
  let lies = 0;
  const liar = await startLiar((source) => (lies++ === 0 ? lie(source) : tell(source, good)), options);
  const dial = () => connectTo(liar);
  const sessions = openSessions(await dial(), dial, 1);
  return { files: openScpFiles(sessions, true, { wire: 'plain' }), liar };
}

/** What becomes of a file: its content and verdict, or the code of the error. */
async function outcome(files: RemoteFiles, signal = never, limit = maxBytes) {
  try {
    const { content, verdict } = await drained(files.read(path, { signal, maxBytes: limit }));
    return { content: content.toString('latin1'), verdict: verdict.kind };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/); // O9
    return error.code;
  }
}

const whole = { content: 'hello', verdict: 'whole' };
const damaged = { content: 'hello', verdict: 'damaged' };

describe('a source of SCP that lies', () => {
  it.each<[what: string, parts: (string | Buffer)[], result: string | typeof whole, ending?: Ending]>([
    ['nothing but the truth', good, whole],
    ['the truth, and closes without an exit status', good, whole, 'close'],
    ['another name', ['C0644 5 other.log\n', 'hello\0'], 'transfer-failed'],
    ['a name in other letters', ['C0644 5 SYSTEM.LOG\n', 'hello\0'], 'transfer-failed'],
    ['a name with a blank at its end', ['C0644 5 system.log \n', 'hello\0'], 'transfer-failed'],
    ['a name with CR at its end', ['C0644 5 system.log\r\n', 'hello\0'], 'transfer-failed'],
    ['a name outside', ['C0644 5 ../system.log\n', 'hello\0'], 'transfer-failed'],
    ['a path', ['C0644 5 logs/system.log\n', 'hello\0'], 'transfer-failed'],
    ['an absolute path', ['C0644 5 /etc/passwd\n', 'hello\0'], 'transfer-failed'],
    ['..', ['C0644 5 ..\n', 'hello\0'], 'transfer-failed'],
    ['.', ['C0644 5 .\n', 'hello\0'], 'transfer-failed'],
    ['an empty name', ['C0644 5 \n', 'hello\0'], 'transfer-failed'],
    ['no name', ['C0644 5\n', 'hello\0'], 'transfer-failed'],
    ['a name with NUL', ['C0644 5 system.log\0.exe\n', 'hello\0'], 'transfer-failed'],
    ['a name turned around', [Buffer.from('C0644 5 \u202egol.metsys\n'), 'hello\0'], 'transfer-failed'],
    ['a name with escapes', ['C0644 5 \x1b]0;owned\x07\x1b[2Jsystem.log\n', 'hello\0'], 'transfer-failed'],
    ['a name that is no UTF-8', ['C0644 5 \xffsystem.log\n', 'hello\0'], 'transfer-failed'],
    ['everything permitted', ['C0777 5 system.log\n', 'hello\0'], whole],
    ['that it runs as its owner', ['C4755 5 system.log\n', 'hello\0'], whole],
    ['a mode of no octal digits', ['C0888 5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['a mode of three digits', ['C644 5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['no mode', ['C 5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['a folder', ['D0755 0 system.log\n', 'E\n'], 'transfer-failed'],
    ['the end of a folder', ['E\n'], 'transfer-failed'],
    ['times, and nothing more', ['T1700000000 0 1700000000 0\n'], 'transfer-failed'],
    ['times again and again', [...Array(3).fill('T1700000000 0 1700000000 0\n'), ...good], 'transfer-failed'],
    ['times that are none before', ['T-1 0 1e9 0\n', ...good], whole],
    ['size -1', ['C0644 -1 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size +5', ['C0644 +5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size 1e3', ['C0644 1e3 system.log\n', 'x'.repeat(1000), '\0'], 'transfer-failed'],
    ['size 0x5', ['C0644 0x5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size 5.0', ['C0644 5.0 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size " 5"', ['C0644  5 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size "5 "', ['C0644 5  system.log\n', 'hello\0'], 'transfer-failed'],
    ['no size', ['C0644  system.log\n', 'hello\0'], 'transfer-failed'],
    ['size 2^53', ['C0644 9007199254740992 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size 2^64', ['C0644 18446744073709551616 system.log\n', 'hello\0'], 'transfer-failed'],
    ['size 2^64 + 5', ['C0644 18446744073709551621 system.log\n', 'hello\0'], 'transfer-failed'],
    ['no line end', ['C0644 5 system.log'], 'transfer-failed'],
    ['NUL instead of a line end', ['C0644 5 system.log\0', 'hello\0'], 'transfer-failed'],
    ['a line of 1 MB', [`C0644 5 ${'a'.repeat(1_000_000)}\n`, 'hello\0'], 'transfer-failed'],
    ['a line without end', ['C0644 5 '], 'transfer-failed', 'endless'],
    ['a trouble without end', ['\x01scp: '], 'transfer-failed', 'endless'],
    ['a trouble with escapes', ['\x01scp: \x1b[2J\x1b]52;c;b3duZWQ=\x07 I/O error\n'], 'transfer-failed'],
    ['a fatal trouble with escapes', ['\x02\x1b[31m\x9b2J\u202eno\n'], 'transfer-failed'],
    ['a trouble without a word', ['\x01\n'], 'transfer-failed'],
    ['a trouble without a line end', ['\x01scp: no'], 'transfer-failed'],
    ['that it is not there', ['\x01scp: logs/system.log: No such file or directory\n'], 'no-such-file'],
    ['an empty line before', ['\n', ...good], whole],
    ['that all is well before', ['\0', ...good], whole],
    ['an empty line, in the middle', ['T1700000000 0 1700000000 0\n', '\n', ...good], 'transfer-failed'],
    ['something else', ['SSH-2.0-OpenSSH_9.2\r\n'], 'transfer-failed'],
    ['nothing', [], 'transfer-failed'],
    ['too few bytes', ['C0644 5 system.log\n', 'hel'], 'transfer-failed'],
    ['one byte less', ['C0644 5 system.log\n', 'hell\0'], 'transfer-failed'],
    ['one byte more', ['C0644 5 system.log\n', 'hello!\0'], 'transfer-failed'],
    ['no status', ['C0644 5 system.log\n', 'hello'], 'transfer-failed'],
    ['an unknown status', ['C0644 5 system.log\n', 'hello\x07'], 'transfer-failed'],
    ['two statuses', ['C0644 5 system.log\n', 'hello\0\0'], 'transfer-failed'],
    ['two files', [...good, ...good], 'transfer-failed'],
    ['a file and a folder', [...good, 'D0755 0 logs\n', ...good, 'E\n'], 'transfer-failed'],
    ['a file and times', [...good, 'T1700000000 0 1700000000 0\n'], 'transfer-failed'],
    ['a file and the end of a folder', [...good, 'E\n'], 'transfer-failed'],
    ['bytes without end after the file', good, 'transfer-failed', 'endless'],
    ['bytes without end instead of a status', ['C0644 5 system.log\n', 'hello'], 'transfer-failed', 'endless'],
    ['in the end that it could not read it', ['C0644 5 system.log\n', 'hello\x01\x1b[2JI/O error\n'], damaged],
    ['in the end that it fails', ['C0644 5 system.log\n', 'hello\x02I/O error\n'], damaged],
    ['in the end that something is wrong, not what', ['C0644 5 system.log\n', 'hello\x01'], damaged],
  ])('and says %s has sent what is said here, and is left (C15, C16)', async (_what, parts, result, ending) => {
    let sent = 0;
    const { files, liar } = await lying((source) => {
      const say = (bytes: string | Buffer) => {
        sent += bytes.length;
        return source.say(bytes);
      };
      return tell({ ...source, say }, parts, ending);
    });

    const lie = await outcome(files);
    const next = await outcome(files);

    expect(lie).toEqual(result);
    expect(next).toEqual(whole); // the session was given back
    expect(liar).toMatchObject({ most: 1, logins: 1 });
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  const states: [state: string, parts: string[]][] = [
    ['before its record', []],
    ['in its record', ['C0644 5 sys']],
    ['before its bytes', ['C0644 5 system.log\n']],
    ['in its bytes', ['C0644 5 system.log\n', 'he']],
    ['before its status', ['C0644 5 system.log\n', 'hello']],
    ['in its trouble', ['C0644 5 system.log\n', 'hello\x01no']],
    ['before its end', good],
  ];

  it.each(states)('and falls silent %s is left when the signal says so (C16)', async (_state, parts) => {
    let heard = false;
    const { files, liar } = await lying(async (source) => {
      await tell(source, parts, 'silence');
      heard = (await source.answer()) === 0;
    });
    const patience = new AbortController();
    const reason = new Error('time is up');
    const failure = outcome(files, patience.signal);
    await until(() => heard);

    patience.abort(reason);

    await expect(failure).rejects.toBe(reason);
    expect(await outcome(files)).toEqual(whole);
    expect(liar).toMatchObject({ most: 1, logins: 1 });
  });

  it.each(
    states.flatMap(([state, parts]) => [[state, parts, 'fin'] as const, [state, parts, 'rst'] as const]),
  )('and loses the connection %s (%j, %s) has sent no file, and is dialled again (C15)', async (_state, parts, by) => {
    const { files, liar } = await lying((source) => tell(source, parts, by));

    const lie = await outcome(files);
    const next = await outcome(files);

    expect(lie).toBe('connection-lost');
    expect(next).toEqual(whole);
    expect(liar).toMatchObject({ most: 1, logins: 2 });
  });

  it('about a file of far too many bytes has it read up to the limit (C16)', async () => {
    const { files } = await lying((source) => tell(source, ['C0644 9007199254740991 system.log\n'], 'endless'));

    const lie = await outcome(files, never, 100_000);

    expect(lie).toEqual({ content: 'x'.repeat(100_000), verdict: 'capped' });
    expect(await outcome(files)).toEqual(whole);
  });

  it('about a file of far too many bytes has not sent up to the limit when it ends before (C16)', async () => {
    const { files } = await lying((source) => tell(source, ['C0644 9007199254740991 system.log\n', 'hello']));

    expect(await outcome(files, never, 100_000)).toBe('transfer-failed');
  });

  it('on its standard error, too, does not fill memory, and is not waited for', async () => {
    const { files } = await lying(async (source) => {
      for (let index = 0; index < 100; index++) source.complain('\x1b[2Jno '.repeat(1000));
      await tell(source, []);
    });

    expect(await outcome(files)).toBe('transfer-failed');
    expect(await outcome(files)).toEqual(whole);
  });

  it.each([
    ['lines', 'x\n'.repeat(16_384)],
    ['one line', 'x'.repeat(32_768)],
  ])('by endless text before it begins, in %s, is left', async (_how, text) => {
    const liar = await startLiar(async (source) => {
      while (await source.say(text));
    });
    const files = openScpFiles(withoutMark(await connectTo(liar)), true);

    expect(await outcome(files)).toBe('transfer-failed');
  });

  it('any bytes in any pieces give a file of the announced size, or a typed error (PT03)', async () => {
    let parts: readonly Buffer[] = [];
    const liar = await startLiar((source) => tell(source, parts));
    const files = openScpFiles(await connectTo(liar), true);
    const fragment = fc.oneof(
      fc.constantFrom('C0644 5 system.log\n', 'C0644 0 system.log\n', 'hello', '\0', '\x01no\n', '\x02', 'E\n', '\n'),
      fc.constantFrom('C0644 ', 'D0755 0 logs\n', 'T1 0 1 0\n', ' system.log\n', '65536', 'x'.repeat(40_000)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 8 }), async (fragments) => {
        parts = fragments.map((each) => Buffer.from(each, 'latin1'));
        const stream = Buffer.concat(parts).toString('latin1');

        const result = await outcome(files);

        if (typeof result === 'string') return;
        const places = [...stream.matchAll(/C[0-7]{4} (\d+) system\.log\n/g)].map(({ 0: header, 1: bytes, index }) => {
          const begin = index + header.length;
          return { content: stream.slice(begin, begin + Number(bytes)), status: stream[begin + Number(bytes)] };
        });
        const [first] = places; // what comes before it is taken for the words of a login script
        expect(result.content).toBe(first?.content);
        expect(result.verdict).toBe(first?.status === '\0' ? 'whole' : 'damaged');
      }),
      { numRuns: 250 },
    );
  });

  it('one byte of the protocol changed gives the same file, or none that is whole (PT03)', async () => {
    let parts: readonly Buffer[] = [];
    const liar = await startLiar((source) => tell(source, parts));
    const files = openScpFiles(await connectTo(liar), true);
    const mutation = fc.record({
      content: fc.uint8Array({ maxLength: 300 }),
      at: fc.nat(1000),
      byte: fc.integer({ min: 0, max: 255 }),
      pieceBytes: fc.integer({ min: 1, max: 400 }),
    });

    await fc.assert(
      fc.asyncProperty(mutation, async ({ content, at, byte, pieceBytes }) => {
        const header = Buffer.from(`C0644 ${content.length} system.log\n`);
        const stream = Buffer.concat([header, content, Buffer.from('\0')]);
        const place = at % (header.length + 1); // the one after the header is the status
        stream[place < header.length ? place : stream.length - 1] = byte;
        parts = pieces(stream, pieceBytes);

        const result = await outcome(files);

        if (typeof result === 'string' || result.verdict === 'damaged') return;
        expect(result).toEqual({ content: Buffer.from(content).toString('latin1'), verdict: 'whole' });
      }),
      { numRuns: 200 },
    );
  });
});

/** As if the mark that begins the protocol were never printed. */
function withoutMark(connection: Connection): Connection {
  const silently = (command: string) => command.replace(/^echo icepack-begins; /, '');
  return { ...connection, openExec: (command, ...rest) => connection.openExec(silently(command), ...rest) };
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe('a listing by SCP of a server that lies', () => {
  const folder = 'D0755 0 logs\n';
  const file = 'C0644 5 system.log\n';

  /** Files of a server that has one answer where files are declined, and another one where they are taken. */
  async function listing(declined: (source: Source) => Promise<unknown>, taken = (source: Source) => tell(source, [])) {
    let answers = 0;
    const liar = await startLiar((source) => (answers++ === 0 ? declined(source) : taken(source)));
    const dial = () => connectTo(liar);
    const sessions = openSessions(await dial(), dial, 1);
    return { files: openScpFiles(sessions, true, { wire: 'plain' }), liar };
  }

  /** It takes no no. */
  const walked = (...parts: string[]) =>
    listing(
      (source) => tell(source, [folder, file, 'hello\0']),
      (source) => tell(source, parts),
    );

  async function listed(files: RemoteFiles, signal = never) {
    try {
      return (await files.list('logs', signal)).map(({ kind, name }) => `${kind} ${name}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
      return error.code;
    }
  }

  it.each([
    '..',
    '.',
    '',
    '../x',
    '/etc/passwd',
    'a/b',
    'logs/',
    'nul\0l',
  ])('names no file that leaves its folder, %j (C09)', async (name) => {
    const flat = await listing((source) => tell(source, [folder, file, `C0644 5 ${name}\n`]));
    const deep = await walked(folder, file, 'hello\0', `C0644 5 ${name}\n`);

    expect([await listed(flat.files), await listed(deep.files)]).toEqual(['transfer-failed', 'transfer-failed']);
  });

  it('says nothing of the names inside that are only text (C09)', async () => {
    const { files } = await listing((source) => tell(source, [folder, file, 'C0644 5 \x1b[2J..system.log\n', 'E\n']));

    expect(await listed(files)).toEqual(['file system.log', 'file \x1b[2J..system.log']);
  });

  it('is heard to its end although it says all at once, its exit status too', async () => {
    const results: unknown[] = [];

    for (let times = 0; times < 20; times++) {
      const { files } = await listing((source) => {
        void source.say(`${folder}${file}E\n`);
        return Promise.resolve(source.exit(0));
      });
      results.push(await listed(files));
    }

    expect(results).toEqual(Array(20).fill(['file system.log']));
  });

  it.each([
    ['files', file],
    ['folders', 'D0755 0 logs\n'],
    ['ends of folders', 'E\n'],
    ['times', 'T1700000000 0 1700000000 0\n'],
    ['troubles', '\x01scp: logs/x: Permission denied\n'],
    ['special files', '\x01scp: logs/x: not a regular file\n'],
  ])('that never ends is left: %s (C13)', async (_what, record) => {
    const endless = async (source: Source) => {
      await source.say(folder);
      while (await source.say(record.repeat(1000)));
    };
    const flat = await listing(endless);
    const deep = await listing((source) => tell(source, [folder, file, 'hello\0']), endless);
    const patience = AbortSignal.timeout(20_000);

    const results = [await listed(flat.files, patience), await listed(deep.files, patience)];

    for (const result of results) expect(['listing-endless', 'transfer-failed', 'no-such-file']).toContain(result);
  });

  it('lets no more bytes pass than it is willing to, whatever a file is said to have (C16)', async () => {
    const { files } = await listing(
      (source) => tell(source, [folder, file, 'hello\0']),
      (source) => tell(source, [folder, 'C0644 9007199254740991 system.log\n'], 'endless'),
    );

    const result = await listed(files, AbortSignal.timeout(2000)).catch((error: unknown) => String(error));

    expect(result).toBe('listing-endless');
  });

  it.each([
    ['after a file', ['D0755 0 logs\n', file, 'hello\0']],
    ['in a folder', [folder, 'D0755 0 errors\n', 'E\n']],
    ['in the bytes of a file', ['D0755 0 logs\n', file, 'he']],
    ['before the status of a file', ['D0755 0 logs\n', file, 'hello']],
    ['before anything', []],
  ])('that is cut %s is not taken for a whole one (C15)', async (_where, parts) => {
    const { files } = await walked(...parts);

    expect(await listed(files)).toBe('transfer-failed');
  });

  it.each([
    ['without an exit status', (source: Source) => source.end()],
    ['by a signal, as the shell tells it', (source: Source) => source.exit(137)],
  ])('that is ended %s is not taken for a whole one (C15)', async (_how, end) => {
    const { files } = await listing(async (source) => {
      await source.say(`${folder}${file}`);
      await source.answer();
      await source.answer();
      end(source);
    });

    expect(await listed(files)).toBe('transfer-failed');
  });

  it('leaves out nothing without a word: a file that may not be read is listed, or the listing fails (C19)', async () => {
    const { files } = await listing((source) =>
      tell(source, [folder, file, '\x01scp: logs/audit.log: Permission denied\n', 'C0644 5 debug.log\n', 'E\n']),
    );

    expect(await listed(files)).toEqual(['file system.log', 'file audit.log', 'file debug.log']);
  });

  it('is no folder when a file is offered', async () => {
    const { files } = await listing((source) => tell(source, [file, 'hello\0']));

    expect(await listed(files)).toBe('no-such-file');
  });

  it('gives its session back however it ends', async () => {
    const { files, liar } = await listing((source) => tell(source, [folder, file, 'E5\n']));

    const results = [await listed(files), await listed(files), await files.find(path, never).catch(() => 'failed')];

    expect(results).toHaveLength(3);
    await until(() => liar.open === 0);
    expect(liar.most).toBe(1);
  });
});

describe('files that come by SFTP, else by SCP', () => {
  const usual = async (start: () => Promise<Peer>) => {
    const peer = await start();
    const told: string[] = [];
    const files = await openFiles(await connectTo(peer, peer.login), true, never, (why) => told.push(why));
    return { files, told };
  };

  async function readsFrom(files: RemoteFiles): Promise<string> {
    const own = await temporaryFolder();
    writeFileSync(join(own, 'file'), 'content');
    return (await drained(files.read(join(own, 'file'), { signal: never, maxBytes }))).content.toString();
  }

  it.skipIf(lacks('sshd', 'scp'))('come by SFTP where there is one, and nothing is told (C18)', async () => {
    const { files, told } = await usual(async () => startPeer(await temporaryFolder(), 'one-session'));

    expect(await readsFrom(files)).toBe('content');
    expect(told).toEqual([]);
  });

  it.skipIf(lacks('sshd', 'scp'))('come by SCP where there is no SFTP, and it is told (C18)', async () => {
    const { files, told } = await usual(async () => startPeer(await temporaryFolder(), 'scp-only'));

    expect(await readsFrom(files)).toBe('content');
    expect(told).toEqual([expect.stringContaining('ICE01 CLI refused SFTP')]);
  });

  it.skipIf(lacks('sshd', 'scp', 'sftp-server'))('come by SCP where a login script talks into SFTP (C18)', async () => {
    const { files, told } = await usual(async () => startNoisySshd(await temporaryFolder()));

    expect(await readsFrom(files)).toBe('content');
    expect(told).toEqual([expect.stringContaining('a login script')]);
  });

  it.skipIf(lacks('dropbear', 'unshare', 'scp'))(
    'come by SCP where the program for SFTP is missing (C18)',
    async () => {
      const { files, told } = await usual(async () => startDropbear(await temporaryFolder()));

      expect(await readsFrom(files)).toBe('content');
      expect(told).toEqual([expect.stringContaining('SFTP')]);
    },
  );

  it.skipIf(lacks('sshd', 'scp'))('do not come where there is no scp either, and it is said (C18)', async () => {
    const noPrograms = 'ForceCommand PATH=/nowhere /bin/sh -c "$SSH_ORIGINAL_COMMAND"';
    const { files } = await usual(async () => startPeer(await temporaryFolder(), 'scp-only', [noPrograms]));

    const failures = await Promise.allSettled([
      drained(files.read('/etc/hostname', { signal: never, maxBytes })),
      files.list('/etc', never),
      files.find('/etc/hostname', never),
    ]);

    const said = { name: 'UserError', code: 'transfer-failed', message: expect.stringContaining('scp: not found') };
    expect(failures).toEqual(failures.map(() => ({ status: 'rejected', reason: expect.objectContaining(said) })));
  });

  it('do not come where neither SFTP nor commands are served, and it is said (C18)', async () => {
    const liar = await startLiar(undefined);
    const files = await openFiles(await connectTo(liar), true, never, () => undefined);

    const failures = await Promise.allSettled([
      drained(files.read(path, { signal: never, maxBytes })),
      files.list('logs', never),
      files.find(path, never),
    ]);

    const said = { name: 'UserError', code: 'request-refused', message: expect.stringContaining('refused a command') };
    expect(failures).toEqual(failures.map(() => ({ status: 'rejected', reason: expect.objectContaining(said) })));
  });

  /** How SFTP fails at a server that would serve SCP. */
  async function failing(options: LiarOptions, signal = never) {
    const liar = await startLiar((source) => tell(source, good), options);
    const told: string[] = [];
    const failure = await openFiles(await connectTo(liar), true, signal, (why) => told.push(why)).catch(
      (error: unknown) => error,
    );
    return { failure, told, liar };
  }

  it('are not asked for in another way when the session was refused (C18)', async () => {
    const { failure, told } = await failing({ maxSessions: 0 });

    expect(failure).toMatchObject({ name: 'UserError', code: 'session-refused' });
    expect(told).toEqual([]);
  });

  it.each([
    'fin',
    'rst',
  ] as const)('are not asked for in another way when the connection is lost meanwhile by %s (C18)', async (by) => {
    const cut: LiarOptions['sftp'] = (_take, socket) => (by === 'fin' ? socket.end() : socket.resetAndDestroy());

    const { failure, told } = await failing({ sftp: cut });

    expect(failure).toMatchObject({ name: 'UserError', code: 'connection-lost' });
    expect(told).toEqual([]);
  });

  it('are not asked for in another way when the operator has enough (C18)', async () => {
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');

    const { failure, told, liar } = await failing({ sftp: () => patience.abort(reason) }, patience.signal);

    expect(failure).toBe(reason);
    expect([told, liar.commands]).toEqual([[], []]);
  });

  it('come by SCP when the server takes SFTP up and ends it at once (C18)', async () => {
    const { failure: files, told } = await failing({ sftp: (take) => void take().end() });

    expect(await outcome(files as RemoteFiles)).toEqual(whole);
    expect(told).toEqual([expect.stringContaining('SFTP')]);
  });

  it.skipIf(lacks('sshd')).each(['fin', 'rst'] as const)(
    'are not asked for in another way wherever in the beginning of SFTP a %s comes (C18)',
    async (by) => {
      const peer = await startPeer(await temporaryFolder(), 'one-session');
      const proxy = await startChaosProxy(peer.port);
      const outcomes = new Set<unknown>();
      const told: string[] = [];

      for (const bytes of [0, 1, 20, 40, 50, 70, 90, 100, 120]) {
        proxy.change({ down: {} });
        const connection = await connectTo({ ...peer, port: proxy.port }, peer.login);
        proxy.change({ down: { cut: { afterBytes: (proxy.connections.at(-1)?.down ?? 0) + bytes, by } } });
        const opening = openFiles(connection, true, never, (why) => told.push(why));
        outcomes.add(await opening.then(() => 'opened').catch((error: UserError) => error.code));
      }

      expect(told).toEqual([]);
      expect([...outcomes].filter((each) => each !== 'opened')).toEqual(['connection-lost']);
    },
  );
});

describe.skipIf(lacks('sshd', 'scp', 'sftp-server'))('over a slow link', () => {
  const ways: [string, (connection: Connection) => Promise<RemoteFiles>][] = [
    ['SFTP', (connection) => openSftpFiles(connection, never)],
    ['SCP', async (connection) => openScpFiles(connection, true)],
  ];

  it.each(ways)('of 20 kB/s a file comes whole by %s (C22)', async (_way, open) => {
    const { read, content, change } = await slowly(open, 24_000);

    change({ down: { bytesPerSecond: 20_000 }, up: { bytesPerSecond: 2000 } });
    const { verdict, content: got } = await read();

    expect(verdict).toEqual({ kind: 'whole' });
    expect(sha256(got)).toBe(sha256(content));
  });

  it.each(ways)('that carries one byte at a time a file comes whole by %s (C22)', async (_way, open) => {
    const { read, content, change } = await slowly(open, 3000);

    change({ down: { slice: { bytes: 1 } }, up: { slice: { bytes: 1 } } });
    const { verdict, content: got } = await read();

    expect(verdict).toEqual({ kind: 'whole' });
    expect(sha256(got)).toBe(sha256(content));
  });

  async function slowly(open: (connection: Connection) => Promise<RemoteFiles>, bytes: number) {
    const own = await temporaryFolder();
    const peer = await startPeer(own, 'one-session', ['MaxSessions 10']);
    const proxy = await startChaosProxy(peer.port);
    const files = await open(await connectTo({ ...peer, port: proxy.port }, peer.login));
    const content = Buffer.alloc(bytes, 'slow but sure ');
    writeFileSync(join(own, 'file'), content);
    const read = () => drained(files.read(join(own, 'file'), { signal: never, maxBytes }));
    return { read, content, change: proxy.change };
  }
});

describe('a transfer', () => {
  afterEach(() => void vi.useRealTimers());

  it('goes on however slowly the bytes come, and ends when none come for 30 s (C22)', async () => {
    let source: Source | undefined;
    const { files, liar } = await lying(async (begun) => {
      source = begun;
      await begun.say('C0644 5 system.log\n');
    });
    const chunks = files.read(path, { signal: never, maxBytes }).chunks[Symbol.asyncIterator]();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waits = () => {
      const wait = { next: chunks.next(), over: false };
      const over = () => {
        wait.over = true;
      };
      wait.next.then(over, over);
      return wait;
    };
    const came: string[] = [];
    let wait = waits();
    await arrived(() => liar.commands.length === 1);

    for (const byte of 'hel') {
      vi.advanceTimersByTime(29_000);
      await arrived(() => true);
      expect(wait.over).toBe(false);
      await source?.say(byte);
      came.push(String((await wait.next).value));
      wait = waits();
      await arrived(() => true);
    }
    vi.advanceTimersByTime(31_000);

    expect(came).toEqual(['h', 'e', 'l']);
    await expect(wait.next).rejects.toMatchObject({ name: 'UserError', code: 'transfer-stalled' });
  });
});

/** Lets what is under way on loopback arrive. */
async function arrived(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200 || !isTrue(); turns++) await new Promise((resolve) => setImmediate(resolve));
}
