import { shellWord } from './quoting.js';

/** The verbs that read a configuration. */
const configured = [
  ...(['init', 'doctor', 'config', 'collect', 'resume', 'capture', 'captures'] as const),
  ...(['schedule', 'submit', 'upload', 'ticket', 'runs', 'watch', 'event', 'maintenance', 'ack', 'resolved'] as const),
  'weekly',
] as const;

export type Verb =
  | (typeof configured)[number]
  | 'completion'
  | 'verify'
  | 'inspect'
  | 'diff'
  | 'report'
  | 'demo'
  | 'mock';
type First = Verb | '--help' | '--version' | Placeholder;
type Word = string | number | Placeholder;

/** What the operator types something else for, as NUMBER: it is shown as it is, without quotes. */
class Placeholder {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function placeholder(text: string): Placeholder {
  return new Placeholder(text);
}

/** What was given and is to be given again: the configuration; the route whose help desk has the ticket. */
export type GoOn = { config?: string | undefined; route?: string | undefined };

/** A command of icepack for somebody to type; a value until it is shown. */
export class Command {
  readonly verb: First;
  readonly words: readonly Word[];

  constructor(verb: First, words: readonly Word[]) {
    this.verb = verb;
    this.words = words;
  }

  with(...words: readonly Word[]): Command {
    return new Command(this.verb, [...this.words, ...words]);
  }

  /** As a POSIX shell takes it. */
  spelled({ config, route }: GoOn = {}): string {
    const takesConfig = configured.some((verb) => verb === this.verb);
    const words = ['icepack', ...(config !== undefined && takesConfig ? ['--config', config] : [])];
    const takesRoute = this.verb === 'ticket' && !this.words.includes('--route');
    const more = route !== undefined && takesRoute ? ['--route', route] : [];
    return [...words, this.verb, ...this.words, ...more].map(spelledWord).join(' ');
  }
}

export function icepack(verb: First, ...words: readonly Word[]): Command {
  return new Command(verb, words);
}

function spelledWord(word: Word): string {
  return word instanceof Placeholder ? word.text : shellWord(String(word));
}

/** Words with commands between them. */
export class Sentence {
  readonly parts: readonly (string | Command)[];

  constructor(parts: readonly (string | Command)[]) {
    this.parts = parts;
  }
}

/** What is said to people. */
export type Text = string | Command | Sentence;

/** The tag of a text with commands in it, as in: say`Then: ${icepack('runs')}`. */
export function say(strings: readonly string[], ...values: readonly (Text | number)[]): Sentence {
  const parts = strings.flatMap((string, at) => {
    const value = values[at] ?? '';
    return [string, ...partsOf(typeof value === 'number' ? String(value) : value)];
  });
  return new Sentence(parts.filter((part) => part !== ''));
}

function partsOf(text: Text): readonly (string | Command)[] {
  return text instanceof Sentence ? text.parts : [text];
}

/** @param goOn with what the commands are to go on; nothing that is stored names it */
export function spelled(text: Text, goOn?: GoOn): string {
  return partsOf(text)
    .map((part) => (part instanceof Command ? part.spelled(goOn) : part))
    .join('');
}

export function commandsIn(text: Text): Command[] {
  return partsOf(text).filter((part) => part instanceof Command);
}

export function linesOf(text: Text): Sentence[] {
  const lines: (string | Command)[][] = [[]];
  for (const part of partsOf(text)) {
    const [first = '', ...others] = part instanceof Command ? [part] : part.split('\n');
    lines.at(-1)?.push(first);
    lines.push(...others.map((other) => [other]));
  }
  return lines.map((parts) => new Sentence(parts));
}
