/** From when on a zone is so many minutes ahead of UTC. */
export type Shift = readonly [fromMs: number, minutes: number];

/** What the page is given as JSON in its element `data`. The lines come in columns and blocks beside it. */
export type PageData = {
  /** When the event was; null in a bundle that does not tell. */
  event: number | null;
  span: readonly [since: number, until: number];
  zone: { name: string; shifts: readonly Shift[] };
  servers: readonly { label: string; cluster: string | null; isOnCommonClock: boolean; clock: string }[];
  logs: readonly PageLog[];
  /** How many lines are on the page, and in the bundle. */
  lines: { here: number; all: number };
  /** How many lines each block holds, in the order of the lines; the element of the first is `b0`. */
  blocks: readonly number[];
  density: { since: number; stepMs: number; steps: number };
  markers: readonly PageMarker[];
};

export type PageLog = {
  server: number;
  name: string;
  path: string;
  zone: string;
  shifts: readonly Shift[];
  /** Not of a server whose clock was never measured, and not from a syslog server. */
  isOnCommonClock: boolean;
};

export type PageMarker = {
  kind: string;
  server: number;
  /** Of what was not collected: other logs of the server were. */
  isOfOneLog?: true;
  at: number;
  until?: number;
  /** Its place among the lines of the bundle, from 1. */
  line?: number;
  text: string;
};

/**
 * The columns, each in an element of its own (`c-at`): numbers in 7-bit groups, lowest first, deflated, base64.
 * `at`, `number`, `raw` and `place` hold what is added to the line before (`number` and `raw`: to that of the same log),
 * turned so that small negative numbers are small, too; `kind` is the severity, plus 8 where a line is continued.
 */
export type ColumnName = 'at' | 'log' | 'kind' | 'number' | 'raw' | 'place' | 'density';

/** Lines at most, and bytes of text from which on no line is added, in one block. */
export type BlockLimit = { lines: number; bytes: number };
