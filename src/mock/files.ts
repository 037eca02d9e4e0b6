/** A file of the mock appliance; its bytes are made when they are read. */
export type MockFile = { bytes: number; modifiedMs: number; read(offset: number, length: number): Buffer };

/** A tree of files by absolute or root-relative path, without leading `./`. Folders are implied by their files, or named. */
export type MockTree = {
  files: Map<string, MockFile>;
  folders: Set<string>;
  /** What a request over SFTP waits for; tests hold it up. */
  gate?: (request: 'read' | 'remove', path: string) => Promise<void>;
};

export function bufferFile(content: Buffer, modifiedMs: number): MockFile {
  return { bytes: content.length, modifiedMs, read: (offset, length) => content.subarray(offset, offset + length) };
}

/** A block, to be repeated to a length. */
export type Piece = { block: Buffer; bytes: number };

/** A file made of pieces one after the other, so that its size needs no memory. */
export function piecedFile(pieces: readonly Piece[], modifiedMs: number): MockFile {
  return {
    bytes: pieces.reduce((sum, { bytes }) => sum + bytes, 0),
    modifiedMs,
    read(offset, length) {
      const parts: Buffer[] = [];
      let start = 0;
      for (const piece of pieces) {
        parts.push(...partsOf(piece, offset - start, offset + length - start));
        start += piece.bytes;
      }
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    },
  };
}

function partsOf({ block, bytes }: Piece, from: number, to: number): Buffer[] {
  const parts: Buffer[] = [];
  const end = Math.min(to, bytes);
  for (let at = Math.max(0, from); at < end; ) {
    const place = at % block.length;
    const part = block.subarray(place, Math.min(block.length, place + end - at));
    parts.push(part);
    at += part.length;
  }
  return parts;
}

/** @returns the path in the form that the tree uses */
export function treePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

export function isFolder(tree: MockTree, path: string): boolean {
  if (path === '' || path === '/' || tree.folders.has(path)) return true;
  return [...tree.files.keys()].some((file) => file.startsWith(`${path}/`));
}

export function namesIn(tree: MockTree, path: string): string[] {
  const prefix = path === '' ? '' : path === '/' ? '/' : `${path}/`;
  const names = new Set<string>();
  for (const known of [...tree.files.keys(), ...tree.folders]) {
    const name = known.startsWith(prefix) ? known.slice(prefix.length).split('/')[0] : undefined;
    if (name) names.add(name);
  }
  return [...names].sort();
}
