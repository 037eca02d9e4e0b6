/** Answers of a form by the keys of its fields; an empty one was taken away. */
export type FormValues = Readonly<Record<string, string>>;

/** A question of a form. */
export type Field = {
  key: string;
  /** Its name in the list. */
  title: string;
  question: string;
  /** `long` opens an editor; `choice` has `choices`. */
  kind: 'text' | 'long' | 'choice';
  choices?: readonly string[];
  /** What holds where nothing else is said. */
  known?: string | undefined;
  /** What was answered another time: it is proposed, and never used by itself. */
  last?: string | undefined;
  /** @returns what is wrong with an answer, or undefined */
  validate?(answer: string): string | undefined;
  /** The answer as it is shown and used. */
  tidy?(answer: string): string;
};

/** `short` is what stays on the screen of a choice that was made. */
export type Choice<T> = { value: T; title: string; short?: string };

export type FormOptions = {
  /** What is answered already. */
  values?: FormValues;
  /** Where there is a question before: the person wants to return to it, with these answers so far. */
  onBack?: (values: FormValues) => never;
};

/** Questions to a person at a terminal. @throws UserError `interrupted` on Ctrl-C */
export interface Prompter {
  text(
    question: string,
    options?: { initial?: string; validate?: (answer: string) => string | undefined },
  ): Promise<string>;
  /** A text of several lines, written in the person's editor; one line where there is none. It may be empty. */
  long(question: string, initial?: string): Promise<string>;
  secret(question: string): Promise<string>;
  choose<T extends string>(question: string, choices: readonly Choice<T>[], initial?: T): Promise<T>;
  confirm(question: string, initial: boolean): Promise<boolean>;
  /** A list of questions with their answers, on one screen; Enter goes on without any. */
  form(title: string, fields: readonly Field[], options?: FormOptions): Promise<FormValues>;
}

/** The editor of the person. */
export type Editor = {
  /** As they call it. */
  name: string;
  /** @returns undefined where it failed, or was left with an error */
  edit(text: string): Promise<string | undefined>;
};
