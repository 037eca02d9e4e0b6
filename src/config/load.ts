import { type Document, type ErrorCode, isMap, isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { Appliance } from '../domain/appliance.js';
import { usageError } from '../errors.js';
import { appliancesOf } from './appliances.js';
import { badConfig, describe } from './faults.js';
import { type ConfigPlaces, readFirst } from './places.js';
import { type ConfigInput, configSchema } from './schema.js';

export type HelpDeskConfig = NonNullable<ConfigInput['helpdesk']>;

export type Config = Omit<ConfigInput, 'appliances' | 'jumpHosts' | 'timeouts' | 'window' | 'helpdesk'> & {
  /** The file it was read from. */
  path: string;
  appliances: Appliance[];
  window: { beforeMs: number; afterMs: number };
  helpdesk?: HelpDeskConfig;
};

/** Finds and reads `icepack.yaml`. @throws UserError `no-config`, `bad-config` naming file and line */
export async function loadConfig(places: ConfigPlaces): Promise<Config> {
  const { path, text } = await readFirst(places);
  return parseConfig(text, path, places.home);
}

const maxAliases = 500;

/** @throws UserError `bad-config`: every fault, each with its line */
export function parseConfig(text: string, path: string, home: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw usageError('bad-config', `${path}:${lines.linePos(syntax.pos[0]).line}: ${yamlFault(syntax.code)}`);
  }
  const root = contentOf(document, lines, path);
  const parsed = configSchema.safeParse(root);
  if (parsed.success) return build(parsed.data, path, home);
  const lineOf = (keys: PropertyKey[]) => lineOfKeys(document, lines, keys);
  throw badConfig(
    path,
    parsed.error.issues.flatMap((issue) => describe(issue, lineOf, root)),
  );
}

/** The document as plain data. Aliases are resolved, within bounds; one of nothing is refused. */
function contentOf(document: Document, lines: LineCounter, path: string): unknown {
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const { line } = lines.linePos(alias.range?.[0] ?? 0);
      throw usageError('bad-config', `${path}:${line}: an alias (*) of nothing`, 'Quote a text that begins with *');
    },
  });
  try {
    return document.toJS({ maxAliasCount: maxAliases }) ?? {};
  } catch {
    throw usageError('bad-config', `${path}:1: its aliases stand for too much`, 'Write out what they stand for');
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

/** In our words: the parser's own repeat what stands there, which may be a secret. */
function yamlFault(code: ErrorCode): string {
  if (code === 'DUPLICATE_KEY') return 'keys must be unique';
  if (code === 'TAB_AS_INDENT') return 'a tab is no indentation';
  return `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')}); quote a text that begins with one of |>@%&*!{[\`"'`;
}

function build(input: ConfigInput, path: string, home: string): Config {
  const { appliances: _appliances, jumpHosts: _jumpHosts, timeouts: _timeouts, window, helpdesk, ...rest } = input;
  const config: Config = {
    ...rest,
    path,
    window: { beforeMs: window.before, afterMs: window.after },
    appliances: appliancesOf(input, { path, home }),
  };
  if (helpdesk !== undefined) config.helpdesk = helpdesk;
  return config;
}
