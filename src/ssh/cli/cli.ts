export type CliOutput = {
  /** The prompt the command was typed at. */
  prompt: string;
  command: string;
  /** What a person would have seen after pressing Enter. */
  text: string;
  /** The prompt that the command ended at, if it is a different one: the CLI is in another mode now. */
  promptAfter?: string;
  started: Date;
  ended: Date;
};

/** A dialogue with the InCenter CLI: an interactive shell with a prompt, on which commands run one after the other. */
export interface CliSession {
  /**
   * Runs one command to its end.
   * @throws UserError `cli-cut` when the session ended first, `cli-asks` when it waits for an answer, `cli-pager` when no
   * key turned a page, `cli-endless` past 8 MiB; `printed` tells what came
   */
  run(command: string, signal: AbortSignal): Promise<CliOutput>;
  /** What the last command printed so far, also when it failed. */
  printed(): string;
  close(): void;
}
