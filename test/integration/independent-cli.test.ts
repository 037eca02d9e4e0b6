import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCliSession } from '../../src/ssh/cli/cli-session.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { connectTo, drained, sha256 } from '../ssh/remote-files.contract.ts';
import {
  type IndependentServer,
  needs,
  type ServerKind,
  serverKinds,
  sharedIndependent,
  startIndependent,
} from '../support/independent.ts';
import { lacks } from '../support/requirements.ts';

const never = new AbortController().signal;
const maxBytes = 64 * 1024 * 1024;
const prompt = 'admin@InCenter:/> ';
const rows = Array.from({ length: 60 }, (_, index) => `row ${String(index + 1).padStart(2, '0')} of 60`);

const connectionTo = (server: IndependentServer) => connectTo(server, server.login);
const sessionAt = async (server: IndependentServer) => openCliSession(await connectionTo(server), never);

/** The rows in the order in which they came. */
const rowsOf = (text: string) => text.match(/row \d\d of 60/g);

/** Conch has no keyboard-interactive login. */
const loginsOf = (kind: ServerKind) =>
  (['password', 'keyboard-interactive'] as const).filter((login) => kind !== 'conch' || login === 'password');

const aFile = { name: 'logs/large.bin', content: randomBytes(3_000_000) };

async function readLarge(server: IndependentServer, files: Awaited<ReturnType<typeof openSftpFiles>>) {
  writeFileSync(join(server.root, aFile.name), aFile.content);
  return drained(files.read(aFile.name, { signal: never, maxBytes }));
}

describe.each(serverKinds)('the CLI of %s', (kind) => {
  describe.skipIf(lacks(...needs[kind]))('that nobody here wrote', () => {
    const plain = sharedIndependent(kind);
    const strict = sharedIndependent(kind, { pager: 'line', oneChannel: true });

    it('learns the prompt and gives the output of each command', async () => {
      const session = await sessionAt(plain());

      const outputs = [await session.run('about', never), await session.run('log -status', never)];

      expect(outputs.map(({ text }) => text)).toEqual([
        "InCenter 4.00.01, built with somebody else's SSH library\n",
        'system on\naudit on\n',
      ]);
      expect(outputs[0]?.prompt).toContain(prompt.trim());
    });

    it('has all rows through a pager that takes keys (B05)', async () => {
      const session = await sessionAt(plain());

      const { text } = await session.run('show', never);
      const after = await session.run('about', never);

      expect(rowsOf(text)).toEqual(rows);
      expect(text).not.toContain('--More--');
      expect(after.text).toMatch(/^InCenter 4/);
    });

    it('has all rows through a pager that takes whole lines only (IO-9)', async () => {
      const session = await sessionAt(strict());

      const { text } = await session.run('show', AbortSignal.timeout(5000));
      const after = await session.run('about', AbortSignal.timeout(5000));

      expect(rowsOf(text)).toEqual(rows);
      expect(after.text).toMatch(/^InCenter 4/);
    });

    it('learns a prompt of two lines, after a slow login (field-C10)', async () => {
      const server = await startIndependent(kind, { twoLinePrompt: true, loginSeconds: 1.5 });
      const session = await openCliSession(await connectionTo(server), AbortSignal.timeout(5000));

      const { text } = await session.run('log -status', never);

      expect(text).toBe('system on\naudit on\n');
    });

    it('runs techsupport and has the file it names', async () => {
      const session = await sessionAt(plain());

      const { text } = await session.run('techsupport', never);

      const name = /created:\n(\S+)\n/.exec(text)?.[1] ?? 'none';
      const files = await openSftpFiles(await connectionTo(plain()), never);
      const { content, verdict } = await drained(files.read(`techsupport/${name}`, { signal: never, maxBytes }));
      expect(verdict).toEqual({ kind: 'whole' });
      expect(content.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    });

    it('says that a command was cut when the server has had enough of its silence', async () => {
      const server = await startIndependent(kind, { idleSeconds: 1, techsupportSeconds: 60 });
      const session = await sessionAt(server);

      const failure = session.run('techsupport', never);

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'cli-cut' });
      expect(session.printed()).toBe('Collecting and storing Technical Support Information...\n');
    });

    it('has a shell and files at the same time where a connection takes one channel (IO-14)', async () => {
      const dial = () => connectionTo(strict());
      const sessions = openSessions(await dial(), dial, 2);
      onTestFinished(() => sessions.close());

      const session = await openCliSession(sessions, never);
      const read = await readLarge(strict(), await openSftpFiles(sessions, never));
      const { text } = await session.run('about', never);

      expect(read.verdict).toEqual({ kind: 'whole' });
      expect(sha256(read.content)).toBe(sha256(aFile.content));
      expect(text).toMatch(/^InCenter 4/);
    });

    // Not on asyncssh: see `independent-collect.test.ts`.
    it.skipIf(kind === 'asyncssh')('exchanges keys again and again during a dialogue and a file', async () => {
      const server = await startIndependent(kind, { rekeyBytes: 100_000 });
      const connection = await connectionTo(server);
      const session = await openCliSession(connection, never);

      const [read, { text }] = await Promise.all([
        openSftpFiles(connection, never).then((files) => readLarge(server, files)),
        session.run('show', never),
      ]);

      expect(read.verdict).toEqual({ kind: 'whole' });
      expect(sha256(read.content)).toBe(sha256(aFile.content));
      expect(rowsOf(text)).toEqual(rows);
    });

    it('runs commands one by one where there is no shell to be had', async () => {
      const server = await startIndependent(kind, { exec: true, shell: false });
      const session = await sessionAt(server);

      const { text } = await session.run('about', never);

      expect(text).toMatch(/^InCenter 4/);
    });

    it.skipIf(kind === 'conch')('answers a question for the password in any language, once (field-C03)', async () => {
      const server = await startIndependent(kind, { login: 'keyboard-interactive' });

      const session = await sessionAt(server);

      expect((await session.run('about', never)).text).toMatch(/^InCenter 4/);
      await server.close();
      expect(server.log().match(/login of .*/g)).toEqual(['login of admin: right']);
    });

    it.each(loginsOf(kind))('sends a wrong password once, and nothing empty, by %s (field-C03)', async (login) => {
      const server = await startIndependent(kind, { login });

      const failure = connectTo(server, { ...server.login, password: 'wrong' });

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'login-refused' });
      await server.close();
      expect(server.log().match(/login of .*/g)).toEqual(['login of admin: wrong']);
    });
  });
});
