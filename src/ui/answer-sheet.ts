import { defined } from '../domain/defined.js';
import { printableLine } from '../domain/text.js';
import type { UserError } from '../errors.js';
import { backChoice, emptiable, emptied, howToGoBack, isBack, lineOf, yesOrNo } from './interview-words.js';
import type { Operator } from './operator.js';
import type { Choice, Field, FormOptions, FormValues, Prompter } from './prompter.js';

type Value = string | boolean | FormValues;
type Answered = { key: string; question: string; value: Value; shown: string };
type Asking = { question: string; isValid(value: Value): boolean; shown(value: Value): string };

/** Thrown when the person wants to return to the question before. */
class GoBack extends Error {
  override readonly name = 'GoBack';
}

type TextOptions = NonNullable<Parameters<Prompter['text']>[1]>;

/** With fewer answers than this, all are still visible above, and no review is needed. */
const reviewedFrom = 2;

/** The answers so far, and which of them are to be used again without a question. */
export class AnswerSheet {
  private readonly operator: Operator;
  private readonly prompter: Prompter;
  private answered: Answered[] = [];
  private taken = new Map<string, Value>();
  private readonly proposed = new Map<string, Value>();
  private asksAnew = false;
  private hasSaidHow = false;

  constructor(operator: Operator, prompter: Prompter) {
    this.operator = operator;
    this.prompter = prompter;
  }

  /** @returns undefined where the interview has to be run again */
  async pass<T>(interview: (operator: Operator) => Promise<T>): Promise<{ value: T } | undefined> {
    this.answered = [];
    this.asksAnew = false;
    try {
      return { value: await interview(this.recording()) };
    } catch (error) {
      if (!(error instanceof GoBack)) throw error;
      this.takeAgain(this.answered.slice(0, -1));
      return undefined;
    }
  }

  async isRight(): Promise<boolean> {
    if (this.answered.length < reviewedFrom) return true;
    return this.review('Is that right?', [{ value: '', title: 'yes, go on' }]);
  }

  /** Has one answer changed. @throws the refusal where there is none */
  async mend(refusal: UserError): Promise<false> {
    if (this.answered.length === 0) throw refusal;
    this.operator.emit({ type: 'warning', text: refusal.message, ...defined({ hint: refusal.hint }) });
    await this.review('Which answer is to be another one?', []);
    return false;
  }

  /** @returns whether no answer is to be changed */
  private async review(question: string, others: readonly Choice<string>[]): Promise<boolean> {
    const changes = this.answered.map((each, index) => ({ value: String(index), title: `change: ${lineOf(each)}` }));
    const choice = await this.prompter.choose(question, [...others, ...changes]);
    if (choice !== '') this.takeAgain(this.answered.filter((_each, index) => String(index) !== choice));
    return choice === '';
  }

  private takeAgain(answers: readonly Answered[]): void {
    for (const { key, value } of this.answered) this.proposed.set(key, value);
    this.taken = new Map(answers.map(({ key, value }) => [key, value]));
  }

  /** The operator for one pass: messages before the question that is asked again are not repeated. */
  private recording(): Operator {
    const { emit } = this.operator;
    const isFirstPass = this.taken.size === 0;
    return {
      ...this.operator,
      emit: (event) => {
        if (this.asksAnew || isFirstPass) emit(event);
      },
      ask: this.asking(),
    };
  }

  private asking(): Prompter {
    return {
      secret: (question) => this.prompter.secret(question), // never kept
      text: (...asked) => this.text(...asked),
      long: (...asked) => this.long(...asked),
      choose: (...asked) => this.choose(...asked),
      form: (...asked) => this.form(...asked),
      confirm: (...asked) => this.confirm(...asked),
    };
  }

  private text(question: string, { initial, validate }: TextOptions = {}): Promise<string> {
    const isValid = (value: Value) => typeof value === 'string' && validate?.(value) === undefined;
    return this.answer({ question, isValid, shown: String }, async (before) => {
      const isOptional = initial === undefined && isValid('');
      const isEmptied = (typed: string) => initial === undefined && typed.trim() === emptied;
      const read = (typed: string) => (isOptional && isEmptied(typed) ? '' : typed);
      const text = await this.typed(isOptional && before ? emptiable(question) : question, {
        ...defined({ initial: before || initial }),
        validate: (typed) => (!isOptional && isEmptied(typed) ? 'An answer is needed' : validate?.(read(typed))),
      });
      return read(text);
    });
  }

  private long(question: string, initial?: string): Promise<string> {
    const isText = (value: Value) => typeof value === 'string';
    const asking = { question, isValid: isText, shown: (value: Value) => printableLine(String(value)) };
    return this.answer(asking, async (before) => {
      const text = await this.prompter.long(question, before ?? initial);
      if (isBack(text)) throw new GoBack();
      return text;
    });
  }

  private choose<T extends string>(question: string, choices: readonly Choice<T>[], initial?: T): Promise<T> {
    const titleOf = (value: Value) => choices.find((choice) => choice.value === value)?.title;
    const asking = {
      question,
      isValid: (value: Value) => titleOf(value) !== undefined,
      shown: (value: Value) => titleOf(value) ?? '',
    };
    return this.answer(asking, (before) => this.chosen(question, choices, before ?? initial));
  }

  private form(question: string, fields: readonly Field[], { values }: FormOptions = {}): Promise<FormValues> {
    const onBack = (soFar: FormValues) => {
      this.proposed.set(this.keyOf(question), soFar); // what was typed is not lost by going back
      throw new GoBack();
    };
    const answeredIn = (value: FormValues) => fields.filter(({ key }) => value[key]).map(({ title }) => title);
    const asking = {
      question,
      isValid: (value: Value) => typeof value === 'object',
      shown: (value: Value) => (typeof value === 'object' ? answeredIn(value).join(', ') : ''),
    };
    const back = this.answered.length === 0 ? {} : { onBack };
    return this.answer<FormValues>(asking, (before) =>
      this.prompter.form(question, fields, { ...defined({ values: before ?? values }), ...back }),
    );
  }

  private confirm(question: string, initial: boolean): Promise<boolean> {
    const asking = {
      question,
      isValid: (value: Value) => typeof value === 'boolean',
      shown: (value: Value) => (value ? 'yes' : 'no'),
    };
    return this.answer(asking, async (before) => {
      const usual = before ?? initial;
      const read = (typed: string) => (typed.trim() === '' ? usual : yesOrNo(typed));
      const typed = await this.typed(`${question} ${usual ? '(Y/n)' : '(y/N)'}`, {
        validate: (text) => (read(text) === undefined ? 'y or n' : undefined),
      });
      return read(typed) ?? usual;
    });
  }

  private async typed(question: string, { validate, ...options }: TextOptions): Promise<string> {
    const text = await this.prompter.text(question, {
      ...options,
      validate: (typed) => (isBack(typed) ? undefined : validate?.(typed)),
    });
    if (isBack(text)) throw new GoBack();
    return text;
  }

  private async chosen<T extends string>(question: string, choices: readonly Choice<T>[], initial?: T): Promise<T> {
    const back = this.answered.length === 0 ? [] : [backChoice];
    const value = await this.prompter.choose<T | '<'>(question, [...choices, ...back], initial);
    if (value === backChoice.value) throw new GoBack();
    return value;
  }

  /** The earlier answer if it is used again, else the person's. @param ask is given the earlier answer */
  private async answer<V extends Value>(
    { question, isValid, shown }: Asking,
    ask: (before: V | undefined) => Promise<V>,
  ): Promise<V> {
    const key = this.keyOf(question);
    const before = this.taken.get(key);
    const isTaken = before !== undefined && isValid(before);
    const value = isTaken ? (before as V) : await this.askAnew(key, isValid, ask);
    this.answered.push({ key, question, value, shown: shown(value) });
    return value;
  }

  /** A question may be asked several times. */
  private keyOf(question: string): string {
    return `${question} ${this.answered.filter((each) => each.question === question).length}`;
  }

  private async askAnew<V extends Value>(
    key: string,
    isValid: (value: Value) => boolean,
    ask: (before: V | undefined) => Promise<V>,
  ): Promise<V> {
    this.asksAnew = true;
    if (!this.hasSaidHow) this.operator.emit({ type: 'note', text: howToGoBack, asked: true });
    this.hasSaidHow = true;
    const proposed = this.proposed.get(key);
    return ask(proposed !== undefined && isValid(proposed) ? (proposed as V) : undefined);
  }
}
