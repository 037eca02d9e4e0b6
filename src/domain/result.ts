import type { ErrorCode, ExitCode } from '../errors.js';
import type { FaceId } from './appliance.js';
import { assess, type Loss } from './assessment.js';
import type { Bundle } from './bundle-layout.js';
import type { Command, Text } from './command.js';
import { defined } from './defined.js';
import { latest } from './journal.js';
import type { Manifest, ServerRecord } from './manifest.js';
import type { NextStep } from './next-step.js';
import type { Journal } from './owed.js';

export type TicketResult = { id: string; key: string; url: string; state: string; created: boolean };
export type BundleResult = Omit<Bundle, 'packed'> & {
  attached: boolean;
  /** The name it has at the ticket, where that is another one: somebody had attached the same bytes before. */
  attachedAs?: string;
};

/** How a bundle is at its ticket. */
export function attachment(journal: Journal, { name, sha256 }: Pick<Bundle, 'name' | 'sha256'>) {
  const found = latest(journal, 'attached');
  const attached = found?.sha256 === sha256;
  return { attached, ...(attached && found.name !== name ? { attachedAs: found.name } : {}) };
}

/** What became of a collection or a submission; the source of the closing summary and of `--json`. */
export type RunResult = {
  exitCode: ExitCode;
  manifest: Manifest;
  ticket: TicketResult | null;
  bundle: BundleResult | null;
  /** Bundles of the same event that were made before it. */
  earlier?: BundleResult[];
  /** What can be done next; the first is what is recommended. */
  next: NextStep[];
  /** What stopped it short of all that was asked for. */
  error: { code: ErrorCode; message: string; hint: Text | null } | null;
  /** What a person is to do besides, by the route of the ticket: whom to call. */
  say?: string;
  /** Texts prepared for a web form: file and what it is. */
  texts?: { path: string; field: string; text: string }[];
  /** The page with these texts and what to do with the ZIP, for a browser. */
  page?: string;
  /** Where the browser is on another machine: what is typed there to fetch the page and the ZIP. */
  fetch?: string;
  /** What a person has to do with the ZIP, at a help desk without an API. */
  toDrop?: string;
};

export type JsonError = { code: ErrorCode; message: string; hint: Text | null };

/** Why evidence is missing, once, with the paths it cost. */
export type LossDocument = {
  reason: string;
  face: FaceId | null;
  also: string[];
  missing: string[];
  partial: string[];
};

/** The one document of `--json`; fields are only ever added. */
export type JsonDocument = {
  schema: 1;
  verb: string;
  exitCode: number;
  outcome: string;
  run?: string | null;
  reference?: string | null;
  event?: Manifest['event'] | null;
  ticket?: TicketResult | null;
  bundle?: BundleResult | null;
  /** All bundles that were made, `bundle` the last of them. */
  bundles?: BundleResult[];
  servers?: (Pick<ServerRecord, 'name' | 'id' | 'folder' | 'faces' | 'clock' | 'items'> & { losses: LossDocument[] })[];
  /** The commands of `steps` alone. */
  next: Command[];
  steps?: NextStep[];
  /** What a person is to do first. */
  say?: string;
  error: JsonError | null;
  [extra: string]: unknown;
};

const outcomes: Record<number, string> = {
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
  10: 'not-as-it-should-be',
  129: 'interrupted',
  130: 'interrupted',
  143: 'interrupted',
};

/**
 * The answer of `--json`, always in this order.
 * @param more what the verb has to say, `outcome` where it has a word of its own
 */
export function document(verb: string, exitCode: number, more: Record<string, unknown> = {}): JsonDocument {
  const {
    outcome = outcomes[exitCode] ?? 'failed',
    next = [],
    steps = [],
    error = null,
    ...fields
  } = more as Partial<JsonDocument>;
  return { schema: 1, verb, exitCode, outcome, ...fields, next, steps, error };
}

export function documentOf(verb: string, result: RunResult): JsonDocument {
  const { exitCode, manifest, ticket, bundle, next, error } = result;
  const servers = serversDocument(manifest);
  const { run, reference, event } = manifest;
  const bundles = bundlesOf(result);
  const facts = { run, reference, event, ticket, bundle, bundles, servers, ...byPerson(result) };
  return document(verb, exitCode, { ...facts, ...nextDocument(next), error });
}

/** What a person has to do, and what for that is needed at a help desk without an API. */
function byPerson({ texts, page, fetch, say }: RunResult) {
  return defined({ texts, page, fetch, say });
}

export function serversDocument(manifest: Manifest): NonNullable<JsonDocument['servers']> {
  return assess(manifest).map(({ server, losses }) => {
    const { name, id, folder, faces, clock, items } = server;
    return { name, id, folder, faces, clock, items, losses: losses.map(lossDocument) };
  });
}

/** What can be done next: the commands, and the same with what each does. */
export function nextDocument(steps: readonly NextStep[]): { next: Command[]; steps: NextStep[] } {
  return { next: steps.map(({ command }) => command), steps: [...steps] };
}

/** All bundles of a result, in the order in which they were made. */
export function bundlesOf({ bundle, earlier = [] }: Pick<RunResult, 'bundle' | 'earlier'>): BundleResult[] {
  return bundle === null ? earlier : [...earlier, bundle];
}

function lossDocument({ reason, face, also, missing, partial }: Loss): LossDocument {
  const paths = (items: Loss['missing']) => items.map(({ path }) => path);
  return { reason, face: face ?? null, also: [...also], missing: paths(missing), partial: paths(partial) };
}

/** The document of a verb that failed before it had a result. */
export function documentOfFailure(verb: string, exitCode: ExitCode, error: JsonError): JsonDocument {
  const nothing = { run: null, reference: null, event: null, ticket: null, bundle: null, bundles: [], servers: [] };
  return document(verb, exitCode, { ...nothing, error });
}
