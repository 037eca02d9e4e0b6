import { reasonOf, UserError } from '../errors.js';
import { logFamily } from '../logs/rotation.js';
import { downloadTo, isLocal } from './download.js';
import type { LogCut, LogSource } from './log-read.js';

/** Describes entries that have the name of a log but are not files. */
export function notFiles({ listing }: LogSource, type: string): string[] {
  const others = listing.filter((entry) => entry.kind !== 'file').map((entry) => entry.name);
  return logFamily(type, others).parts.map(({ name }) => `${name} is no file and was left`);
}

/**
 * Reports files of the log that were not read; those in an unsupported packing are handed over whole, if they may hold
 * the window.
 */
export async function keepPassedOver(source: LogSource, { type, unneeded }: LogCut): Promise<string[]> {
  const files = source.listing.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  const { parts, strangers, missing } = logFamily(type, files);
  const told = strangers.map((name) => `"${name}" bears the name of this log and was not read`);
  for (const { after, before } of missing) {
    const isAside = [after, before].every((name) => unneeded.names.includes(name));
    if (!isAside) told.push(`the file between "${after}" and "${before}" is not on the server`);
  }
  for (const { name, packing } of parts) {
    if (packing === undefined || unneeded.names.includes(name)) continue;
    await keepAsItIs(source, name, `${packing} is not unpacked here`);
    told.push(`"${name}" was not read: ${packing} is not unpacked here; it is beside this log as it is`);
  }
  return told;
}

/** Hands over a file unchanged that cannot be unpacked: support may get more out of it. */
export async function keepAsItIs({ tools, files, folder }: LogSource, name: string, why: string): Promise<void> {
  try {
    const finding = await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name });
    tools.evidence.record({ ...finding, status: 'partial', reason: `${why}, so it is here as it is` });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (isLocal(error) || !(error instanceof UserError)) throw error;
    tools.evidence.record({ path: `Logs/${name}`, status: 'failed', reason: reasonOf(error) });
  }
}

export function cannotBeUnpacked(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'unpacks-endlessly';
}
