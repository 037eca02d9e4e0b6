import ora, { type Ora } from 'ora';
import type { CollectorId } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import type { ProgressEvent } from '../domain/progress.js';
import { advanced, type Running, runningText } from './running-text.js';

/** The part of a terminal that is redrawn while work goes on: one line per server, or a count when they are too many. */
export interface LiveRegion {
  update(event: ProgressEvent): void;
  /** Writes lines above the region. */
  above(write: () => void): void;
  /** @returns whether it was drawn since it was last stopped */
  stop(): boolean;
}

type Row = {
  title: string;
  name: string;
  running: Map<CollectorId, Running>;
  done: number;
  failed: number;
  ended: boolean;
};

/** The step that is running, e.g. the attaching. */
type Step = { text: string; running: Running };

const redrawMs = 1000;

export function openLiveRegion(stream: NodeJS.WriteStream, color: boolean, now: () => number): LiveRegion {
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
  let ticking: NodeJS.Timeout | undefined;

  const draw = () => {
    const size = { columns: stream.columns || 80, maxRows: (stream.rows || 24) - 3 };
    const text = regionText([...rows.values()], step, size, now());
    if (text === '') return stop();
    drawn = true;
    spinner ??= ora({ stream, discardStdin: false, color: color ? 'cyan' : (false as never), isEnabled: true }).start();
    spinner.text = text;
    ticking ??= setInterval(draw, redrawMs).unref(); // time passes also where nothing is reported
  };
  process.once('exit', () => stop()); // a second signal ends the process at once

  const stop = () => {
    clearInterval(ticking);
    ticking = undefined;
    spinner?.stop();
    spinner = undefined;
  };

  return {
    update(event) {
      step = apply(event, rows, step, now());
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

/** @returns the step that is running now */
function apply(event: ProgressEvent, rows: Map<string, Row>, step: Step | undefined, now: number): Step | undefined {
  switch (event.type) {
    case 'run-started':
      for (const { name, title } of event.servers)
        rows.set(name, { name, title, running: new Map(), done: 0, failed: 0, ended: false });
      return step;
    case 'item-started':
      rows
        .get(event.server)
        ?.running.set(event.collector, { since: now, bytes: 0, ...defined({ limitMs: event.limitMs }) });
      return step;
    case 'item-progress':
      itemGoesOn(rows.get(event.server), event, now);
      return step;
    case 'item-ended':
      endItem(rows.get(event.server), event.collector, event.status === 'failed');
      return step;
    case 'server-ended':
      rows.delete(event.server);
      return step;
    case 'step-started':
      return { text: event.text, running: { since: now, bytes: 0 } };
    case 'step-progress':
      return step && { ...step, running: advanced(step.running, event.bytes, event.totalBytes, now) };
    case 'step-ended':
      return undefined;
    default:
      return step;
  }
}

type ItemProgress = Extract<ProgressEvent, { type: 'item-progress' }>;

function itemGoesOn(row: Row | undefined, { collector, bytes, totalBytes }: ItemProgress, now: number): void {
  const running = row?.running.get(collector) ?? { since: now, bytes: 0 };
  row?.running.set(collector, advanced(running, bytes, totalBytes, now));
}

function endItem(row: Row | undefined, collector: CollectorId, failed: boolean): void {
  if (row === undefined) return;
  row.running.delete(collector);
  row.done++;
  if (failed) row.failed++;
}

type Size = { columns: number; maxRows: number };

/** The text of the region. A single server has a line for each thing that runs; several servers have one line each. */
function regionText(rows: Row[], step: Step | undefined, { columns, maxRows }: Size, now: number): string {
  const busy = rows.filter((row) => row.running.size > 0);
  const [only] = busy;
  const all = only !== undefined && rows.length === 1 ? linesOfRow(only, now) : busy.map((row) => rowText(row, now));
  const shown = all.slice(0, Math.max(1, maxRows));
  const hidden = all.length - shown.length;
  const waiting = rows.length - busy.length;
  const rest = [hidden > 0 ? `${hidden} more at work` : '', waiting > 0 ? `${waiting} waiting` : '']
    .filter(Boolean)
    .join(', ');
  const lines = [...shown, ...(rest === '' ? [] : [rest]), ...(step === undefined ? [] : [stepText(step, now)])];
  return lines.map((line) => (line.length > columns - 4 ? `${line.slice(0, columns - 5)}…` : line)).join('\n  ');
}

function stepText({ text, running }: Step, now: number): string {
  return `${text}: ${runningText(running, now)}`;
}

function linesOfRow({ title, name, running, ...counts }: Row, now: number): string[] {
  const doing = [...running].map(([collector, each]) => `${collector} ${runningText(each, now)}`);
  return doing.map((text, at) => `${title} ${name}: ${text}${at === doing.length - 1 ? `; ${countText(counts)}` : ''}`);
}

function rowText({ title, name, running, ...counts }: Row, now: number): string {
  const doing = [...running].map(([collector, each]) => `${collector} ${runningText(each, now)}`).join('; ');
  return `${title} ${name}: ${doing}; ${countText(counts)}`;
}

function countText({ done, failed }: Pick<Row, 'done' | 'failed'>): string {
  return `${done} done${failed > 0 ? `, ${failed} failed` : ''}`;
}
