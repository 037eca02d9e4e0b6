import type { PageData } from '../report/page-data.js';
import { type Lines, lowerBound, severityNames } from './lines.js';

/** Which lines the list shows. */
export class Filter {
  readonly severities = new Set<number>(severityNames.keys());
  readonly servers: Set<number>;
  readonly logs: Set<string>;
  fold = false;
  range: readonly [since: number, until: number] | undefined;
  /** 1 for each line that was found, where only those are to be shown. */
  hits: Uint8Array | undefined;
  readonly #data: PageData;

  constructor(data: PageData) {
    this.#data = data;
    this.servers = new Set(data.servers.keys());
    this.logs = new Set(data.logs.map(({ name }) => name));
  }

  clear(): void {
    for (const severity of severityNames.keys()) this.severities.add(severity);
    for (const server of this.#data.servers.keys()) this.servers.add(server);
    for (const { name } of this.#data.logs) this.logs.add(name);
    this.fold = false;
    this.range = undefined;
    this.hits = undefined;
  }

  rows(lines: Lines): Rows {
    const logs = this.#data.logs.map(({ server, name }) => this.servers.has(server) && this.logs.has(name));
    const levels = [...severityNames.keys()].map((severity) => this.severities.has(severity));
    const from = this.range === undefined ? 0 : lines.lineAt(this.range[0]);
    const to = this.range === undefined ? lines.count : lines.lineAt(this.range[1]);
    if (!this.fold && this.hits === undefined && logs.every(Boolean) && levels.every(Boolean))
      return new Rows(from, to - from, undefined);
    const found = new Uint32Array(to - from);
    let count = 0;
    for (let line = from; line < to; line++) {
      if (!logs[lines.log[line] ?? 0] || !levels[lines.severity[line] ?? 0]) continue;
      if ((this.fold && lines.continued[line] === 1) || this.hits?.[line] === 0) continue;
      found[count++] = line;
    }
    return new Rows(0, count, found.slice(0, count));
  }
}

/** The lines that are shown, by the row they are shown in. */
export class Rows {
  readonly #first: number;
  readonly #lines: Uint32Array | undefined;
  readonly count: number;

  constructor(first: number, count: number, lines: Uint32Array | undefined) {
    this.#first = first;
    this.count = count;
    this.#lines = lines;
  }

  lineOf(row: number): number {
    return this.#lines === undefined ? this.#first + row : (this.#lines[row] ?? 0);
  }

  /** The row of a line, or that of the next one that is shown. */
  rowOf(line: number): number {
    const row = this.#lines === undefined ? line - this.#first : lowerBound(this.#lines, line);
    return Math.max(0, Math.min(row, this.count - 1));
  }

  has(line: number): boolean {
    return this.count > 0 && this.lineOf(this.rowOf(line)) === line;
  }
}
