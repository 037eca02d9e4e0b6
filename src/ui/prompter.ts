/** Questions to a person at a terminal. @throws UserError `interrupted` on Ctrl-C */
export interface Prompter {
  text(
    question: string,
    options?: { initial?: string; validate?: (answer: string) => string | undefined },
  ): Promise<string>;
  /** A text of several lines, written in the person's editor; one line where there is none. It may be empty. */
  long(question: string, initial?: string): Promise<string>;
  secret(question: string): Promise<string>;
  choose<T extends string>(question: string, choices: readonly { value: T; title: string }[], initial?: T): Promise<T>;
  confirm(question: string, initial: boolean): Promise<boolean>;
}

/** The editor of the person. */
export type Editor = {
  /** As they call it. */
  name: string;
  /** @returns undefined where it failed, or was left with an error */
  edit(text: string): Promise<string | undefined>;
};
