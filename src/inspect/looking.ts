import type { Emit } from '../domain/progress.js';
import type { RawOutput } from '../ui/raw-output.js';

/** Where what somebody looks at goes. */
export type Looking = {
  /** Undefined where a document is wanted. */
  output: RawOutput | undefined;
  emit: Emit;
  signal: AbortSignal;
};

/** A document holds so many lines at most. */
export const maxDocumentLines = 50_000;
