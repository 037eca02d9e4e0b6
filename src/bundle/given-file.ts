import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Bundle } from '../domain/bundle-layout.js';
import { usageError, whyNoFile } from '../errors.js';
import { hashFile } from './zip.js';

/** A file that somebody named, as it is to be attached. @throws UserError `bad-file` */
export async function givenFile(given: string, signal: AbortSignal): Promise<Bundle> {
  const path = resolve(given);
  const hint = 'Name a file that can be read, the id of a run, or a ZIP that icepack made';
  const found = await stat(path).catch((error: unknown) => {
    throw usageError('bad-file', `nothing was attached: ${whyNoFile(given, error)}`, hint);
  });
  if (!found.isFile()) throw usageError('bad-file', `"${given}" is no file`, hint);
  return { path, name: basename(path), ...(await hashFile(path, signal)) };
}
