import { type KeyKind, keyKinds, namesSecret } from './key-name.js';

/** The name of a secret in a text. */
export type Key = { kind: KeyKind; start: number; end: number };

const cores = new Map(keyKinds.map((kind) => [kind, new RegExp(kind.core, 'gi')]));
const maxName = 64;

export function keysOf(text: string, kind: KeyKind): Key[] {
  const keys: Key[] = [];
  const core = cores.get(kind) ?? /(?!)/g;
  core.lastIndex = 0;
  for (let found = core.exec(text); found !== null; found = core.exec(text)) {
    const start = nameStart(text, found.index);
    const end = nameEnd(text, core.lastIndex);
    core.lastIndex = end;
    if (!text.startsWith('<redacted:', start - 10) && namesSecret(text.slice(start, end), kind)) {
      keys.push({ kind, start, end });
    }
  }
  return keys;
}

function nameStart(text: string, from: number): number {
  let start = from;
  while (start > 0 && from - start < maxName && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

function nameEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < maxName && isNamePart(text.charCodeAt(end))) end++;
  while (end > from && (text[end - 1] === '-' || text[end - 1] === '.')) end--;
  return end;
}

function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}
