import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { printableLine } from '../domain/text.js';
import { type TraceArea, trace, traceTo } from '../domain/trace.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { redactText } from '../redaction/redact-text.js';
import { packageVersion, type Surroundings } from './surroundings.js';

const longestLine = 2000;

/**
 * Writes the trace to the file that `ICEPACK_DEBUG` names, line by line, so that a killed run leaves the trace up to
 * then.
 * @param secrets masked in every line; more may be added while it is written
 * @param warn is told when the file can no longer be written: the trace ends then, the run goes on
 * @throws UserError `trace-refused`
 */
export function startTrace(
  { env, cwd, argv, nodeVersion }: Surroundings,
  secrets: readonly string[],
  warn: (text: string) => void,
): void {
  if (!env['ICEPACK_DEBUG']) return;
  const path = resolve(cwd, env['ICEPACK_DEBUG']);
  const file = openTrace(path);
  traceTo((area, text) => {
    try {
      writeSync(file, lineOf(area, text, secrets));
    } catch (error) {
      traceTo(undefined);
      warn(`the trace in "${path}" ends here: ${reasonOf(error)}`);
    }
  });
  const system = `${process.platform} ${process.arch}`;
  trace('run', () => `icepack ${packageVersion()} on Node ${nodeVersion}, ${system}: ${argv.slice(2).join(' ')}`);
}

function lineOf(area: TraceArea, text: string, secrets: readonly string[]): string {
  const at = new Date().toISOString(); // before the masks, which take their time
  const shown = printableLine(redactText(text, secrets), longestLine);
  return `${at} ${process.pid} ${area.padEnd(4)} ${shown}\n`;
}

/** The flags for opening the file: without waiting at a pipe that nobody reads, and without following links. */
const appending =
  constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_WRONLY;

function openTrace(path: string): number {
  const file = openedAt(path);
  const found = fstatSync(file);
  if (!found.isFile()) throw refused(path, 'it is no file', 'Name a file, or a name that is free');
  if ((found.mode & 0o077) !== 0) throw refused(path, 'others may read it', `Make it yours alone: chmod 600 ${path}`);
  return file;
}

function openedAt(path: string): number {
  try {
    return openSync(path, appending, 0o600);
  } catch (error) {
    throw refused(path, reasonOf(error), 'Name a file that you may write, or unset ICEPACK_DEBUG', error);
  }
}

function refused(path: string, why: string, hint: string, cause?: unknown): UserError {
  return new UserError('trace-refused', `the trace of ICEPACK_DEBUG cannot be written to "${path}": ${why}`, {
    exit: exitCode.local,
    hint: `${hint}. Nothing was done`,
    cause,
  });
}
