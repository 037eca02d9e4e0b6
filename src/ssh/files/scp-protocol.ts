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

/** Far more than a name may have. */
export const maxRecordBytes = 8192;
const maxFileBytes = 2 ** 53 - 1;

/**
 * Reads a control record, its LF not included.
 * @throws UserError `scp-broken` for what no honest source sends
 */
export function parseScpRecord(record: Buffer): ScpRecord {
  const text = nameOfBytes(record);
  const rest = text.slice(1);
  switch (record[0]) {
    case 0x01:
    case 0x02:
      return { kind: 'trouble', text: printableLine(rest) || 'it does not say why' };
    case 0x43: // C
    case 0x44: {
      const match = /^[0-7]{4} (\d{1,16}) ([^\n]+)$/.exec(rest);
      const bytes = Number(match?.[1]);
      const name = match?.[2];
      if (name === undefined || bytes > maxFileBytes) throw broken(text);
      if (name.includes('/') || name.includes('\0') || name === '.' || name === '..') throw broken(text);
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

export function broken(record: string): Error {
  return itemError('scp-broken', `it does not keep to the SCP protocol: "${printableLine(record, 80)}"`);
}
