import { constants, fstatSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Sentence, spelled } from '../domain/command.js';
import { printableLine, visibleJson } from '../domain/text.js';
import { isTracing, type TraceEntry, trace, traceTo } from '../domain/trace.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { TurningFile } from '../fs/turning-file.js';
import { redactText } from '../redaction/redact-text.js';
import { type GlobalOptions, packageVersion, type Surroundings } from './surroundings.js';

const longestText = 2000;
const longestList = 200;
const maxFileBytes = 20_000_000;
const progressEveryMs = 1000;

/** A trace that is written: where, and the run that was begun meanwhile. */
export type Trace = { readonly path: string; readonly run: string | undefined };

/**
 * Writes the trace to the file of `--log-file`, else of `ICEPACK_DEBUG`, line by line, so that a killed run leaves the trace up
 * to then.
 * @param secrets masked in every line; more may be added while it is written
 * @param warn is told when the file can no longer be written: the trace ends then, the run goes on
 * @returns undefined where nobody asked for it
 * @throws UserError `trace-refused`
 */
export function startTrace(
  { logFile }: GlobalOptions,
  { env, cwd, argv, nodeVersion }: Surroundings,
  secrets: readonly string[],
  warn: (text: string) => void,
  maxBytes = maxFileBytes,
): Trace | undefined {
  const given = logFile ?? env['ICEPACK_DEBUG'];
  if (!given) return undefined;
  const path = resolve(cwd, given);
  const file = new TurningFile(path, maxBytes, () => openTrace(path, logFile === undefined));
  const seen: { path: string; run: string | undefined } = { path, run: undefined };
  const isDue = thinnedProgress();
  traceTo((entry) => {
    if (entry.area === 'event' && entry.event.type === 'run-started') seen.run = entry.event.run;
    if (!isDue(entry)) return;
    try {
      file.append(lineOf(entry, secrets));
    } catch (error) {
      traceTo(undefined);
      warn(`the trace in "${path}" ends here: ${reasonOf(error)}`);
    }
  });
  const system = `${process.platform} ${process.arch}`;
  trace('run', () => `icepack ${packageVersion()} on Node ${nodeVersion}, ${system}: ${argv.slice(2).join(' ')}`);
  return isTracing() ? seen : undefined;
}

/** Bytes are counted many times a second; one line of it a second is enough. */
function thinnedProgress(): (entry: TraceEntry) => boolean {
  let progressedAt = 0;
  return (entry) => {
    if (entry.area !== 'event' || !entry.event.type.endsWith('-progress')) return true;
    if (Date.now() - progressedAt < progressEveryMs) return false;
    progressedAt = Date.now();
    return true;
  };
}

/** One line of JSON. */
function lineOf(entry: TraceEntry, secrets: readonly string[]): string {
  const stamp = { time: new Date().toISOString(), pid: process.pid, area: entry.area }; // before the masks, which take their time
  const shown = (text: string) => printableLine(redactText(text, secrets), longestText);
  const what = 'event' in entry ? entry.event : { text: entry.text };
  const masked = visibleJson(what, (_key, value) => {
    if (value instanceof Command || value instanceof Sentence) return shown(spelled(value));
    if (Array.isArray(value)) return value.slice(0, longestList);
    return typeof value === 'string' ? shown(value) : value;
  });
  return `${JSON.stringify(stamp).slice(0, -1)},${masked.slice(1)}\n`;
}

/** The flags for opening the file: without waiting at a pipe that nobody reads, and without following links. */
const appending =
  constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_WRONLY;

function openTrace(path: string, fromEnvironment: boolean): number {
  const source = fromEnvironment ? 'ICEPACK_DEBUG' : '--log-file';
  const file = openedAt(path, source);
  const found = fstatSync(file);
  if (!found.isFile()) throw refused(path, source, 'it is no file', 'Name a file, or a name that is free');
  if ((found.mode & 0o077) !== 0)
    throw refused(path, source, 'others may read it', `Make it yours alone: chmod 600 ${path}`);
  return file;
}

function openedAt(path: string, source: string): number {
  try {
    return openSync(path, appending, 0o600);
  } catch (error) {
    throw refused(path, source, reasonOf(error), `Name a file that you may write, or leave ${source} out`, error);
  }
}

function refused(path: string, source: string, why: string, hint: string, cause?: unknown): UserError {
  return new UserError('trace-refused', `the trace of ${source} cannot be written to "${path}": ${why}`, {
    exit: exitCode.local,
    hint: `${hint}. Nothing was done`,
    cause,
  });
}
