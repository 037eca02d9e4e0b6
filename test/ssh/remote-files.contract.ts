import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOfName } from '../../src/ssh/byte-names.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import type { Download, RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { connected, targetOf } from '../support/connect-target.ts';

/** Files of one server, and a way to change them behind its back. Names are those of plain files in one folder. */
export type RemoteFilesRig = {
  files: RemoteFiles;
  folder: string;
  put(name: string, content: Buffer): void;
  /** The content of a file changes while it stays the same file. */
  change(name: string, content: Buffer): void;
  has(name: string): boolean;
  addFolder(name: string): void;
  /** Only where the server has links. */
  link?(name: string, target: string): void;
  /** Cuts the connection. */
  cut(): void;
};

const never = new AbortController().signal;
/** What `sftp-files` asks for in one read; sizes around it are the interesting ones. */
const chunk = 261_120;
const maxBytes = 64 * 1024 * 1024;
const large = 20 * chunk + 17;

/** What a way to files knows. Where nothing is said it is as over SFTP. */
export type Abilities = {
  /** Links are told from what they lead to. */
  links: boolean;
  /** Names need not be UTF-8. */
  bytes?: boolean;
  /** Reading may begin in the middle of a file. */
  skips?: boolean;
  /** Names that no listing has as they are. */
  unlisted?: readonly string[];
  /** Names that break the listing of their folder. */
  breaking?: readonly string[];
  /** Names that the server cannot be asked for. */
  unspelled?: readonly string[];
  /** `announced`: the bytes that were announced at the beginning are taken, whatever becomes of the file. */
  size?: 'live' | 'announced';
  /** Files can be removed. */
  remove?: boolean;
  /** Goes on after the connection was lost, and asks again for what came short. */
  steady?: boolean;
};

const oddNames = ['-rf', '~', 'a b', 'new\nline', '\x1b[2Jescape', 'Größe 日本', 'a\\b', '..x', 'x'.repeat(200)];
const quotedNames = ['*', '[a-z]{a,b}?', `it's "so"`, '`id` $(id); id', '-O # \\'];

/** What every place with remote files owes the collectors. */
export function testRemoteFiles(name: string, start: () => Promise<RemoteFilesRig>, has: Abilities): void {
  const {
    unlisted = [],
    breaking = [],
    unspelled = [],
    size = 'live',
    remove = true,
    steady = false,
    bytes: byBytes = true,
    skips = true,
  } = has;

  describe(`${name} as remote files`, () => {
    it('lists files and folders with kind, size and time', async () => {
      const rig = await start();
      rig.put('system.log', Buffer.alloc(1234));
      rig.addFolder('errors');

      const entries = await rig.files.list(rig.folder, never);

      const byName = entries.sort((a, b) => a.name.localeCompare(b.name));
      expect(byName).toEqual([
        expect.objectContaining({ name: 'errors', kind: 'folder' }),
        { name: 'system.log', kind: 'file', sizeBytes: 1234, modifiedAt: expect.any(Date) },
      ]);
      expect(Math.abs((byName[1]?.modifiedAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('lists an empty folder as empty, without itself and its parent (C09)', async () => {
      const rig = await start();
      rig.addFolder('errors');

      const entries = await rig.files.list(`${rig.folder}/errors`, never);

      expect(entries).toEqual([]);
    });

    it('lists odd names as they are (C09)', async () => {
      const rig = await start();
      const held = oddNames.filter((each) => !breaking.includes(each));
      for (const each of held) rig.put(each, Buffer.from('x'));

      const entries = await rig.files.list(rig.folder, never);

      const names = entries.map((entry) => entry.name).filter((each) => oddNames.includes(each));
      expect(names.sort()).toEqual(held.filter((each) => !unlisted.includes(each)).sort());
    });

    it('finds and reads exactly the file of that name, however odd (C17)', async () => {
      const rig = await start();
      const names = [...quotedNames, '-rf $HOME Größe'].filter((each) => !unspelled.includes(each));
      for (const each of names) rig.put(each, Buffer.from(`content of ${each}`));

      const found: string[] = [];
      for (const each of names) {
        const path = `${rig.folder}/${each}`;
        const { content } = await drained(rig.files.read(path, { signal: never, maxBytes }));
        found.push(content.toString());
      }
      const last = await rig.files.find(`${rig.folder}/${names[0]}`, never);

      expect(found).toEqual(names.map((each) => `content of ${each}`));
      expect(last).toMatchObject({ name: names[0], kind: 'file', sizeBytes: 11 + (names[0]?.length ?? 0) });
    });

    it('lists a folder of hundreds of files whole', async () => {
      const rig = await start();
      for (let index = 0; index < 300; index++) rig.put(`file-${index}`, Buffer.alloc(0));

      const entries = await rig.files.list(rig.folder, never);

      expect(new Set(entries.map((entry) => entry.name)).size).toBe(300);
    });

    it('says that a folder is not there', async () => {
      const rig = await start();

      const failure = rig.files.list(`${rig.folder}/nowhere`, never);

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'no-such-file' });
    });

    it('finds a file and a folder, and nothing where nothing is', async () => {
      const rig = await start();
      rig.put('system.log', Buffer.alloc(7));

      const found = [
        await rig.files.find(`${rig.folder}/system.log`, never),
        await rig.files.find(rig.folder, never),
        await rig.files.find(`${rig.folder}/nothing`, never),
      ];

      expect(found).toEqual([
        { name: 'system.log', kind: 'file', sizeBytes: 7, modifiedAt: expect.any(Date) },
        expect.objectContaining({ kind: 'folder' }),
        undefined,
      ]);
    });

    it.skipIf(!has.links)('follows a link to where the server leads it, and says that it is one (A13)', async () => {
      const rig = await start();
      rig.put('system.log', Buffer.alloc(7));
      rig.addFolder('larger disk');
      rig.put('larger disk/mine', Buffer.from('content'));
      rig.link?.('file', `${rig.folder}/system.log`);
      rig.link?.('folder', 'larger disk');
      rig.link?.('again', 'file');

      const listed = await rig.files.list(rig.folder, never);
      const found = await Promise.all(['file', 'folder'].map((each) => rig.files.find(`${rig.folder}/${each}`, never)));
      const beyond = await rig.files.list(`${rig.folder}/folder`, never);
      const { content } = await drained(rig.files.read(`${rig.folder}/folder/mine`, { signal: never, maxBytes }));

      const file = { name: 'file', kind: 'file', isLink: true, sizeBytes: 7, modifiedAt: expect.any(Date) };
      const folder = expect.objectContaining({ name: 'folder', kind: 'folder', isLink: true });
      expect(listed).toHaveLength(5);
      expect(listed).toEqual(expect.arrayContaining([file, folder, { ...file, name: 'again' }]));
      expect(listed.find(({ name }) => name === 'system.log')).not.toHaveProperty('isLink');
      expect(found).toEqual([file, folder]);
      expect([beyond.map(({ name }) => name), content.toString()]).toEqual([['mine'], 'content']);
    });

    it.skipIf(!has.links)('leaves a link that leads nowhere, in a circle or to a device (A13)', async () => {
      const rig = await start();
      const links = { nowhere: '/nowhere/at/all', circle: 'circle', device: '/dev/null' };
      for (const [each, target] of Object.entries(links)) rig.link?.(each, target);

      const listed = await rig.files.list(rig.folder, never);
      const found = await Promise.all(Object.keys(links).map((each) => rig.files.find(`${rig.folder}/${each}`, never)));

      const left = Object.keys(links).map((each) =>
        expect.objectContaining({ name: each, kind: 'other', isLink: true }),
      );
      expect(listed).toEqual(expect.arrayContaining(left));
      expect(found).toEqual(left);
    });

    it.skipIf(!has.links)('follows the links of a folder full of them (A13)', async () => {
      const rig = await start();
      rig.addFolder('links');
      rig.put('system.log', Buffer.alloc(7));
      for (let index = 0; index < 200; index++) rig.link?.(`links/link-${index}`, '../system.log');

      const listed = await rig.files.list(`${rig.folder}/links`, never);

      expect(new Set(listed.map(({ name }) => name)).size).toBe(200);
      expect(listed.every(({ kind, sizeBytes }) => kind === 'file' && sizeBytes === 7)).toBe(true);
    });

    it.runIf(byBytes)('lists, finds, reads and removes names that are no UTF-8 by their bytes (B07)', async () => {
      const rig = await start();
      const names = ['exc-f\udcf6rsta.err', '\udcff\udcfe', 'caf\udce9 Größe', "\udce4's"];
      for (const each of names) rig.put(each, Buffer.from(`content of ${each.length}`));
      rig.put('exc-f\ufffdrsta.err', Buffer.from('another'));

      const listed = (await rig.files.list(rig.folder, never)).map(({ name }) => name);
      const read: string[] = [];
      for (const each of names) {
        const found = await rig.files.find(`${rig.folder}/${each}`, never);
        const { content } = await drained(rig.files.read(`${rig.folder}/${each}`, { signal: never, maxBytes }));
        read.push(`${found?.name}: ${content}`);
      }
      if (remove) for (const each of names) await rig.files.remove(`${rig.folder}/${each}`, never);

      expect(listed.sort()).toEqual([...names, 'exc-f\ufffdrsta.err'].sort());
      expect(read).toEqual(names.map((each) => `${each}: content of ${each.length}`));
      expect(names.filter((each) => rig.has(each))).toEqual(remove ? [] : names);
      expect(rig.has('exc-f\ufffdrsta.err')).toBe(true);
    });

    it.runIf(skips)('reads from a place in the middle of a file to its end (A08)', async () => {
      const rig = await start();
      const content = randomBytes(3 * chunk + 5);
      rig.put('file', content);
      const read = (from: number, most = maxBytes) =>
        drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes: most, from }));

      const parts = [await read(chunk + 1), await read(content.length), await read(content.length + 7)];
      const capped = await read(10, 100);

      expect(await rig.files.abilities(never)).toMatchObject({ skips: true });
      expect(parts[0]?.content.equals(content.subarray(chunk + 1))).toBe(true);
      expect(parts.map((part) => [part.content.length, part.verdict.kind])).toEqual([
        [2 * chunk + 4, 'whole'],
        [0, 'whole'],
        [0, 'whole'],
      ]);
      expect(capped).toEqual({ content: content.subarray(10, 110), verdict: { kind: 'capped', bytes: 100 } });
    });

    it.skipIf(skips)('says that it cannot begin in the middle of a file (A08)', async () => {
      const rig = await start();
      rig.put('file', Buffer.from('content'));

      const failure = drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes, from: 3 }));

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'transfer-failed' });
      expect(await rig.files.abilities(never)).toMatchObject({ skips: false });
    });

    it.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, large])('reads %i bytes as they are', async (bytes) => {
      const rig = await start();
      const content = randomBytes(bytes);
      rig.put('file', content);

      const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }));

      expect(read.content.length).toBe(bytes);
      expect(sha256(read.content)).toBe(sha256(content));
      expect(read.verdict).toEqual({ kind: 'whole' });
    });

    it('reads two files at once', async () => {
      const rig = await start();
      const [one, two] = [randomBytes(5 * chunk + 1), randomBytes(3 * chunk)];
      rig.put('one', one);
      rig.put('two', two);

      const reads = await Promise.all(
        ['one', 'two'].map((each) => drained(rig.files.read(`${rig.folder}/${each}`, { signal: never, maxBytes }))),
      );

      expect(reads.map(({ content }) => sha256(content))).toEqual([sha256(one), sha256(two)]);
    });

    it('says that a file is not there', async () => {
      const rig = await start();

      const failure = drained(rig.files.read(`${rig.folder}/nothing`, { signal: never, maxBytes }));

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'no-such-file' });
    });

    it('takes a file of exactly the limit whole, and cuts one that is larger (C07)', async () => {
      const rig = await start();
      const content = randomBytes(2 * chunk + 10);
      rig.put('file', content);
      const read = (limit: number) => drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes: limit }));

      const [exact, over, tiny] = [await read(content.length), await read(content.length - 1), await read(1)];

      expect(exact.verdict).toEqual({ kind: 'whole' });
      expect(over.verdict).toEqual({ kind: 'capped', bytes: content.length - 1 });
      expect(over.content.equals(content.subarray(0, -1))).toBe(true);
      expect(tiny.verdict).toEqual({ kind: 'capped', bytes: 1 });
      expect(tiny.content.length).toBe(1);
    });

    it('takes no file of another size than the one that was expected', async () => {
      const rig = await start();
      rig.put('file', Buffer.alloc(1000));
      const read = (sizeBytes: number) =>
        drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes, expect: { sizeBytes } }));

      const same = await read(1000);
      const other = read(999);

      expect(same.verdict).toEqual({ kind: 'whole' });
      await expect(other).rejects.toMatchObject({ name: 'UserError', code: 'file-changed' });
    });

    it('takes no file of another time than the one that was expected', async () => {
      const rig = await start();
      rig.put('file', Buffer.alloc(1000));
      const modifiedAt = (await rig.files.find(`${rig.folder}/file`, never))?.modifiedAt as Date;
      const read = (expected: Date) =>
        drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes, expect: { modifiedAt: expected } }));

      const same = await read(modifiedAt);
      const other = read(new Date(modifiedAt.getTime() - 60_000));

      expect(same.verdict).toEqual({ kind: 'whole' });
      await expect(other).rejects.toMatchObject({ name: 'UserError', code: 'file-changed' });
    });

    it('reads a file that grows meanwhile to its end, and says so, or as it was (C03)', async () => {
      const rig = await start();
      const content = randomBytes(large + chunk);
      rig.put('file', content.subarray(0, large));

      const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () =>
        rig.change('file', content),
      );

      const grew = { kind: 'grew', expectedBytes: large, bytes: content.length };
      expect(read.verdict).toEqual(size === 'live' ? grew : { kind: 'whole' });
      expect(sha256(read.content)).toBe(sha256(size === 'live' ? content : content.subarray(0, large)));
    });

    it.runIf(size === 'announced')('says that a file became shorter, filled up with zeros (C04)', async () => {
      const rig = await start();
      const content = randomBytes(large);
      const left = content.subarray(0, 18 * chunk);
      rig.put('file', content);

      const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () =>
        rig.change('file', left),
      );

      expect(read.verdict).toEqual({ kind: 'damaged', bytes: large, reason: expect.stringMatching(/\w/) });
      expect(sha256(read.content)).toBe(sha256(Buffer.concat([left, Buffer.alloc(large - left.length)])));
    });

    it.runIf(steady && size === 'live')(
      'asks again for a file that became shorter, and has it whole (C04, C06)',
      async () => {
        const rig = await start();
        const content = randomBytes(large);
        const left = content.subarray(0, 18 * chunk);
        rig.put('file', content);

        const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () =>
          rig.change('file', left),
        );

        expect(read.verdict).toEqual({ kind: 'whole' });
        expect(sha256(read.content)).toBe(sha256(left));
      },
    );

    const tellsShort = size === 'live' && !steady;
    it.runIf(tellsShort)('says that a file became shorter than it was when it was opened (C04, C06)', async () => {
      const rig = await start();
      const content = randomBytes(large);
      const left = content.subarray(0, 18 * chunk);
      rig.put('file', content);

      const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () =>
        rig.change('file', left),
      );

      expect(read.verdict).toEqual({ kind: 'short', expectedBytes: large, bytes: left.length });
      expect(sha256(read.content)).toBe(sha256(left));
    });

    it('stops reading with the reason of the signal, and goes on with other files', async () => {
      const rig = await start();
      const content = randomBytes(large);
      rig.put('file', content);
      const patience = new AbortController();
      const reason = new Error('Ctrl-C');

      const failure = drained(rig.files.read(`${rig.folder}/file`, { signal: patience.signal, maxBytes }), () =>
        patience.abort(reason),
      );

      await expect(failure).rejects.toBe(reason);
      const again = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }));
      expect(sha256(again.content)).toBe(sha256(content));
    });

    it('does not begin when the signal has gone already', async () => {
      const rig = await start();
      rig.put('file', Buffer.from('x'));
      const reason = new Error('Ctrl-C');
      const signal = AbortSignal.abort(reason);

      const failures = [
        rig.files.list(rig.folder, signal),
        rig.files.find(`${rig.folder}/file`, signal),
        ...(remove ? [rig.files.remove(`${rig.folder}/file`, signal)] : []),
        drained(rig.files.read(`${rig.folder}/file`, { signal, maxBytes })),
      ];

      const settled = await Promise.allSettled(failures);
      expect(settled.map((each) => each.status === 'rejected' && each.reason)).toEqual(failures.map(() => reason));
      expect(rig.has('file')).toBe(true);
    });

    it.runIf(steady)(
      'reads on when the connection is lost in the middle of a file, and at every call after (C20)',
      async () => {
        const rig = await start();
        const content = randomBytes(30 * chunk);
        rig.put('file', content);

        const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () => rig.cut());
        const entries = await rig.files.list(rig.folder, never);

        expect(read.verdict).toEqual({ kind: 'whole' });
        expect(sha256(read.content)).toBe(sha256(content));
        expect(entries).toHaveLength(1);
      },
    );

    it.skipIf(steady)(
      'fails when the connection is lost in the middle of a file, and at every call after (C20)',
      async () => {
        const rig = await start();
        rig.put('file', randomBytes(100 * chunk));

        const failure = drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () => rig.cut());

        await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
        await expect(rig.files.list(rig.folder, never)).rejects.toMatchObject({ code: 'connection-lost' });
      },
    );

    it('lets go of a file whose reader stops early', async () => {
      const rig = await start();
      rig.put('file', randomBytes(large));
      const download = rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes });

      for await (const _chunk of download.chunks) break;

      expect(() => download.verdict()).toThrow();
      expect(await rig.files.list(rig.folder, never)).toHaveLength(1);
    });

    it.runIf(remove)('removes a file, and only that', async () => {
      const rig = await start();
      rig.put('mine', Buffer.from('x'));
      rig.put('theirs', Buffer.from('x'));

      await rig.files.remove(`${rig.folder}/mine`, never);

      expect([rig.has('mine'), rig.has('theirs')]).toEqual([false, true]);
    });

    it.runIf(remove)('removes nothing but the file of that name, however odd (C17)', async () => {
      const rig = await start();
      for (const each of ['kept', ...quotedNames]) rig.put(each, Buffer.from('x'));

      const removed = quotedNames.filter((_each, index) => index % 2 === 0);
      for (const each of removed) await rig.files.remove(`${rig.folder}/${each}`, never);

      const left = ['kept', ...quotedNames].filter((each) => rig.has(each));
      expect(left).toEqual(['kept', ...quotedNames.filter((each) => !removed.includes(each))]);
    });

    it.skipIf(remove)('refuses to remove a file, and says why', async () => {
      const rig = await start();
      rig.put('mine', Buffer.from('x'));

      const failure = rig.files.remove(`${rig.folder}/mine`, never);

      await expect(failure).rejects.toMatchObject({
        name: 'UserError',
        code: 'transfer-failed',
        message: expect.stringContaining('no SFTP'),
      });
      expect(rig.has('mine')).toBe(true);
    });

    it.runIf(remove)('says that a file to remove is not there', async () => {
      const rig = await start();

      const failure = rig.files.remove(`${rig.folder}/nothing`, never);

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'no-such-file' });
    });
  });
}

/** Connects to a server on loopback; the connection ends with the test. */
export function connectTo(
  server: { port: number; hostKey: string },
  login: { user: string; privateKey?: string; password?: string } = { user: 'admin' },
  changes: Partial<ConnectTarget> = {},
): Promise<Connection> {
  return connected(targetOf('cli', { ...server, login }, changes));
}

/** Files of a real server in a folder of this machine. */
export function localFiles(folder: string): Omit<RemoteFilesRig, 'files' | 'cut'> {
  mkdirSync(folder, { recursive: true });
  const pathOf = (name: string) => bytesOfName(join(folder, name));
  return {
    folder,
    put: (name, content) => writeFileSync(pathOf(name), content),
    change: (name, content) => {
      writeFileSync(pathOf(name), content, { flag: 'r+' });
      truncateSync(join(folder, name), content.length);
    },
    has: (name) => existsSync(pathOf(name)),
    addFolder: (name) => void mkdirSync(join(folder, name)),
    link: (name, target) => symlinkSync(target, join(folder, name)),
  };
}

/** Reads a file to its end; `afterFirst` runs when its first chunk has come. */
export async function drained(download: Download, afterFirst: () => void = () => undefined) {
  const chunks: Buffer[] = [];
  for await (const each of download.chunks) {
    chunks.push(Buffer.from(each));
    if (chunks.length === 1) afterFirst();
  }
  return { content: Buffer.concat(chunks), verdict: download.verdict() };
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
