import type { Text } from './command.js';
import type { JsonDocument } from './result.js';

/** A line for people; the tone is how `ui/` may colour it. One that is for a program, too, is not broken. */
export type OutputLine = { text: Text; tone?: 'good' | 'bad' | 'warn' | 'dim' | 'strong'; unbroken?: true };

/** What a verb leaves behind: for people, for scripts (nothing when it has printed for itself), and the exit code. */
export type VerbOutcome = {
  exitCode: number;
  lines: OutputLine[];
  json: JsonDocument | undefined;
  /** What is not well, where the document has neither an error nor losses for it. */
  trouble?: { reasons: readonly string[]; hint: Text | null };
};
