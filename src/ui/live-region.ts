import ora, { type Ora } from 'ora';
import type { CollectorId } from '../domain/collector-id.js';
import type { ProgressEvent } from '../domain/progress.js';
import { formatSize } from '../domain/quantities.js';

/** The part of a terminal that is redrawn while work goes on: one line per server, or a count when they are too many. */
export interface LiveRegion {
  update(event: ProgressEvent): void;
  /** Writes lines above the region. */
  above(write: () => void): void;
  /** @returns whether it was ever drawn since it was stopped */
  stop(): boolean;
}

type Row = {
  title: string;
  name: string;
  running: Map<CollectorId, number>;
  done: number;
  failed: number;
  ended: boolean;
};

/** The step that runs, and how much of it is done, in percent, where that is known. */
type Step = { text: string; percent?: number };

export function openLiveRegion(stream: NodeJS.WriteStream, color: boolean): LiveRegion {
  // A terminal without a size reports 0 columns, and ora would clear endlessly many lines.
  const measure = () => {
    stream.columns ||= 80;
    stream.rows ||= 24;
  };
  measure();
  stream.prependListener('resize', measure);
  const rows = new Map<string, Row>();
  let step: Step | undefined;
  let spinner: Ora | undefined;
  let drawn = false;

  const draw = () => {
    const text = regionText([...rows.values()], step, stream.columns || 80, (stream.rows || 24) - 3);
    if (text === '') return stop();
    drawn = true;
    spinner ??= ora({ stream, discardStdin: false, color: color ? 'cyan' : (false as never), isEnabled: true }).start();
    spinner.text = text;
  };
  const stop = () => {
    spinner?.stop();
    spinner = undefined;
  };

  return {
    update(event) {
      step = apply(event, rows, step);
      draw();
    },
    above(write) {
      stop();
      write();
    },
    stop: () => {
      const wasDrawn = drawn;
      drawn = false;
      rows.clear();
      step = undefined;
      stop();
      return wasDrawn;
    },
  };
}

/** @returns the step that runs now */
function apply(event: ProgressEvent, rows: Map<string, Row>, step: Step | undefined): Step | undefined {
  switch (event.type) {
    case 'run-started':
      for (const { name, title } of event.servers)
        rows.set(name, { name, title, running: new Map(), done: 0, failed: 0, ended: false });
      return step;
    case 'item-started':
      rows.get(event.server)?.running.set(event.collector, 0);
      return step;
    case 'item-progress':
      rows.get(event.server)?.running.set(event.collector, event.bytes);
      return step;
    case 'item-ended':
      endItem(rows.get(event.server), event.collector, event.status === 'failed');
      return step;
    case 'server-ended':
      rows.delete(event.server);
      return step;
    case 'step-started':
      return { text: event.text };
    case 'step-progress':
      return step && { ...step, percent: Math.floor((100 * event.bytes) / Math.max(1, event.totalBytes)) };
    case 'step-ended':
      return undefined;
    default:
      return step;
  }
}

function endItem(row: Row | undefined, collector: CollectorId, failed: boolean): void {
  if (row === undefined) return;
  row.running.delete(collector);
  row.done++;
  if (failed) row.failed++;
}

function regionText(rows: Row[], step: Step | undefined, columns: number, maxRows: number): string {
  const busy = rows.filter((row) => row.running.size > 0);
  const shown = busy.slice(0, Math.max(1, maxRows)).map((row) => rowText(row));
  const hidden = busy.length - shown.length;
  const waiting = rows.length - busy.length;
  const rest = [hidden > 0 ? `${hidden} more at work` : '', waiting > 0 ? `${waiting} waiting` : '']
    .filter(Boolean)
    .join(', ');
  const lines = [...shown, ...(rest === '' ? [] : [rest]), ...(step === undefined ? [] : [stepText(step)])];
  return lines.map((line) => (line.length > columns - 4 ? `${line.slice(0, columns - 5)}…` : line)).join('\n  ');
}

function stepText({ text, percent }: Step): string {
  return percent === undefined ? text : `${text} ${percent} %`;
}

function rowText({ title, name, running, done, failed }: Row): string {
  const doing = [...running]
    .map(([collector, bytes]) => (bytes > 0 ? `${collector} ${formatSize(bytes)}` : collector))
    .join(', ');
  return `${title} ${name}: ${doing}; ${done} done${failed > 0 ? `, ${failed} failed` : ''}`;
}
