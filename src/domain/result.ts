import type { ErrorCode, ExitCode } from '../errors.js';
import type { Manifest, ServerRecord } from './manifest.js';

export type TicketResult = { id: string; key: string; url: string; state: string; created: boolean };
export type BundleResult = { path: string; name: string; bytes: number; sha256: string; attached: boolean };

/** What became of a collection or a submission; the source of the closing summary and of `--json`. */
export type RunResult = {
  exitCode: ExitCode;
  manifest: Manifest;
  ticket: TicketResult | null;
  bundle: BundleResult | null;
  /** Commands to type next, the first is the most useful. */
  next: string[];
  /** What stopped it short of all that was asked for. */
  error: { code: ErrorCode; message: string; hint: string | null } | null;
  /** Texts prepared for a web form: file and what it is. */
  texts?: { path: string; field: string; text: string }[];
};

export type JsonError = { code: ErrorCode; message: string; hint: string | null };

/** The one document of `--json`; fields are only ever added. */
export type JsonDocument = {
  schema: 1;
  verb: string;
  exitCode: ExitCode;
  outcome: string;
  run?: string | null;
  reference?: string | null;
  event?: Manifest['event'] | null;
  ticket?: TicketResult | null;
  bundle?: BundleResult | null;
  servers?: Pick<ServerRecord, 'name' | 'id' | 'folder' | 'faces' | 'clock' | 'items'>[];
  next: string[];
  error: JsonError | null;
  [extra: string]: unknown;
};

const outcomes: Record<ExitCode, string> = {
  0: 'complete',
  1: 'bug',
  2: 'usage',
  3: 'partial',
  4: 'incomplete',
  5: 'unreachable',
  6: 'help-desk-failed',
  7: 'over-limit',
  8: 'local-failure',
  9: 'busy',
  129: 'interrupted',
  130: 'interrupted',
  143: 'interrupted',
};

/** The word for an exit code in `--json`. */
export function outcomeWord(code: ExitCode): string {
  return outcomes[code];
}

export function jsonOf(verb: string, result: RunResult): JsonDocument {
  const { exitCode, manifest, ticket, bundle, next, error } = result;
  return {
    schema: 1,
    verb,
    exitCode,
    outcome: outcomeWord(exitCode),
    run: manifest.run,
    reference: manifest.reference,
    event: manifest.event,
    ticket,
    bundle,
    servers: manifest.servers.map(({ name, id, folder, faces, clock, items }) => ({
      name,
      id,
      folder,
      faces,
      clock,
      items,
    })),
    next,
    error,
  };
}

/** `--json` of a verb that failed before it had a result. */
export function jsonOfError(verb: string, exitCode: ExitCode, error: JsonError): JsonDocument {
  return {
    schema: 1,
    verb,
    exitCode,
    outcome: outcomeWord(exitCode),
    run: null,
    reference: null,
    event: null,
    ticket: null,
    bundle: null,
    servers: [],
    next: [],
    error,
  };
}
