import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSftpDrop } from '../../src/drops/sftp-drop.ts';
import { connect } from '../../src/ssh/connect.ts';
import { connected, type Place, targetOf } from '../support/connect-target.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { type InboxManners, type Request, type SftpInbox, startSftpInbox } from '../support/sftp-inbox.ts';
import { makeLogin, startSshd } from '../support/sshd.ts';

const never = new AbortController().signal;
const content = randomBytes(3_000_000);
const failure = 4; // SSH_FX_FAILURE, which is what OpenSSH says of a full disk
const call = { signal: never, onProgress: () => undefined };

async function localFile(): Promise<string> {
  const path = join(await temporaryFolder(), 'bundle.zip');
  await writeFile(path, content);
  return path;
}

async function dropAt(target: Place, folder = 'in') {
  const connection = await connected(targetOf('hostOs', target));
  const drop = await openSftpDrop(connection, folder, never);
  onTestFinished(() => drop.close());
  return drop;
}

async function facing(manners?: InboxManners) {
  const inbox = await startSftpInbox(manners);
  return { inbox, drop: await dropAt(inbox), file: await localFile() };
}

function asked({ requests }: SftpInbox, request: Request): Promise<void> {
  return vi.waitFor(() => expect(requests).toContain(request), { timeout: 20_000 });
}

/** A real server, with a folder of its own. */
async function openSsh(lines: string[] = []) {
  const own = await temporaryFolder();
  const login = makeLogin(own);
  const folder = join(own, 'in');
  mkdirSync(folder);
  const server = await startSshd(own, 'sshd', login.authorizedKeys, lines);
  return { folder, place: { ...server, login }, file: await localFile() };
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('a folder of OpenSSH', () => {
  it('takes a file, goes on with its beginning, reads it back and renames it', async () => {
    const { folder, place, file } = await openSsh();
    const drop = await dropAt(place, folder);

    const before = await drop.sizeOf('a.part', never);
    await writeFile(`${file}.beginning`, content.subarray(0, 1_000_001));
    await drop.send(`${file}.beginning`, 'a.part', 0, call);
    const begun = await drop.sizeOf('a.part', never);
    const tail = await drop.readFrom('a.part', 900_000, never);
    await drop.send(file, 'a.part', begun ?? 0, call);
    const renamed = await drop.rename('a.part', 'a.zip', never);

    expect([before, begun, renamed]).toEqual([undefined, 1_000_001, true]);
    expect(tail?.equals(content.subarray(900_000, 1_000_001))).toBe(true);
    expect(readFileSync(join(folder, 'a.zip')).equals(content)).toBe(true);
    expect(await drop.sizeOf('a.part', never)).toBeUndefined();
    expect(await drop.sizeOf('a.zip', never)).toBe(content.length);
  });

  it('decides itself who may read what was uploaded', async () => {
    const { folder, place, file } = await openSsh(['Subsystem sftp internal-sftp -u 0077']);
    const drop = await dropAt(place, folder);

    await drop.send(file, 'a.part', 0, call);

    expect(statSync(join(folder, 'a.part')).mode & 0o777).toBe(0o600);
  });

  it('is reached through a jump host', async () => {
    const jump = await openSsh();
    const { folder, place, file } = await openSsh();
    const through = await connected(targetOf('cli', jump.place));
    const drop = await openSftpDrop(await connect(targetOf('hostOs', place), never, through), folder, never);
    onTestFinished(() => drop.close());

    await drop.send(file, 'a.part', 0, call);

    expect(readFileSync(join(folder, 'a.part')).equals(content)).toBe(true);
  });
});

describe('a folder over SFTP', () => {
  it('tells what the server has confirmed, to the last byte', async () => {
    const { drop, file } = await facing();
    const told: number[] = [];

    await drop.send(file, 'a.part', 0, { signal: never, onProgress: (bytes) => told.push(bytes) });

    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(content.length);
  });

  it('that is not there is said', async () => {
    const inbox = await startSftpInbox();

    await expect(dropAt(inbox, 'nowhere')).rejects.toMatchObject({ code: 'upload-refused', exit: 5 });
  });

  it('says what it does not have, and renames what is there', async () => {
    const { drop, inbox } = await facing();
    inbox.files.set('in/b.part', content);

    expect(await drop.sizeOf('a.part', never)).toBeUndefined();
    expect(await drop.readFrom('a.part', 0, never)).toBeUndefined();
    expect(await drop.rename('b.part', 'b.zip', never)).toBe(true);
    expect([...inbox.files.keys()]).toEqual(['in/b.zip']);
  });

  it('that renames nothing says so', async () => {
    const { drop } = await facing((request) => (request === 'RENAME' ? failure : undefined));

    expect(await drop.rename('a.part', 'a.zip', never)).toBe(false);
  });

  it.each([
    ['opening it', 'OPEN', 0],
    ['the first bytes', 'WRITE', 0],
    ['bytes in the middle, as a full disk does', 'WRITE', 40],
    ['closing it', 'CLOSE', 0],
  ] as const)('that refuses %s is not said to have taken the file', async (_what, refused, after) => {
    const { drop, file } = await facing((request, count) =>
      request === refused && count >= after ? failure : undefined,
    );

    const sending = drop.send(file, 'a.part', 0, call);

    await expect(sending).rejects.toMatchObject({ code: 'upload-refused', exit: 5 });
    await expect(sending).rejects.toThrow('ICE01 host OS does not take "a.part": ');
  });

  it.each(['end-session', 'rst'] as const)('that breaks off (%s) is gone on with later', async (how) => {
    const { drop, file, inbox } = await facing((request, count) =>
      request === 'WRITE' && count === 40 ? how : undefined,
    );

    await expect(drop.send(file, 'a.part', 0, call)).rejects.toMatchObject({ code: 'upload-interrupted', exit: 5 });
    expect(inbox.files.get('in/a.part')?.length).toBeGreaterThan(1_000_000);
  });

  it.each(['OPEN', 'WRITE', 'CLOSE'] as const)('that answers no %s is left after 30 s', async (silent) => {
    const { drop, file, inbox } = await facing((request) => (request === silent ? 'silence' : undefined));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());

    const sending = drop.send(file, 'a.part', 0, call).catch((error: unknown) => error);
    await asked(inbox, silent);
    vi.advanceTimersByTime(31_000);
    vi.useRealTimers();

    expect(await sending).toMatchObject({ code: 'upload-interrupted' });
  });

  it.each([
    'OPEN',
    'WRITE',
    'CLOSE',
    'STAT',
    'READ',
    'RENAME',
  ] as const)('is left at once when the operator stops while it answers no %s', async (silent) => {
    const begun = { now: false };
    const { drop, file, inbox } = await facing((request) => (begun.now && request === silent ? 'silence' : undefined));
    inbox.files.set('in/b.part', content);
    const stop = new AbortController();
    const reason = new Error('stopped');
    begun.now = true;

    const work = {
      STAT: () => drop.sizeOf('b.part', stop.signal),
      READ: () => drop.readFrom('b.part', 0, stop.signal),
      RENAME: () => drop.rename('b.part', 'b.zip', stop.signal),
      OPEN: () => drop.send(file, 'a.part', 0, { ...call, signal: stop.signal }),
      WRITE: () => drop.send(file, 'a.part', 0, { ...call, signal: stop.signal }),
      CLOSE: () => drop.send(file, 'a.part', 0, { ...call, signal: stop.signal }),
    }
      [silent]()
      .catch((error: unknown) => error);
    await asked(inbox, silent);
    stop.abort(reason);

    expect(await work).toBe(reason);
  });

  it('our own file that cannot be read is not called the fault of the server', async () => {
    const { drop, file } = await facing();

    await expect(drop.send(`${file}.gone`, 'a.part', 0, call)).rejects.toMatchObject({ code: 'local-read', exit: 8 });
  });
});
