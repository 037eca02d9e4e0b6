import type { Attributes } from 'ssh2';
import { defined } from '../../domain/defined.js';
import type { RemoteEntry } from './remote-files.js';

export type Facts = Omit<RemoteEntry, 'name'>;

const typeMask = 0o170000;
const file = 0o100000;
const folder = 0o040000;
const link = 0o120000;

/** The facts a server reports about a file; where a link leads to is not known yet. */
export function factsOf(attrs: Attributes): Facts {
  const type = (attrs.mode ?? 0) & typeMask;
  const sizeBytes = sizeOf(attrs);
  const modifiedAt = timeOf(attrs);
  return {
    kind: kindOf(type),
    ...(type === link ? { isLink: true } : {}),
    ...defined({ sizeBytes, modifiedAt }),
  };
}

export function timeOf(attrs: { mtime?: number }): Date | undefined {
  return attrs.mtime !== undefined && Number.isFinite(attrs.mtime) ? new Date(attrs.mtime * 1000) : undefined;
}

export function sizeOf(attrs: { size?: number }): number | undefined {
  return attrs.size !== undefined && Number.isSafeInteger(attrs.size) && attrs.size >= 0 ? attrs.size : undefined;
}

/** The kind of a file by its type bits; without a mode it is taken for a file. */
function kindOf(type: number): RemoteEntry['kind'] {
  if (type === file || type === 0) return 'file';
  return type === folder ? 'folder' : 'other';
}
