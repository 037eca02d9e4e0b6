import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { lookInto } from '../../src/collectors/archives/flaw.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-archives-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = join(folder, 'files');
mkdirSync(join(files, 'a-folder'), { recursive: true });
writeFileSync(join(files, 'a-folder', 'config.xml'), '<config/>\n'.repeat(300));
writeFileSync(join(files, 'zeros'), Buffer.alloc(5000)); // looks like the end of an archive
writeFileSync(join(files, 'noise'), randomBytes(3000));
writeFileSync(join(files, `${'long-name-'.repeat(15)}.txt`), 'x');
symlinkSync('noise', join(files, 'link'));
writeFileSync(join(files, 'sparse'), 'x');
truncateSync(join(files, 'sparse'), 300_000);

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

function made(program: string, ...args: string[]): Buffer {
  return execFileSync(program, args, { cwd: files, maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] });
}

function packed(program: string, input: Buffer, ...args: string[]): Buffer {
  return execFileSync(program, args, { input, maxBuffer: 64 * 1024 * 1024 });
}

function zipped(...args: string[]): Buffer {
  if (!has('python3')) return Buffer.alloc(0);
  const path = join(folder, `${args.join('')}.zip`);
  execFileSync('python3', ['-c', zipScript, path, ...args], { cwd: files });
  return readFileSync(path);
}
const zipScript = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_STORED if 'stored' in sys.argv else zipfile.ZIP_DEFLATED) as z:
    for name in sorted(os.listdir('.')): z.write(name)
    if 'comment' in sys.argv: z.comment = b'PK\\x05\\x06 a comment'
    if 'zip64' in sys.argv: z.open(zipfile.ZipInfo('big'), 'w', force_zip64=True).close()
`;

const tar = made('tar', '-c', '.');
const whole: [what: string, name: string, content: Buffer][] = [
  ['tar', 'a.tar', tar],
  ['tar of one block at a time', 'a.tar', made('tar', '-b1', '-c', '.')],
  ['tar with holes', 'a.tar', made('tar', '-cS', '.')],
  ['tar as POSIX has it', 'a.tar', made('tar', '--format=posix', '-cS', '.')],
  ['tar of before 1988', 'a.tar', made('tar', '--format=v7', '-c', 'a-folder', 'noise', 'zeros')],
  ['packed tar', 'a.tar.gz', made('tar', '-cz', '.')],
  [
    'packed tar in two members',
    'a.tgz',
    Buffer.concat([gzipSync(tar.subarray(0, 5000)), gzipSync(tar.subarray(5000))]),
  ],
  ['packed text', 'system.log.gz', gzipSync('12:00:00 started\n')],
  ['ZIP', 'a.zip', zipped()],
  ['stored ZIP', 'a.zip', zipped('stored')],
  ['ZIP with a comment', 'a.zip', zipped('comment')],
  ['xz', 'a.tar.xz', has('xz') ? packed('xz', tar, '-c') : Buffer.alloc(0)],
  ['bzip2', 'a.tar.bz2', has('bzip2') ? packed('bzip2', tar, '-c') : Buffer.alloc(0)],
  ['zstd', 'a.tar.zst', has('zstd') ? packed('zstd', tar, '-c') : Buffer.alloc(0)],
];
const archives = whole.filter(([, , content]) => content.length > 0);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function look(content: Buffer, name: string, { mustHold = true, pieceBytes = 100_000 } = {}) {
  return lookInto(inPieces(content, pieceBytes), { name, mustHold });
}

describe('an archive', () => {
  it.each(
    archives,
  )('that is a whole %s is found to be whole, whatever it is called (field-B01)', async (_what, name, content) => {
    expect(await look(content, name)).toEqual({ proven: true });
    expect(await look(content, 'techsupport.tsf')).toEqual({ proven: true });
    expect(await look(content, name, { pieceBytes: 517 })).toEqual({ proven: true });
  });

  it.each(
    archives,
  )('that is a %s, cut anywhere, is never found to be whole (field-B01)', async (_what, name, content) => {
    // The zeros that fill up the last record of a tar archive are no part of what must be there.
    const needed = content.length - (name.endsWith('.tar') ? zerosAtEnd(content) - 512 : 0);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: needed - 1 }), async (at) => {
        const { flaw, proven } = await look(content.subarray(0, at), name);

        expect(flaw).toBeDefined();
        expect(proven).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it.each(archives)('that is a %s may have zeros behind it (field-B01)', async (_what, name, content) => {
    expect(await look(Buffer.concat([content, Buffer.alloc(512)]), name)).toEqual({ proven: true });
  });

  it.each([
    'a.tar.gz',
    'a.tgz',
    'a.tar',
    'a.zip',
  ])('may be another one than its name %s says (field-B01)', async (name) => {
    expect(await look(tar, name)).toEqual({ proven: true });
    expect(await look(gzipSync(tar), name)).toEqual({ proven: true });
  });

  it.skipIf(!has('python3'))('that holds a whole ZIP and is cut behind it is cut (field-B01)', async () => {
    writeFileSync(join(files, '0-inner.zip'), zipped('stored'));
    const outer = zipped('stored', 'outer');
    rmSync(join(files, '0-inner.zip'));
    const inner = zipped('stored').length;

    const { flaw } = await look(outer.subarray(0, 30 + '0-inner.zip'.length + inner), 'a.zip');

    expect(flaw).toBe('the ZIP is cut: its central directory is missing');
  });

  it.each([
    [
      'has a byte changed in its middle',
      'CRC differs|damaged',
      (packedTar: Buffer) => packedTar.fill(0x55, 2000, 2001),
    ],
    ['ends with another size', 'its size differs', (packedTar: Buffer) => packedTar.fill(0x55, packedTar.length - 1)],
  ])('that %s is damaged (field-B01)', async (_what, reason, damage) => {
    const { flaw } = await look(damage(gzipSync(tar)), 'a.tar.gz');

    expect(flaw).toMatch(new RegExp(reason));
  });
});

describe('what only calls itself an archive', () => {
  const denied = 'tar: /etc/incenter: Cannot open: Permission denied\ntar: Exiting with failure status\n';

  it.each<[what: string, name: string, content: Buffer, flaw: string]>([
    ['nothing', 'a.tar.gz', Buffer.alloc(0), 'it is empty'],
    [
      'the words of a failure',
      'a.tar.gz',
      Buffer.from(denied),
      'it is text and no archive: tar: /etc/incenter: Cannot open: Permission denied',
    ],
    ['zeros', 'a.tar.gz', Buffer.alloc(10_000), 'it begins with nothing but zeros'],
    ['noise', 'a.tar.gz', Buffer.alloc(10_000, '\u0001\u0002\u00ff'), 'it does not begin as an archive does'],
    ['a packed nothing', 'a.tar.gz', gzipSync(''), 'unpacked, it is empty'],
    [
      'a packed failure',
      'a.tgz',
      gzipSync(denied),
      'unpacked, it is text and no archive: tar: /etc/incenter: Cannot open: Permission denied',
    ],
    ['an archive of nothing', 'a.tar.gz', gzipSync(Buffer.alloc(10_240)), 'unpacked, it begins with nothing but zeros'],
  ])('and holds %s is no evidence (field-B01)', async (_what, name, content, flaw) => {
    expect(await look(content, name)).toEqual({ flaw, proven: false });
  });
});

describe('a techsupport file, whose form is not public,', () => {
  it.each<[what: string, content: Buffer]>([
    ['noise', Buffer.concat([Buffer.from([1]), randomBytes(5000)])],
    ['a long text', Buffer.from('uptime: 41 days, errors: 0, denied: 17\n'.repeat(200))],
    ['a short text', Buffer.from('Technical Support Information\nuptime: 41 days\n')],
    ['a disk of zeros, packed a thousandfold', gzipSync(Buffer.alloc(100_000_000))],
  ])('may be %s (field-B01)', async (_what, content) => {
    expect(await look(content, 'techsupport_20261128.tsf')).toEqual({ proven: false });
  });

  it('may be noise under the name of an archive (field-B01)', async () => {
    const claim = { name: 'techsupport.tgz', mustHold: true, mayBeUnknown: true };

    expect(await lookInto(inPieces(Buffer.alloc(5000, '\u0001\u0002\u00ff'), 700), claim)).toEqual({ proven: false });
  });

  it.each<[what: string, content: Buffer, flaw: string]>([
    ['empty', Buffer.alloc(0), 'it is empty'],
    [
      'the words of a failure',
      Buffer.from('Error: no space left on device\n'),
      'it holds nothing but: Error: no space left on device',
    ],
    ['nothing but zeros', Buffer.alloc(5000), 'it begins with nothing but zeros'],
  ])('may not be %s (field-B01)', async (_what, content, flaw) => {
    expect(await look(content, 'techsupport_20261128.tsf')).toEqual({ flaw, proven: false });
  });
});

describe('any other file', () => {
  it.each([
    ['nothing', ''],
    ['the words of a failure', 'error: no space left on device\n'],
  ])('may hold %s (field-B01)', async (_what, content) => {
    expect(await look(Buffer.from(content), 'messages', { mustHold: false })).toEqual({ proven: false });
  });
});

function zerosAtEnd(bytes: Buffer): number {
  let zeros = 0;
  while (bytes[bytes.length - 1 - zeros] === 0) zeros++;
  return zeros;
}
