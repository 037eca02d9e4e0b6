import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';

/** Gives a verb its context and takes its outcome; `cli.ts` prints it and sets the exit code. */
export type RunVerb = (command: Command, work: (context: Context) => Promise<VerbOutcome>) => Promise<void>;
