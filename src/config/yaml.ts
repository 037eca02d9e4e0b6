import {
  type Document,
  type ErrorCode,
  isMap,
  isNode,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type ScalarTag,
  type SchemaOptions,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { type UserError, usageError } from '../errors.js';
import { faultsOf } from './faults.js';

/** The error code for a faulty file that a person wrote. */
type Kind = 'bad-config' | 'bad-recipe' | 'bad-answers';

const maxAliases = 500;

/** Reads a YAML file by its schema. @param prepare completes what is written before that @throws UserError of the kind, with every fault and its line */
export function parseYaml<S extends z.ZodType>(
  schema: S,
  text: string,
  path: string,
  kind: Kind,
  prepare: (root: unknown) => unknown = (root) => root,
): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false, ...typesOf(kind) });
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw usageError(kind, `${path}:${lines.linePos(syntax.pos[0]).line}: ${yamlFault(syntax.code)}`);
  if (kind === 'bad-answers') refuseCutTexts(document, lines, path);
  const root = prepare(contentOf(document, lines, path, kind));
  const parsed = schema.safeParse(root);
  if (parsed.success) return parsed.data;
  const lineOf = (keys: PropertyKey[]) => lineOfKeys(document, lines, keys);
  throw faulty(kind, path, faultsOf(parsed.error.issues, schema, lineOf, root));
}

/** An answer is what is written: `0012` keeps its zeros, and `null` is none. */
function typesOf(kind: Kind): ParseOptions & SchemaOptions {
  return kind === 'bad-answers' ? { schema: 'failsafe', customTags: (tags) => [...tags, noAnswer] } : {};
}

const noAnswer: ScalarTag = {
  ...{ tag: 'tag:yaml.org,2002:null', default: true, test: /^(~|null|Null|NULL)$/ },
  resolve: () => null,
};

function faulty(kind: Kind, path: string, faults: { line: number; text: string }[]): UserError {
  const lines = faults.map((fault) => `${path}:${fault.line}: ${fault.text}`);
  return usageError(kind, lines.join('\n'), `Mend ${faults.length === 1 ? 'that line' : 'those lines'} of ${path}`);
}

/** `#4711` behind a text begins a comment in YAML, and is a number to whoever wrote it. */
function refuseCutTexts(document: Document, lines: LineCounter, path: string): void {
  visit(document, {
    Scalar(_key, { comment, range }) {
      const word = /^[^\s#]\S*/.exec(comment ?? '')?.[0];
      if (word === undefined) return;
      const { line } = lines.linePos(range?.[0] ?? 0);
      const hint = 'Quote the whole text; a comment has a space behind #';
      throw usageError('bad-answers', `${path}:${line}: "#" begins a comment there: "#${word}" is not taken`, hint);
    },
  });
}

/** The document as plain data. Aliases are resolved, within bounds; one without a target is refused. */
function contentOf(document: Document, lines: LineCounter, path: string, kind: Kind): unknown {
  let aliases = 0;
  const tooMuch = () => usageError(kind, `${path}:1: its aliases stand for too much`, 'Write out what they stand for');
  visit(document, {
    Alias(_key, alias) {
      if (++aliases > maxAliases) throw tooMuch(); // to find out what one stands for takes its time
      if (alias.resolve(document) !== undefined) return;
      const { line } = lines.linePos(alias.range?.[0] ?? 0);
      throw usageError(kind, `${path}:${line}: an alias (*) of nothing`, 'Quote a text that begins with *');
    },
  });
  try {
    return document.toJS({ maxAliasCount: maxAliases }) ?? {};
  } catch {
    throw tooMuch();
  }
}

function lineOfKeys(document: Document, lines: LineCounter, keys: PropertyKey[]): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const parent = document.getIn(keys.slice(0, depth - 1), true);
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(keys[depth - 1])) : undefined;
    const node = pair?.key ?? document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** A YAML fault in our words: the parser's own messages repeat the text, which may be a secret. */
function yamlFault(code: ErrorCode): string {
  if (code === 'DUPLICATE_KEY') return 'keys must be unique';
  if (code === 'TAB_AS_INDENT') return 'a tab is no indentation';
  return `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')}); quote a text that begins with one of |>@%&*!{[\`"'`;
}
