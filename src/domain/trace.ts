import type { ProgressEvent } from './progress.js';

/** What a line of the trace is about. */
export type TraceArea = 'run' | 'ssh' | 'ftp' | 'http' | 'mail' | 'file' | 'lock';

/** What is noted: a step that was taken, or what was reported of the work. */
export type TraceEntry = { area: TraceArea; text: string } | { area: 'event'; event: ProgressEvent };

type TraceSink = (entry: TraceEntry) => void;

/**
 * Where the trace goes, one for the process. It is the one thing that is not handed from caller to callee: it cuts across
 * all engines, nothing depends on it, and as a parameter it would stand in the signature of everything that does anything.
 */
let sink: TraceSink | undefined;

/** Turns the trace on and off; the composition root's alone. */
export function traceTo(given: TraceSink | undefined): void {
  sink = given;
}

export function isTracing(): boolean {
  return sink !== undefined;
}

/** Notes what was done, for who looks for a fault. @param text is made only where somebody traces */
export function trace(area: TraceArea, text: () => string): void {
  if (sink !== undefined) sink({ area, text: text() });
}

/** Notes what is reported while work goes on. */
export function traceEvent(event: ProgressEvent): void {
  sink?.({ area: 'event', event });
}
