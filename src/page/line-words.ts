import type { PageData } from '../report/page-data.js';
import { Clock } from './clock.js';
import { type Lines, severityNames } from './lines.js';

const levels = ['', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRIT'];

/** What is said of a line beside its text. */
export class LineWords {
  readonly clock: Clock;
  /** Times as the files have them, not corrected. */
  isOwnTime = false;
  readonly #data: PageData;
  readonly #lines: Lines;
  readonly #own: readonly Clock[];

  constructor(data: PageData, lines: Lines) {
    this.#data = data;
    this.#lines = lines;
    this.clock = new Clock(data.zone.shifts);
    this.#own = data.logs.map(({ shifts }) => new Clock(shifts));
  }

  server(line: number): string {
    return this.#data.servers[this.serverOf(line)]?.label ?? '?';
  }

  serverOf(line: number): number {
    return this.#data.logs[this.#lines.log[line] ?? 0]?.server ?? 0;
  }

  log(line: number): string {
    return this.#data.logs[this.#lines.log[line] ?? 0]?.name ?? '';
  }

  level(line: number): string {
    return levels[this.#lines.severity[line] ?? 0] ?? '';
  }

  levelName(line: number): string {
    return severityNames[this.#lines.severity[line] ?? 0] ?? 'none';
  }

  /** `ICE02 system.log:10482` */
  source(line: number): string {
    return `${this.server(line)} ${this.log(line)}:${this.#lines.number[line] ?? 0}`;
  }

  common(line: number): string {
    return this.clock.time(this.#lines.at[line] ?? 0);
  }

  /** As its server wrote it. */
  own(line: number): string {
    const at = (this.#lines.at[line] ?? 0) + (this.#lines.raw[line] ?? 0);
    return (this.#own[this.#lines.log[line] ?? 0] ?? this.clock).time(at);
  }

  time(line: number): string {
    return this.isOwnTime ? this.own(line) : this.common(line);
  }

  /** Both times, where they are not the same. */
  times(line: number): string {
    const [own, common] = [this.own(line), this.common(line)];
    if (this.#data.logs[this.#lines.log[line] ?? 0]?.isOnCommonClock !== true) return `${own} by its own clock`;
    return own === common ? common : `${own} by its clock = ${common}`;
  }
}
