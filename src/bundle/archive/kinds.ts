import type { Flaw } from './archive.js';
import type { DirectoryEntry } from './directory.js';
import { extraField } from './extra-fields.js';
import { isBomb } from './limits.js';

const format = { mask: 0o170000, file: 0o100000, folder: 0o040000, link: 0o120000 };
const special = 0o7000;
const dos = { volume: 0x08, folder: 0x10, reparsePoint: 0x400 };
const oldUnix = 0x000d;
const asiUnix = 0x756e;
const encryption = 0x0001 | 0x0040 | 0x2000;
const aes = 0x9901;
/** What ordinary readers know: ZIP64. Beyond it are other ways to pack and to encrypt. */
const newestVersion = 46;

/** Why an entry is nothing that may be unpacked, whatever its name; undefined where it is a plain file or a folder. */
export function faultOfKind(entry: DirectoryEntry): { id: Flaw['id']; text: string } | undefined {
  return faultOfMode(entry) ?? faultOfPacking(entry) ?? faultOfSizes(entry);
}

function faultOfMode({ attributes, extra, decoded }: DirectoryEntry): { id: Flaw['id']; text: string } | undefined {
  const isFolder = decoded.name.endsWith('/');
  const modes = [attributes >>> 16, extraField(extra, asiUnix)?.subarray(4)].map((mode) =>
    typeof mode === 'number' ? mode : mode !== undefined && mode.length >= 2 ? mode.readUInt16LE(0) : 0,
  );
  const kinds = modes.map((mode) => mode & format.mask).filter((kind) => kind !== 0);
  if (kinds.includes(format.link) || attributes & dos.reparsePoint || (extraField(extra, oldUnix)?.length ?? 0) > 12)
    return { id: 'safe.link', text: 'is a link' };
  const oddDos = isFolder ? dos.volume : dos.volume | dos.folder;
  if (kinds.some((kind) => kind !== (isFolder ? format.folder : format.file)) || attributes & oddDos)
    return { id: 'safe.mode', text: 'is neither a plain file nor a folder' };
  if (modes.some((mode) => (mode & special) !== 0))
    return { id: 'safe.mode', text: 'would run with the rights of another user' };
  return undefined;
}

function faultOfPacking({
  version,
  flags,
  method,
  extra,
}: DirectoryEntry): { id: Flaw['id']; text: string } | undefined {
  if (flags & encryption || extraField(extra, aes) !== undefined) return { id: 'safe.encrypted', text: 'is encrypted' };
  if (flags & 0x20 || (method !== 0 && method !== 8))
    return { id: 'safe.method', text: `is packed in a way that not everybody can unpack (method ${method})` };
  if (version > newestVersion) return { id: 'safe.method', text: `needs a reader of ZIP ${version / 10}` };
  return undefined;
}

function faultOfSizes({
  bytes,
  packedBytes,
  method,
  decoded,
}: DirectoryEntry): { id: Flaw['id']; text: string } | undefined {
  if (decoded.name.endsWith('/') && bytes > 0) return { id: 'safe.sizes', text: 'is a folder with content of its own' };
  if (method === 0 && bytes !== packedBytes) return { id: 'safe.sizes', text: 'is not packed, and has two sizes' };
  if (isBomb(bytes, packedBytes))
    return { id: 'safe.bomb', text: `would become ${Math.round(bytes / Math.max(1, packedBytes))} times as large` };
  return undefined;
}
