import { Chalk, type ChalkInstance } from 'chalk';
import { Command, Sentence, spelled } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { Emit, ProgressEvent } from '../domain/progress.js';
import { visibleJson } from '../domain/text.js';
import { writeChecked } from './checked-write.js';
import { lineOf, type Weight } from './event-line.js';
import type { LiveRegion } from './live-region.js';
import { wrapped } from './wrap.js';

export type UiOptions = {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  /** Whether colours are used; not with `--no-color`, `NO_COLOR`, or a stream that is no terminal. */
  color: { stdout: boolean; stderr: boolean };
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  now(): Date;
  /** The configuration that was named; shown commands include it. */
  config: string | undefined;
  /** The route that was named; shown commands of `icepack ticket` include it. */
  route?: string | undefined;
};

export interface Ui {
  emit: Emit;
  /** Writes the result. @throws UserError `output-lost` when it cannot be written */
  printResult(lines: readonly OutputLine[], json: object): Promise<void>;
  printError(lines: readonly OutputLine[]): void;
  /**
   * Runs something that needs the terminal for itself, such as a question; `worked` says whether work was shown before
   * it.
   */
  withTerminal<T>(work: (worked: boolean) => Promise<T>): Promise<T>;
  close(): void;
}

export async function openUi(options: UiOptions): Promise<Ui> {
  const { json, stdout, stderr, color } = options;
  const live =
    !json && !options.quiet && stderr.isTTY
      ? (await import('./live-region.js')).openLiveRegion(stderr, color.stderr, () => options.now().getTime())
      : undefined;
  const shown = (line: OutputLine, stream: NodeJS.WriteStream, colored: boolean) =>
    show(line, stream, colored, options);
  stderr.on('error', () => undefined); // narration that nobody can read is not worth failing for
  return {
    emit: json ? jsonReporter(options) : (event) => reportText(event, options, live),
    async printResult(lines, document) {
      live?.stop();
      if (!json && lines.length === 0) return;
      const text = json
        ? visibleJson(document, asStrings(options))
        : lines.map((line) => shown(line, stdout, color.stdout)).join('\n');
      await writeChecked(stdout, `${text}\n`);
    },
    printError(lines) {
      live?.stop();
      for (const line of lines) stderr.write(`${shown(line, stderr, color.stderr)}\n`);
    },
    async withTerminal(work) {
      const worked = live?.stop() ?? false;
      return work(worked);
    },
    close: () => live?.stop(),
  };
}

const weights: Record<Weight, number> = { asked: 0, normal: 1, verbose: 2 };

function reportText(event: ProgressEvent, options: UiOptions, live: LiveRegion | undefined): void {
  const { quiet, verbose, stderr, color, now } = options;
  const line = lineOf(event);
  const threshold = quiet ? 0 : verbose ? 2 : 1;
  const passing = live !== undefined && (event.type === 'item-started' || event.type === 'step-started');
  if (line !== undefined && !passing && weights[line.weight] <= threshold) {
    const stamp = live === undefined && !quiet ? `${now().toISOString()} ` : '';
    const write = () => stderr.write(`${stamp}${show(line, stderr, color.stderr, options)}\n`);
    if (live === undefined) write();
    else live.above(write);
  }
  live?.update(event);
}

const progressEveryMs = 1000;

/** Reports progress of bytes at most once a second, and all other events as they happen. */
function jsonReporter(options: UiOptions): Emit {
  const { stderr, now, quiet } = options;
  let progressedAt = 0;
  return (event) => {
    if (quiet && event.type !== 'error') return; // the document says it all; an error is told where it could not be written
    const at = now();
    if (event.type === 'item-progress' || event.type === 'step-progress') {
      if (at.getTime() - progressedAt < progressEveryMs) return;
      progressedAt = at.getTime();
    }
    stderr.write(`${visibleJson({ time: at.toISOString(), ...event }, asStrings(options))}\n`);
  };
}

/** Turns texts in JSON documents into what people read. */
function asStrings(options: UiOptions) {
  return (_key: string, value: unknown): unknown =>
    value instanceof Command || value instanceof Sentence ? spelled(value, options) : value;
}

/** Longer lines are hard to read, however wide the terminal is. */
const widest = 100;

function show(line: OutputLine, stream: NodeJS.WriteStream, color: boolean, options: UiOptions): string {
  const { text, tone, unbroken = false } = line;
  return paint(
    stream.isTTY && !unbroken ? wrapped(text, Math.min(stream.columns || 80, widest), options) : spelled(text, options),
    tone,
    new Chalk({ level: color ? 1 : 0 }),
  );
}

function paint(text: string, tone: OutputLine['tone'], chalk: ChalkInstance): string {
  switch (tone) {
    case 'good':
      return chalk.green(text);
    case 'bad':
      return chalk.red(text);
    case 'warn':
      return paintLabel(text, chalk);
    case 'dim':
      return chalk.dim(text);
    case 'strong':
      return chalk.bold(text);
    default:
      return text;
  }
}

/** The beginning of a warning, such as `Warning:`, `ice01:`, `warn` or `!`. */
const label = /^\s*(?:\w+:|warn|new|[^\s\w]+)(?=\s)/;

/** Marks only the label, and in bold: it can be read on any background, which yellow cannot. */
function paintLabel(text: string, chalk: ChalkInstance): string {
  const [marked] = label.exec(text) ?? [];
  return marked === undefined ? chalk.bold(text) : `${chalk.bold(marked)}${text.slice(marked.length)}`;
}
