import type { Manifest } from '../domain/manifest.js';
import type { Layout } from './layout.js';
import type { OpenBundle } from './open-bundle.js';

/** From nothing to worst; the number of one is its place here. */
export const severities = ['none', 'debug', 'info', 'warning', 'error', 'critical'] as const;

/** How far a server's clock was ahead of the common one, and how sure that is. */
export type ClockOffset = { offsetMs: number; errorMs: number };

export type ReadLog = {
  /** Its place in `layout.servers`. */
  server: number;
  /** Below the folder of its server, without `Logs/`: `system.log`, `exported/fw.log`. */
  name: string;
  /** In the bundle. */
  path: string;
  bytes: number;
  lines: number;
  /** Lines that were cut because they are too long. */
  cutLines: number;
  /** Escape characters in it: what they begin is not shown. */
  escapes: number;
  /** The zone its times were read in. */
  zone: string;
  /** False: its clock was never measured, so its times are its own. */
  isOnCommonClock: boolean;
  /** Its lines name no level: severities are guessed from their words. */
  isGuessed: boolean;
  /** Why it is not all there: budget, damage. */
  leftOut?: string;
  /** Its bytes are not what the archive says. */
  isDamaged?: true;
  /** It has more different messages than are told apart. */
  hasMoreMessages?: true;
};

/**
 * All lines of all logs, in one order: by the corrected time, then server, log and place in it. A log is never
 * reordered against itself. Columns, because there are millions.
 */
export type Lines = {
  count: number;
  /** The instant, in ms since 1970, by the common clock where there is one. */
  at: Float64Array;
  /** Which log, by its place in `logs`. */
  log: Uint16Array;
  /** Its number in that log, from 1. */
  number: Uint32Array;
  /** By its place in `severities`. */
  severity: Uint8Array;
  /** Whether it continues the line before it in its log, as those of a stack trace do. */
  isContinued: Uint8Array;
  /** How many ms the time it bears is ahead of `at`: the offset of its clock (the pair is `at` and `at + raw`). */
  rawOffset: Float64Array;
  /** The texts in this order, clean to show (rules for hostile content), each without its line end. */
  texts(signal?: AbortSignal): AsyncIterable<string[]>;
};

export type FindingKind = 'new' | 'frequent' | 'stopped' | 'only-here';

/** A message that stands out by counting. No cause is claimed. */
export type Finding = {
  kind: FindingKind;
  /** The message with its numbers, addresses and the like masked as `#`. */
  template: string;
  severity: number;
  server: number;
  /** On which other servers, with their counts, the same stands out. */
  also: { server: number; count: number }[];
  before: number;
  round: number;
  after: number;
  /** Its first line from the event's round on; of `stopped` the last one there was. Its place in `Lines`. */
  line: number;
  at: number;
  /** Which counting it is, as a sentence: "14 times from 10:30 to 10:37, never in the 28 min before". */
  counting: string;
};

/** How often a log has a message, of warnings and worse. */
export type Message = Pick<Finding, 'template' | 'severity'> & {
  /** Its place in `logs`. */
  log: number;
  count: number;
};

export type MarkerKind =
  | 'exception'
  | 'restart'
  | 'change'
  | 'login'
  | 'failed-login'
  | 'clock-step'
  | 'rotation'
  | 'silence'
  | 'not-collected'
  | 'icepack';

export type Marker = {
  kind: MarkerKind;
  server: number;
  log: number | undefined;
  at: number;
  /** Of what lasts: silence, not collected. */
  until?: number;
  /** Its place in `Lines`, where a line shows it. */
  line?: number;
  /** Of what was not collected: other logs of the server were. */
  isOfOneLog?: true;
  /** How often its log tells the same in all, numbers aside; not each time has a marker. */
  times?: number;
  text: string;
};

/** What is missing of the bundle or not as it should be, and why. */
export type Missing = {
  /** `missing`: not there at all; `partial`: not whole; `note`: to be known when reading. */
  state: 'missing' | 'partial' | 'note';
  server: number | undefined;
  /** `Techsupport`, `Logs/system.log`. */
  what: string;
  text: string;
};

/** One fact of each server, as text; undefined where it is not known. */
export type Fact = {
  /** `version`, `vm`, `clock`, `cli`, `config`, `items`, `logs`. */
  group: string;
  name: string;
  cells: readonly (string | undefined)[];
  /** Servers whose cell differs from what most of them have; all of two that differ. */
  differs: readonly number[];
};

/** What one server's state was ahead of the event, against what was collected. */
export type Before = {
  server: number;
  captured: { id: string; at: number; beforeEventMs: number };
  /** So many facts are the same; the others are in `rows`. */
  same: number;
  rows: { name: string; before: string | undefined; now: string | undefined; comparable: boolean }[];
};

/** Counts per step of time and server, for pictures: `counts[server][severity][step]`. */
export type Density = { since: number; stepMs: number; steps: number; counts: readonly (readonly Uint32Array[])[] };

/** What a bundle says when all of it is read together, on one clock. */
export type Reading = {
  bundle: Pick<OpenBundle, 'kind' | 'given' | 'name' | 'bytes'> & { sha256: string | undefined };
  manifest: Manifest | undefined;
  layout: Layout;
  /** From where to where the logs are read: the window, widened to what the lines show. */
  span: { since: number; until: number };
  /** Of each server, at the event; null where the clock was never measured. */
  clocks: readonly (ClockOffset | null)[];
  logs: readonly ReadLog[];
  lines: Lines;
  density: Density;
  missing: readonly Missing[];
  findings: readonly Finding[];
  /** How many findings there are beyond those. */
  moreFindings: number;
  messages: readonly Message[];
  markers: readonly Marker[];
  facts: readonly Fact[];
  before: readonly Before[];
  /** Every file of the bundle with what the manifest says of it. */
  contents: readonly {
    path: string;
    server: number | undefined;
    bytes: number | undefined;
    status: string | undefined;
    reason: string | undefined;
    source: string | undefined;
    command: string | undefined;
    sha256: string | undefined;
    masked: number;
  }[];
};
