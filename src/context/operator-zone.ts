import { realpathSync } from 'node:fs';
import { zoneOfRule } from '../domain/posix-zone.js';
import { isZone } from '../domain/zone-name.js';

/** The operator's zone; `doubt` says why it is only assumed. */
export type OperatorZone = { name: string; doubt?: string };

/** The operator's zone, with TZ read as the C library reads it. Node takes a POSIX rule for UTC, and ignores a path. */
export function operatorZone(env: Record<string, string | undefined>, now: Date): OperatorZone {
  const given = env['TZ'];
  if (given === '') return { name: 'UTC' };
  const name = given === undefined ? zoneOfMachine() : zoneIn(given.replace(/^:/, ''), now);
  if (name !== undefined) return { name };
  const what =
    given === undefined ? 'this machine names none' : `TZ=${JSON.stringify(given.slice(0, 80))} is not understood`;
  return { name: 'UTC', doubt: `your time zone is not known: ${what}` };
}

function zoneOfMachine(): string | undefined {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone !== undefined && timeZone !== 'Etc/Unknown' && isZone(timeZone)
    ? timeZone
    : zoneOfPath('/etc/localtime');
}

function zoneIn(text: string, now: Date): string | undefined {
  if (text.startsWith('/')) return zoneOfPath(text);
  const name = text.replace(/^(?:posix|right)\//, '');
  return /^[A-Za-z]/.test(name) && isZone(name) ? name : zoneOfRule(text, now);
}

/** The name of a zone in the path of its file, or in the target of that link. */
function zoneOfPath(path: string): string | undefined {
  return nameIn(path) ?? nameIn(resolved(path));
}

function nameIn(path: string): string | undefined {
  const name = /\/zoneinfo[^/]*\/(?:posix\/|right\/)?([A-Za-z][A-Za-z0-9_+/-]*)$/.exec(path)?.[1];
  return name !== undefined && isZone(name) ? name : undefined;
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return ''; // it is not there, and so no zone
  }
}
