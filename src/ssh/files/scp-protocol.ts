import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';
import { nameOfBytes } from '../byte-names.js';

/** One control record of the old `scp` protocol, as its source sends them. */
export type ScpRecord =
  /** A file: its bytes follow, and a status. */
  | { kind: 'file'; bytes: number; name: string }
  | { kind: 'folder'; name: string }
  | { kind: 'end-of-folder' }
  /** When the next file or folder was changed. */
  | { kind: 'times'; modifiedAt: Date }
  /** Something went wrong on the server. */
  | { kind: 'trouble'; text: string };

/** The longest record that is read, far longer than a name may be. */
export const maxRecordBytes = 8192;
const maxFileBytes = 2 ** 53 - 1;

/** Whether a byte can begin a record: C, D, E, T, a warning (1) or an error (2). */
export function beginsRecord(first: number | undefined): boolean {
  return first !== undefined && [0x43, 0x44, 0x45, 0x54, 0x01, 0x02].includes(first);
}

/**
 * The first record, found at the end of a line: a login script may have printed text before it, even without a line end.
 */
export function recordAfterNoise(line: Buffer): ScpRecord | undefined {
  const found = /(?:[CD][0-7]{4} \d{1,16} .+|T\d{1,12} \d{1,6} \d{1,12} \d{1,6}|[\x01\x02].*)$/s.exec(
    line.toString('latin1'),
  );
  return found === null ? undefined : parseScpRecord(line.subarray(found.index), true);
}

/**
 * Reads a control record, without its LF.
 * @param isFirst it offers what was asked for, which may be the folder `.` or `/`
 * @throws UserError `scp-broken` for what no honest source sends
 */
export function parseScpRecord(record: Buffer, isFirst = false): ScpRecord {
  const text = nameOfBytes(record);
  const rest = text.slice(1);
  switch (record[0]) {
    case 0x01:
    case 0x02:
      return { kind: 'trouble', text: printableLine(rest) || 'it does not say why' };
    case 0x43: // C
    case 0x44: {
      const match = /^[0-7]{4} (\d{1,16}) ([^\n]*)$/.exec(rest);
      const bytes = Number(match?.[1]);
      const name = match?.[2];
      if (name === undefined || bytes > maxFileBytes) throw broken(text);
      if (isFirst && record[0] === 0x44 && isRoot(name)) return { kind: 'folder', name };
      if (!isPlainName(name)) throw broken(text);
      return record[0] === 0x43 ? { kind: 'file', bytes, name } : { kind: 'folder', name };
    }
    case 0x45: // E
      if (rest !== '') throw broken(text);
      return { kind: 'end-of-folder' };
    case 0x54: {
      const match = /^(\d{1,12}) \d{1,6} \d{1,12} \d{1,6}$/.exec(rest);
      if (match === null) throw broken(text);
      return { kind: 'times', modifiedAt: new Date(Number(match[1]) * 1000) };
    }
    default:
      throw broken(text);
  }
}

function isPlainName(name: string): boolean {
  return name !== '' && !/[/\0]/.test(name) && name !== '.' && name !== '..';
}

function isRoot(name: string): boolean {
  return ['', '.', '..', '/'].includes(name);
}

export function broken(record: string): Error {
  return itemError('scp-broken', `it does not keep to the SCP protocol: "${printableLine(record, 80)}"`);
}
