import { lstat, readFile } from 'node:fs/promises';
import { isMap, isNode, parseDocument } from 'yaml';
import { createPartial } from '../fs/durable.js';

/** A key to add at the top of the configuration, and its value. */
export type NewKey = { key: string; value: string | Record<string, string> };

/** The lines for new keys; the operator types them by hand where we may not write the file. */
export function linesFor(added: readonly NewKey[]): string[] {
  return added.map(({ key, value }) => {
    if (typeof value === 'string') return `${key}: ${JSON.stringify(value)}`;
    const pairs = Object.entries(value).map(([name, text]) => `${name}: ${JSON.stringify(text)}`);
    return `${key}: { ${pairs.join(', ')} }`;
  });
}

/**
 * Adds keys to a configuration, before its first one; everything else stays byte by byte.
 * @returns whether it was done; it is not done in a file that is a link, belongs to somebody else, already has such a
 * key, or has no place for it
 * @throws UserError `local-write`
 */
export async function addToConfig(path: string, added: readonly NewKey[]): Promise<boolean> {
  const found = await lstat(path);
  if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o200) === 0) return false;
  const text = withLines(await readFile(path, 'utf8'), added);
  if (text === undefined) return false;
  const partial = await createPartial(path);
  try {
    await partial.handle.writeFile(text);
    await partial.handle.chmod(found.mode & 0o777);
    await partial.commit({ replace: true });
    return true;
  } finally {
    await partial.discard();
  }
}

function withLines(text: string, added: readonly NewKey[]): string | undefined {
  const document = parseDocument(text);
  const root = document.contents;
  if (!isMap(root) || root.flow || added.some(({ key }) => root.has(key))) return undefined;
  const first = root.items[0]?.key;
  if (!isNode(first) || !first.range) return undefined;
  const at = first.range[0];
  if (at > 0 && text[at - 1] !== '\n') return undefined; // such as behind a mark, or after "---"
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = linesFor(added).map((line) => `${line}${newLine}`);
  const written = `${text.slice(0, at)}${lines.join('')}${text.slice(at)}`;
  const isRead = parseDocument(written, { uniqueKeys: true }).errors.length === 0;
  return isRead ? written : undefined;
}
