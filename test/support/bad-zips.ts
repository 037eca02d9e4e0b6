import { deflateRawSync } from 'node:zlib';
import { descriptorBit, extraOf, longSizes, type MadeEntry, type MadeZip, madeZip, utf8Bit } from './made-zip.ts';

const folder = 'TIC-1/Event1_ICE01_20261120_1032';
export const good: MadeEntry = { name: `${folder}/Logs/system.log`, content: 'a line\n'.repeat(50) };
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const patched = (change: (bytes: Buffer) => void, spec: MadeZip = { entries: [good] }): Buffer => {
  const bytes = madeZip(spec);
  change(bytes);
  return bytes;
};
const named = (...names: (string | Buffer)[]): Buffer =>
  madeZip({ entries: [good, ...names.map((name) => ({ name }))] });
const withOne = (entry: Partial<MadeEntry>): Buffer =>
  madeZip({ entries: [good, { name: `${folder}/VM/vm.txt`, ...entry }] });
const infoZipPath = (name: string): Buffer =>
  extraOf(0x7075, Buffer.concat([Buffer.from([1]), zeros(4), Buffer.from(name)]));
const bomb = deflateRawSync(zeros(200_000_000), { level: 9 });
const inner = madeZip({ entries: [{ name: 'TIC-2/other.log' }] });

/** ZIPs that ordinary programs write: nothing is wrong with them. */
export const goodZips: Record<string, Buffer> = {
  plain: madeZip({ entries: [good] }),
  'a descriptor': withOne({ flags: descriptorBit }),
  'a descriptor without a signature': withOne({ flags: descriptorBit, descriptor: 'bare' }),
  'a long descriptor': withOne({ flags: descriptorBit, descriptor: 'long' }),
  stored: withOne({ method: 0 }),
  'empty files': withOne({ method: 0, content: '' }),
  folders: madeZip({
    entries: [{ name: 'TIC-1/', content: '', method: 0, mode: 0o040755, dosAttributes: 0x10 }, good],
  }),
  'the end of ZIP64': madeZip({ entries: [good], zip64: true }),
  'a comment': madeZip({ entries: [good], comment: 'made for support' }),
  'a name in UTF-8': withOne({ name: `${folder}/VM/Händelse.txt`, flags: utf8Bit }),
  'a name in code page 437': withOne({ name: Buffer.from('TIC-1/H\x84ndelse.txt', 'latin1') }),
  'a second name for what the first cannot write': withOne({
    name: Buffer.from('TIC-1/H\x84ndelse.txt', 'latin1'),
    extra: infoZipPath('TIC-1/Händelse.txt'),
  }),
  'a small ZIP inside, not packed': withOne({ method: 0, content: inner }),
  'attributes of DOS alone': withOne({ mode: 0, dosAttributes: 0x20 }),
};

/** ZIPs that must be refused, by what is wrong with them, and the id of the flaw. */
export const badZips: Record<string, [id: string, zip: Buffer]> = {
  'a way out': ['safe.name', named('../../etc/passwd')],
  'a way out further down': ['safe.name', named('TIC-1/a/../../../x')],
  'an absolute path': ['safe.name', named('/etc/passwd')],
  backslashes: ['safe.name', named('TIC-1\\..\\..\\x')],
  'a UNC path': ['safe.name', named('\\\\server\\share\\x')],
  'a UNC path with slashes': ['safe.name', named('//server/share/x')],
  'a drive': ['safe.name', named('C:/x')],
  'a drive without a slash': ['safe.name', named('c:x')],
  'a hidden stream': ['safe.name', named('TIC-1/a.log:stream')],
  'a dot at the end': ['safe.name', named('TIC-1/a.log.')],
  'a space at the end': ['safe.name', named('TIC-1/a.log /b')],
  'three dots': ['safe.name', named('TIC-1/.../b')],
  'a device of Windows': ['safe.name', named('TIC-1/con')],
  'a device of Windows with an ending': ['safe.name', named('TIC-1/LPT1.txt')],
  'a device of Windows as a folder': ['safe.name', named('TIC-1/aux/a.log')],
  'an empty part': ['safe.name', named('TIC-1//a.log')],
  'a part that is a dot': ['safe.name', named('./TIC-1/a.log')],
  'no name': ['safe.name', named('')],
  'a name that is too long': ['safe.name', named(`TIC-1/${'a'.repeat(300)}`)],
  'too many folders': ['safe.name', named(`${'a/'.repeat(200)}b`)],
  'an escape in a name': ['safe.hidden-characters', named('TIC-1/\x1b[2Jx')],
  'C1 in a name': ['safe.hidden-characters', named('TIC-1/\u009b2Jx')],
  'a NUL in a name': ['safe.hidden-characters', named('TIC-1/a\0.log')],
  'a line feed in a name': ['safe.hidden-characters', named('TIC-1/a\nb')],
  'text turned around in a name': ['safe.hidden-characters', named('TIC-1/\u202egol.exe')],
  'characters of no width in a name': ['safe.hidden-characters', named('TIC-1/a\u200b.log')],
  'a soft hyphen in a name': ['safe.hidden-characters', named('TIC-1/a\u00ad.log')],
  'a line separator in a name': ['safe.hidden-characters', named('TIC-1/a\u2028.log')],
  'tags in a name': ['safe.hidden-characters', named('TIC-1/a\u{e0041}.log')],
  'a name that is no UTF-8': [
    'safe.name-encoding',
    withOne({ name: Buffer.from('TIC-1/\xff\xfe', 'latin1'), flags: utf8Bit }),
  ],
  'UTF-8 that is too long': [
    'safe.name-encoding',
    withOne({ name: Buffer.from('TIC-1/\xc0\xae', 'latin1'), flags: utf8Bit }),
  ],
  'a second name that leads elsewhere': ['safe.two-names', withOne({ extra: infoZipPath('../../x') })],
  'a second name in the own header alone': ['safe.header', withOne({ local: { extra: infoZipPath('../../x') } })],
  twins: ['safe.twins', named('TIC-1/a.log', 'TIC-1/a.log')],
  'twins of other case': ['safe.twins', named('TIC-1/a.log', 'TIC-1/A.LOG')],
  'twins in NFC and NFD': ['safe.twins', named('TIC-1/\u00e5.log', 'TIC-1/a\u030a.log')],
  'twins by another letter of the same case': ['safe.twins', named('TIC-1/k.log', 'TIC-1/\u212a.log')],
  'twins with a folder of other case': ['safe.twins', named('TIC-1/Logs/a', 'TIC-1/logs/A')],
  'a file that is a folder': ['safe.file-and-folder', named('TIC-1/a', 'TIC-1/a-b', 'TIC-1/a/b')],
  'a file that is a folder of other case': ['safe.file-and-folder', named('TIC-1/A', 'TIC-1/a/b')],
  'a folder entry with the name of a file': [
    'safe.twins',
    madeZip({ entries: [good, { name: 'TIC-1/a' }, { name: 'TIC-1/a/', content: '', mode: 0o040755 }] }),
  ],
  'two manifests': ['safe.manifests', named('TIC-1/manifest.json', 'TIC-2/manifest.json')],
  'a manifest inside and one at the top': ['safe.manifests', named('TIC-1/manifest.json', 'manifest.json')],
  'a symbolic link': ['safe.link', withOne({ mode: 0o120777, content: '/etc/passwd' })],
  'a link by an old extra field': [
    'safe.link',
    withOne({ extra: extraOf(0x000d, Buffer.concat([zeros(12), Buffer.from('/etc/passwd')])) }),
  ],
  'a link by ASi': [
    'safe.link',
    withOne({ extra: extraOf(0x756e, Buffer.concat([zeros(4), Buffer.from([0xff, 0xa1]), zeros(8)])) }),
  ],
  'a reparse point': ['safe.link', withOne({ mode: 0, dosAttributes: 0x400 })],
  'a device': ['safe.mode', withOne({ mode: 0o060644 })],
  'a pipe': ['safe.mode', withOne({ mode: 0o010644 })],
  'a socket': ['safe.mode', withOne({ mode: 0o140644 })],
  setuid: ['safe.mode', withOne({ mode: 0o104755 })],
  setgid: ['safe.mode', withOne({ mode: 0o102755 })],
  'a folder that is no folder': ['safe.mode', withOne({ mode: 0o040755 })],
  'a folder of DOS that is no folder': ['safe.mode', withOne({ mode: 0, dosAttributes: 0x10 })],
  'a folder with content': ['safe.sizes', withOne({ name: 'TIC-1/x/', mode: 0o040755 })],
  encrypted: ['safe.encrypted', withOne({ flags: 1 })],
  'strongly encrypted': ['safe.encrypted', withOne({ flags: 0x41 })],
  'encrypted with AES': ['safe.encrypted', withOne({ method: 99, flags: 1 })],
  'a hidden directory': ['safe.encrypted', withOne({ flags: 0x2000 })],
  'method 99': ['safe.method', withOne({ method: 99 })],
  'method 12': ['safe.method', withOne({ method: 12 })],
  'patched data': ['safe.method', withOne({ flags: 0x20 })],
  'one part of several': ['safe.split', madeZip({ entries: [good], end: (end) => void end.writeUInt16LE(1, 4) })],
  'an entry on another part': ['safe.split', withOne({ disk: 1 })],
  'a part of several in ZIP64': [
    'safe.split',
    madeZip({ entries: [good], zip64: true, end: (end) => void end.writeUInt32LE(2, 72) }),
  ],
  'the end of ZIP64 elsewhere': [
    'safe.zip64',
    madeZip({ entries: [good], zip64: true, end: (end) => void end.writeUInt32LE(7, 64) }),
  ],
  'the end of ZIP64 that says otherwise': [
    'safe.zip64',
    madeZip({
      entries: [good],
      zip64: true,
      end: (end) => {
        end.writeUInt16LE(7, 84);
        end.writeUInt16LE(7, 86);
      },
    }),
  ],
  'the end of ZIP64 of another length': [
    'safe.zip64',
    madeZip({ entries: [good], zip64: true, end: (end) => void end.writeUInt32LE(99, 4) }),
  ],
  'no end of ZIP64 where one is announced': [
    'safe.zip64',
    madeZip({ entries: [good], end: (end) => void end.writeUInt32LE(0xffffffff, 16) }),
  ],
  'no ZIP64 sizes where they are announced': ['safe.zip64', withOne({ says: { bytes: 0xffffffff } })],
  'ZIP64 sizes that lie': [
    'safe.header',
    withOne({ says: { bytes: 0xffffffff }, extra: longSizes(5), local: { extra: zeros(0) } }),
  ],
  'ZIP64 sizes that nobody asked for': ['safe.zip64', withOne({ extra: longSizes(1, 2, 3) })],
  'more in the directory than said': [
    'safe.directory',
    madeZip({
      entries: [good, { name: 'TIC-1/b' }],
      end: (end) => {
        end.writeUInt16LE(1, 8);
        end.writeUInt16LE(1, 10);
      },
    }),
  ],
  'less in the directory than said': [
    'safe.directory',
    madeZip({
      entries: [good],
      end: (end) => {
        end.writeUInt16LE(9, 8);
        end.writeUInt16LE(9, 10);
      },
    }),
  ],
  'a directory of another length': [
    'safe.directory',
    madeZip({ entries: [good], end: (end) => void end.writeUInt32LE(end.readUInt32LE(12) - 1, 12) }),
  ],
  'a directory elsewhere': [
    'safe.directory',
    madeZip({
      entries: [good],
      end: (end) => {
        end.writeUInt32LE(1, 16);
        end.writeUInt32LE(3, 12);
      },
    }),
  ],
  'another name in its own header': ['safe.header', withOne({ local: { name: '../../x' } })],
  'another method in its own header': ['safe.header', withOne({ local: { method: 0 } })],
  'other flags in its own header': ['safe.header', withOne({ local: { flags: 0x800 } })],
  'another size in its own header': ['safe.header', withOne({ local: { bytes: 3 } })],
  'another packed size in its own header': ['safe.header', withOne({ local: { packedBytes: 3 } })],
  'another CRC in its own header': ['safe.header', withOne({ local: { crc: 3 } })],
  'a descriptor that lies': ['safe.header', withOne({ flags: descriptorBit, descriptor: 'none' })],
  'no header where one is said to be': ['safe.header', withOne({ says: { at: 3 } })],
  'an entry beyond the end': ['safe.header', withOne({ says: { at: 0x7fffffff } })],
  'two entries over each other': [
    'safe.overlap',
    madeZip({ entries: [good, { ...good, name: `${good.name}2`, says: { at: 0 }, local: { name: `${good.name}2` } }] }),
  ],
  'an entry over the directory': ['safe.overlap', withOne({ method: 0, says: { bytes: 100, packedBytes: 100 } })],
  'bytes before': ['safe.bytes-before', madeZip({ entries: [good], before: Buffer.from('junk') })],
  'a program before': [
    'safe.bytes-before',
    madeZip({ entries: [good], before: Buffer.concat([Buffer.from('MZ'), zeros(500)]) }),
  ],
  'bytes before that nobody counted': [
    'safe.bytes-before',
    Buffer.concat([Buffer.from('junk'), madeZip({ entries: [good] })]),
  ],
  'bytes behind': ['safe.bytes-after', madeZip({ entries: [good], behind: Buffer.from('junk') })],
  'another ZIP before': ['safe.bytes-before', Buffer.concat([inner, madeZip({ entries: [good] })])],
  'another ZIP behind, in the comment': ['safe.bytes-before', madeZip({ entries: [good], comment: inner })],
  'another end in the comment': [
    'safe.two-ends',
    madeZip({ entries: [good], comment: Buffer.concat([inner.subarray(-22), Buffer.from('x')]) }),
  ],
  'bytes between': [
    'safe.bytes-between',
    madeZip({ entries: [{ ...good, behind: Buffer.from('hidden') }, { name: 'TIC-1/b' }] }),
  ],
  'bytes before the directory': [
    'safe.bytes-between',
    madeZip({ entries: [{ ...good, behind: Buffer.from('hidden') }] }),
  ],
  'a comment that is cut': ['safe.comment', patched((bytes) => bytes.writeUInt16LE(500, bytes.length - 2))],
  'an escape in the comment': ['safe.comment', madeZip({ entries: [good], comment: '\x1b]0;title\x07' })],
  'an escape in the comment of an entry': ['safe.comment', withOne({ comment: '\x1b[2J' })],
  'a bomb': ['safe.bomb', withOne({ packed: bomb, says: { bytes: 200_000_000 } })],
  'many small bombs': [
    'safe.bomb',
    madeZip({
      entries: Array.from({ length: 20 }, (_, index) => ({ name: `TIC-1/${index}`, content: zeros(4_000_000) })),
    }),
  ],
  'overlapping bombs': [
    'safe.overlap',
    madeZip({
      entries: [
        { name: 'TIC-1/0', packed: bomb, says: { bytes: 200_000_000 } },
        ...Array.from({ length: 499 }, (_, index) => ({
          name: `TIC-1/${index + 1}`,
          packed: zeros(0),
          says: { at: 0, bytes: 200_000_000, packedBytes: bomb.length },
        })),
      ],
    }),
  ],
  'more than any disk': [
    'safe.too-large',
    withOne({
      method: 0,
      content: '',
      says: { bytes: 0xffffffff, packedBytes: 0xffffffff },
      extra: longSizes(2 ** 40, 2 ** 40),
    }),
  ],
  'too many entries': [
    'safe.too-many',
    madeZip({
      entries: Array.from({ length: 20_001 }, (_, index) => ({ name: `TIC-1/${index}`, content: '', method: 0 })),
    }),
  ],
};

/** ZIPs with a sound directory whose content is not what it says. */
export const damagedZips: Record<string, Buffer> = {
  'another CRC': withOne({ says: { crc: 1 } }),
  'another byte': withOne({ method: 0, content: 'some words', packed: Buffer.from('some wordz') }),
  'more than it says': withOne({ content: zeros(100_000), says: { bytes: 10 } }),
  'much more than it says': withOne({ packed: bomb, says: { bytes: 10 } }),
  'less than it says': withOne({ says: { bytes: 5000 } }),
  'packed content that is cut': withOne({ packed: deflateRawSync(zeros(1000)).subarray(0, 5), content: zeros(1000) }),
  'packed content that is none': withOne({ packed: Buffer.from('\xff\xff\xff\xff', 'latin1') }),
  'something behind the packed content': withOne({
    packed: Buffer.concat([deflateRawSync('some words\n'), Buffer.from('hidden')]),
  }),
};

/** Files that are no ZIP, by what is said of them. */
export const otherFiles: Record<string, Buffer> = {
  'it is empty': zeros(0),
  'it is a gzip': Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), zeros(500)]),
  'it is a tar archive': (() => {
    const tar = zeros(10_240);
    tar.write('ustar', 257);
    return Buffer.concat([tar, inner, zeros(1024)]);
  })(),
  'it is a web page': Buffer.from('<!DOCTYPE html>\n<html><body>Please log in</body></html>'),
  'it is a 7z archive': Buffer.from('377abcaf271c0004', 'hex'),
  'it is a RAR archive': Buffer.from('526172211a070100', 'hex'),
  'it is an xz file': Buffer.from('fd377a585a0000', 'hex'),
  'it is a bzip2 file': Buffer.from('BZh91AY&SY'),
  'it is a zstd file': Buffer.from('28b52ffd00', 'hex'),
  'it is a PDF': Buffer.from('%PDF-1.7\n'),
  'it is a text': Buffer.from('some words\n'.repeat(100)),
  'nothing but zeros': zeros(5000),
  'its end is missing': goodZips['plain']?.subarray(0, 100) ?? zeros(0),
  'it is no ZIP': Buffer.from('00ff00ff00ff', 'hex'),
};
