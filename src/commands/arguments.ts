import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { text as readStream } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { parseDateRange } from '../domain/business-hours.js';
import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import type { Intent } from '../domain/journal.js';
import { noZone } from '../domain/no-zone.js';
import { parseDuration, parseSize } from '../domain/quantities.js';
import { nearest } from '../domain/text.js';
import {
  isTicketName,
  referencePattern,
  type Severity,
  severities,
  type TicketState,
  ticketStates,
} from '../domain/ticket.js';
import { parseWeek, type Week } from '../domain/week.js';
import { readHours } from '../domain/work-hours.js';
import { isZone } from '../domain/zone-name.js';
import { usageError, whyNoFile } from '../errors.js';

/** Parsers of option values; each refuses what it cannot use and names what it takes. */

export function severity(value: string): Severity {
  const found = severities.find((known) => known === value.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`It is one of: ${severities.join(', ')}.`);
  return found;
}

/** The name of a ticket; what its help desk makes of it is found out when that is known (`helpdesk/ticket-key.ts`). */
export function ticketName(value: string): string {
  const name = value.trim();
  if (!isTicketName(name)) throw new InvalidArgumentError('Write it like TIC-1234, 1234 or INC0010023.');
  return name;
}

export function reference(value: string): string {
  if (!referencePattern.test(value)) throw new InvalidArgumentError('Letters, digits and . _ : - only, at most 64.');
  return value;
}

export function zone(value: string): string {
  if (!isZone(value)) throw new InvalidArgumentError(`There is ${noZone(value)}`);
  return value;
}

/** Hours of work: `3.5`. */
export function hours(value: string): number {
  const hours = readHours(value);
  if (hours === undefined) throw new InvalidArgumentError('Write it like 3.5.');
  return hours;
}

export function ticketStateList(value: string): TicketState[] {
  return value.split(',').map((word) => {
    const found = ticketStates.find((state) => state === word.trim().toLowerCase());
    if (found === undefined) throw new InvalidArgumentError(`States are: ${ticketStates.join(', ')}.`);
    return found;
  });
}

/** @returns milliseconds */
export function duration(value: string): number {
  const ms = value === '0' ? 0 : parseDuration(value);
  if (ms === undefined || ms < 0 || ms > 86_400_000)
    throw new InvalidArgumentError('Write it like 10m, or 0; at most 24h.');
  return ms;
}

/** @returns milliseconds, at most 30 days */
export function days(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined || ms <= 0 || ms > 30 * 86_400_000)
    throw new InvalidArgumentError('Write it like 2h or 3d; at most 30d.');
  return ms;
}

/** A date, `2026-12-24`; may be given several times. */
export function dateList(value: string, before: string[] = []): string[] {
  if (parseDateRange(value) === undefined || value.includes('..'))
    throw new InvalidArgumentError('Write it like 2026-12-24.');
  return [...before, value];
}

/** An ISO week, `2026-W47`. */
export function week(value: string): Week {
  const found = parseWeek(value);
  if (found === undefined) throw new InvalidArgumentError('It is a week as ISO 8601 counts them: 2026-W47.');
  return found;
}

export function positiveInteger(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(value);
}

export function size(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined || bytes < 1) throw new InvalidArgumentError('Write a size, as 40MB.');
  return bytes;
}

export function kinds(value: string): CollectorId[] {
  return value.split(',').map((word) => {
    const found = collectorIds.find((id) => id === word.trim());
    if (found !== undefined) return found;
    const near = nearest(word.trim(), collectorIds);
    throw new InvalidArgumentError(
      `"${word}" is none of: ${collectorIds.join(', ')}${near ? `; did you mean "${near}"?` : '.'}`,
    );
  });
}

export function summaryLine(value: string): string {
  if (!/^[^\x00-\x1f\x7f]{1,250}$/.test(value.trim()))
    throw new InvalidArgumentError('One line of at most 250 characters.');
  return value.trim();
}

/** A field of the ticket, `NAME=VALUE`; may be given several times. */
export function field(value: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, text] = /^([^\x00-\x1f\x7f=]{1,200})=([^\x00-\x1f\x7f]{1,1000})$/.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new InvalidArgumentError('Write NAME=VALUE, on one line.');
  return { ...before, [name.trim()]: text.trim() };
}

export function fingerprint(value: string, before: string[] = []): string[] {
  if (!/^SHA256:[A-Za-z0-9+/]{43}$/.test(value))
    throw new InvalidArgumentError('Write it as ssh-keygen -l prints it: SHA256:…');
  return [...before, value];
}

/** @returns an absolute path: the run may be taken up from another place */
export function folder(value: string): string {
  if (value === '') throw new InvalidArgumentError('Name a folder.');
  return resolve(value);
}

/** What the operator said of the bundle, for the journal. */
export function bundleWishes({
  fit,
  report,
  output,
}: {
  fit?: boolean;
  report?: boolean;
  output?: string;
}): Pick<Intent, 'fit' | 'report' | 'output'> {
  return {
    ...(fit ? { fit: true as const } : {}),
    ...(report ? { report: true as const } : {}),
    ...defined({ output }),
  };
}

type Said = { answers?: string; summary?: string; description?: string; severity?: Severity };

/** What the operator said of an event: options count for more than the file of `--answers`. */
export async function saidOf(
  { answers, summary, description, severity }: Said,
  { answers: read, signal }: Pick<Context, 'answers' | 'signal'>,
): Promise<Intent> {
  if (answers === '-' && description === '-')
    throw usageError(
      'contradiction',
      '--answers - and --description - cannot both read standard input',
      'Give one of them a file: --answers FILE.yaml or --description @FILE',
    );
  return {
    ...(answers === undefined ? {} : await read(answers)),
    ...defined({ summary, severity }),
    ...(description === undefined ? {} : { description: await textOrFile(description, signal) }),
  };
}

const maxDescriptionBytes = 30_000;

/** What a text is, in the words of a failure. */
type TextKind = { code: 'bad-description' | 'bad-text'; name: string; option: string };

const aDescription: TextKind = { code: 'bad-description', name: 'description', option: '--description ' };

/** A text as it is, from a file (`@FILE`) or from standard input (`-`). @throws UserError, `bad-description` where nothing else is said */
export async function textOrFile(value: string, signal: AbortSignal, kind = aDescription): Promise<string> {
  const content =
    value === '-'
      ? await readStream(process.stdin.pipe(new PassThrough({ signal })))
      : value.startsWith('@')
        ? await fileText(value.slice(1), kind)
        : value;
  if (Buffer.byteLength(content) > maxDescriptionBytes)
    throw usageError(
      kind.code,
      `the ${kind.name} is longer than 30 000 bytes`,
      'Shorten it, or attach the text to the ticket',
    );
  return content;
}

async function fileText(path: string, { code, option }: TextKind): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(code, `${option}@${path}: ${whyNoFile(path, error)}`, 'Name a file that can be read');
  }
}
