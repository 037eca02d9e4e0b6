import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gammu } from '../../src/notify/gammu.ts';
import { Smstools } from '../../src/notify/smstools.ts';
import { temporaryFolder } from '../support/rig.ts';
import { never } from './pages.ts';

const later = () => new Date(Date.now() + 5000);

async function inboxOf(Kind: typeof Gammu | typeof Smstools, now = later) {
  const folder = await temporaryFolder();
  const inbox = join(folder, 'inbox');
  await mkdir(inbox);
  const folders = { outbox: folder, sent: folder, error: folder, inbox };
  const modem = new Kind({ name: 'modem', folders, now });
  const put = (name: string, content: string | Buffer) => writeFile(join(inbox, name), content);
  const read = async (marks: string[] = []) => modem.replies(marks);
  return { folder, inbox, modem, put, read };
}

const gammuName = 'IN20261130_104905_00_+46660299200_00.txt';

describe('the inbox of gammu-smsd', () => {
  it.each<[string, Buffer]>([
    ['as it is', Buffer.from('Ack I42 q7mx')],
    ['UTF-16, big first', Buffer.from('\ufeffAck I42 q7mx', 'utf16le').swap16()],
    ['UTF-16, little first', Buffer.from('\ufeffAck I42 q7mx', 'utf16le')],
  ])('is read %s', async (_how, content) => {
    const { put, read } = await inboxOf(Gammu);
    await put(gammuName, content);

    const { replies, marks, fault } = await read();

    expect(replies).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{16}$/), from: '+46660299200', text: 'Ack I42 q7mx' },
    ]);
    expect([marks, fault]).toEqual([[gammuName], undefined]);
  });

  it('is read once, and left as it is, also where others take away what is there', async () => {
    const { inbox, put, read } = await inboxOf(Gammu);
    await put(gammuName, 'ack I42 q7mx');
    const first = await read();
    await put('IN20261130_104906_00_+46660299200_00.txt', 'ack I42 q7mx');

    const second = await read(first.marks);

    expect(second.replies).toHaveLength(1);
    expect(second.replies[0]?.id).not.toBe(first.replies[0]?.id);
    expect((await read(second.marks)).replies).toEqual([]);
    expect(await readdir(inbox)).toHaveLength(2);
    expect((await read([...second.marks, 'IN_gone.txt'])).marks.sort()).toEqual((await readdir(inbox)).sort());
  });

  it('has nothing in it but whole messages of today', async () => {
    const { inbox, put, read } = await inboxOf(Gammu);
    const named = (at: number, end = '_00.txt') => `IN20261130_1049${10 + at}_00_+46660299200${end}`;
    await put(named(0, '_01.txt'), 'ack I42 q7mx');
    await put(named(1, '_00.smsbackup'), 'ack I42 q7mx');
    await put(named(2, '_00.bin'), 'ack I42 q7mx');
    await put('.hidden', 'ack I42 q7mx');
    await put(`${named(3)}.LOCK`, 'ack I42 q7mx');
    await put(named(4), 'ack I42 q7mx'.padEnd(5000));
    await put('IN20261130_104900_00_Telia_00.txt', 'ack I42 q7mx');
    await put(named(5), 'ack I42 q7mx');
    const before = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(inbox, named(5)), before, before);

    expect((await read()).replies).toEqual([]);
  });

  it('is not read while the daemon writes', async () => {
    const { put, read } = await inboxOf(Gammu, () => new Date());
    await put(gammuName, 'ack I4');

    expect(await read()).toMatchObject({ replies: [], marks: [] });
  });

  it('leads nowhere else: links, pipes, folders and odd names are no messages', async () => {
    const { folder, inbox, put, read } = await inboxOf(Gammu);
    await writeFile(join(folder, 'secret'), 'ack I42 q7mx');
    const names = [0, 1, 2].map((at) => `IN20261130_10490${at}_00_+46660299200_00.txt`);
    await symlink(join(folder, 'secret'), join(inbox, names[0] ?? ''));
    execFileSync('mkfifo', [join(inbox, names[1] ?? '')]);
    await mkdir(join(inbox, names[2] ?? ''));
    await put('IN20261130_104905_00_+46660299200_00.txt\n..', 'ack I42 q7mx');

    const { replies, marks, fault } = await read();

    expect([replies, fault]).toEqual([[], undefined]);
    expect(marks).toHaveLength(4);
  });

  it('says what it may not read, and reads the rest', async () => {
    const { inbox, put, modem, read } = await inboxOf(Gammu);
    await put(gammuName, 'ack I42 q7mx');
    await put('IN20261130_104906_00_+46660299200_00.txt', 'ack I43 q7mx');
    expect(await modem.check()).toContain(`answers are read from ${inbox}`);
    if (process.getuid?.() === 0) return; // root may read everything
    await chmod(join(inbox, gammuName), 0);

    const { replies, marks, fault } = await read();

    expect([replies.length, marks.length]).toEqual([1, 1]);
    expect(fault).toContain(gammuName);
  });

  it('that is not there is said, and is a failure of the channel', async () => {
    const modem = new Gammu({ name: 'm', folders: { outbox: '/', sent: '/', error: '/', inbox: '/nowhere/inbox' } });

    await expect(modem.replies([])).rejects.toMatchObject({ name: 'NotifyError', kind: 'unavailable' });
    await expect(modem.check()).rejects.toThrow(/nowhere/);
    expect(await new Gammu({ name: 'm', folders: { outbox: '/', sent: '/', error: '/' } }).replies([])).toEqual({
      replies: [],
      marks: [],
    });
    expect(never.aborted).toBe(false);
  });
});

describe('the inbox of smsd of SMS Server Tools', () => {
  const head = (alphabet: string) =>
    `From: 46660299200\nFrom_TOA: 91 international, ISDN/telephone\nSent: 26-11-30 10:49:08\nAlphabet: ${alphabet}\nLength: 12\n\n`;

  it.each<[string, Buffer]>([
    ['ISO', Buffer.from('Ack I42 q7mx å', 'latin1')],
    ['UTF-8', Buffer.from('Ack I42 q7mx å')],
    ['UCS2', Buffer.from('Ack I42 q7mx å', 'utf16le').swap16()],
  ])('is read as its head says: %s', async (alphabet, body) => {
    const { put, read } = await inboxOf(Smstools);
    await put('GSM1.8Eal4o', Buffer.concat([Buffer.from(head(alphabet)), body]));

    expect((await read()).replies).toMatchObject([{ from: '46660299200', text: 'Ack I42 q7mx å' }]);
  });

  it('has a sender where its head has one, and not where its text does', async () => {
    const { put, read } = await inboxOf(Smstools);
    await put('GSM1.a', 'From: Telia\nAlphabet: ISO\n\nFrom: 46660299200\n\nack I42 q7mx');
    await put('GSM1.b', 'From: 46660299200\nack I42 q7mx');

    expect((await read()).replies).toEqual([]);
  });
});
