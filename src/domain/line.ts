import type { Text } from './command.js';

/** A line for people; the tone is how `ui/` may colour it. */
export type OutputLine = { text: Text; tone?: 'good' | 'bad' | 'warn' | 'dim' | 'strong' };

/** What a verb leaves behind: for people, for scripts (nothing when it has printed for itself), and the exit code. */
export type VerbOutcome = { exitCode: number; lines: OutputLine[]; json: Document | undefined };

type Document = Record<string, unknown> & { error?: { message: string; hint: Text | null } | null };
