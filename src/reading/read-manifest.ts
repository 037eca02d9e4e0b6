import { type Manifest, manifestSchema } from '../domain/manifest.js';
import { UserError } from '../errors.js';

/**
 * What became of the manifest: `none` is there; `newer`: of a later icepack, read as far as it is known; `older`: of an
 * earlier one, read as far as it goes; `damaged`: it cannot be read; `foreign`: it is of another program; `unsafe`: it was
 * not read, because of the archive.
 */
export type ManifestState = 'read' | 'newer' | 'older' | 'damaged' | 'foreign' | 'none' | 'unsafe';

type ManifestFile = { bytes: number; read(): AsyncIterable<Buffer> };

const maxBytes = 64 * 1024 * 1024;

export async function readManifest(
  file: ManifestFile | undefined,
): Promise<{ manifest: Manifest | undefined; manifestState: ManifestState }> {
  if (file === undefined) return { manifest: undefined, manifestState: 'none' };
  const text = file.bytes > maxBytes ? undefined : await textOf(file);
  const value = text === undefined ? undefined : parsed(text);
  const exact = manifestSchema.safeParse(value);
  if (exact.success) return { manifest: exact.data, manifestState: 'read' };
  if (value !== undefined && !isOurs(value)) return { manifest: undefined, manifestState: 'foreign' };
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof schema !== 'number' || schema === 1) return { manifest: undefined, manifestState: 'damaged' };
  const known = manifestSchema.safeParse({ ...(value as object), schema: 1 });
  const manifestState = schema > 1 ? 'newer' : 'older';
  return { manifest: known.data, manifestState };
}

const ourKeys = ['schema', 'tool', 'run', 'reference', 'event', 'servers'];

function isOurs(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ourKeys.some((key) => key in value);
}

/** Undefined where the archive is damaged there. */
async function textOf(file: ManifestFile): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of file.read()) chunks.push(chunk);
  } catch (error) {
    if (error instanceof UserError && error.code === 'archive-damaged') return undefined;
    throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as damaged
  }
}
