import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '../domain/bundle-layout.js';

const bytes = 1024;
const endBytes = 22;

/** Lends a ZIP of 1 kB that holds nothing, and no two are the same: something to try a help desk with. */
export async function withSmallZip<T>(name: string, work: (zip: Bundle) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'icepack-'));
  try {
    const path = join(folder, name);
    const content = emptyZip();
    await writeFile(path, content, { mode: 0o600 });
    return await work({ path, name, bytes, sha256: createHash('sha256').update(content).digest('hex') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The end of a central directory without entries, with a comment that fills it up (APPNOTE 4.3.16). */
function emptyZip(): Buffer {
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(bytes - endBytes, endBytes - 2);
  return Buffer.concat([end, Buffer.from(randomBytes((bytes - endBytes) / 2).toString('hex'))]);
}
