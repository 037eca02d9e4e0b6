import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Download, RemoteFiles } from '../../src/ssh/remote-files.ts';

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

/** What every place with remote files owes the collectors. */
export function testRemoteFiles(name: string, start: () => Promise<RemoteFilesRig>, has: { links: boolean }): void {
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
      const names = ['-rf', '~', 'a b', 'new\nline', '\x1b[2Jescape', 'Größe 日本', 'a\\b', '..x', 'x'.repeat(200)];
      const rig = await start();
      for (const each of names) rig.put(each, Buffer.from('x'));

      const entries = await rig.files.list(rig.folder, never);

      expect(entries.map((entry) => entry.name).sort()).toEqual([...names].sort());
    });

    it('reads a file under an odd name', async () => {
      const rig = await start();
      rig.put('-rf $(reboot) Größe', Buffer.from('content'));

      const { content } = await drained(
        rig.files.read(`${rig.folder}/-rf $(reboot) Größe`, { signal: never, maxBytes }),
      );

      expect(content.toString()).toBe('content');
    });

    it('lists a folder of a thousand files whole', async () => {
      const rig = await start();
      for (let index = 0; index < 1000; index++) rig.put(`file-${index}`, Buffer.alloc(0));

      const entries = await rig.files.list(rig.folder, never);

      expect(new Set(entries.map((entry) => entry.name)).size).toBe(1000);
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

    it.skipIf(!has.links)('takes a link for no file, wherever it leads (C11)', async () => {
      const rig = await start();
      rig.put('system.log', Buffer.alloc(7));
      rig.link?.('link', `${rig.folder}/system.log`);

      const found = await rig.files.find(`${rig.folder}/link`, never);
      const listed = (await rig.files.list(rig.folder, never)).find((entry) => entry.name === 'link');

      expect([found?.kind, listed?.kind]).toEqual(['other', 'other']);
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

    it('reads to the end of a file that grows meanwhile, and says so (C03)', async () => {
      const rig = await start();
      const content = randomBytes(large + chunk);
      rig.put('file', content.subarray(0, large));

      const read = await drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () =>
        rig.change('file', content),
      );

      expect(read.verdict).toEqual({ kind: 'grew', expectedBytes: large, bytes: content.length });
      expect(sha256(read.content)).toBe(sha256(content));
    });

    it('says that a file became shorter than it was when it was opened (C04, C06)', async () => {
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
        rig.files.remove(`${rig.folder}/file`, signal),
        drained(rig.files.read(`${rig.folder}/file`, { signal, maxBytes })),
      ];

      const settled = await Promise.allSettled(failures);
      expect(settled.map((each) => each.status === 'rejected' && each.reason)).toEqual(Array(4).fill(reason));
      expect(rig.has('file')).toBe(true);
    });

    it('fails when the connection is lost in the middle of a file, and at every call after (C20)', async () => {
      const rig = await start();
      rig.put('file', randomBytes(100 * chunk));

      const failure = drained(rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes }), () => rig.cut());

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
      await expect(rig.files.list(rig.folder, never)).rejects.toMatchObject({ code: 'connection-lost' });
    });

    it('lets go of a file whose reader stops early', async () => {
      const rig = await start();
      rig.put('file', randomBytes(large));
      const download = rig.files.read(`${rig.folder}/file`, { signal: never, maxBytes });

      for await (const _chunk of download.chunks) break;

      expect(() => download.verdict()).toThrow();
      expect(await rig.files.list(rig.folder, never)).toHaveLength(1);
    });

    it('removes a file, and only that', async () => {
      const rig = await start();
      rig.put('mine', Buffer.from('x'));
      rig.put('theirs', Buffer.from('x'));

      await rig.files.remove(`${rig.folder}/mine`, never);

      expect([rig.has('mine'), rig.has('theirs')]).toEqual([false, true]);
    });

    it('says that a file to remove is not there', async () => {
      const rig = await start();

      const failure = rig.files.remove(`${rig.folder}/nothing`, never);

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'no-such-file' });
    });
  });
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
