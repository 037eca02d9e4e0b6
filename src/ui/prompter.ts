/** Questions to a person at a terminal. @throws UserError `interrupted` on Ctrl-C */
export interface Prompter {
  text(
    question: string,
    options?: { initial?: string; validate?: (answer: string) => string | undefined },
  ): Promise<string>;
  secret(question: string): Promise<string>;
  choose<T extends string>(question: string, choices: readonly { value: T; title: string }[], initial?: T): Promise<T>;
  confirm(question: string, initial: boolean): Promise<boolean>;
}
