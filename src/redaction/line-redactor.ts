import { anchorsOf } from './anchors.js';
import { keyKinds } from './key-name.js';
import { openKey } from './key-rule.js';
import { type Normalised, normalise } from './normalise.js';
import { createPemLines } from './pem.js';
import { isBare, type Line, mask, type Rule, type Span } from './rule.js';

/** A longer line is worked on in windows of this size that overlap. */
export const windowLength = 64 * 1024;
const overlapLength = 4 * 1024;
/** What is kept of a secret that has not ended, so that its end may lie across two windows. */
const seamLength = 32;
const maxRounds = 4;

type Found = Span & { mask: string; rule: string };
type Masked = Normalised & { spans: Found[] };
/** How much of the raw text is dealt with, and what is to be written for it; undefined: as it was. */
type Part = { consumed: number; out: string | undefined };

/**
 * Masks what rules find in lines that come one after the other: it remembers keys without a value, open private keys and
 * secrets that are longer than a window. Texts are latin1, a character a byte.
 */
export function createLineRedactor(rules: readonly Rule[], count: (rule: string) => void) {
  const pem = createPemLines(count);
  const anchors = anchorsOf(rules.map((rule) => rule.anchors));
  const always = [...rules.keys()].filter((index) => rules[index]?.anchors.length === 0);
  let isHead = true;
  let awaited: string | undefined;
  let until: RegExp | undefined;

  function findIn(raw: string): Masked {
    const normalised = normalise(raw);
    const { text } = normalised;
    const line: Line = { text, isHead };
    const spans: Found[] = [];
    for (const index of [...always, ...anchors.listsIn(text)]) {
      const rule = rules[index];
      if (rule === undefined) continue;
      for (const span of rule.find(line)) {
        spans.push({ ...span, rule: rule.name, mask: rule.replace(text.slice(span.start, span.end)) });
      }
    }
    return { ...normalised, spans: apart([...goingOn(text), ...spans]) };
  }

  /** The rest of the secret that the window before ended in. */
  function goingOn(text: string): Found[] {
    if (until === undefined) return [];
    const end = text.search(until);
    return [{ from: 0, start: 0, end: end < 0 ? text.length : end, until, mask: '', rule: '' }];
  }

  function write({ text, spans }: Masked, limit: number): string | undefined {
    const written = spans.filter((span) => span.start < limit);
    if (written.length === 0) return undefined;
    let out = '';
    let at = 0;
    for (const span of written) {
      out += text.slice(at, span.start) + span.mask;
      at = span.end;
      if (span.rule !== '') count(span.rule);
    }
    return out + text.slice(at, Math.max(at, limit));
  }

  /** A mask may end what another secret was known by, so what is written is looked at again. */
  function settled(found: Masked): string | undefined {
    let out = write(found, found.text.length);
    for (let round = 0; out !== undefined && round < maxRounds; round++) {
      const again = findIn(out);
      if (again.spans.length === 0) return out;
      out = write(again, again.text.length);
    }
    return out;
  }

  function isWaiting(): boolean {
    return !isHead || pem.isInside() || awaited !== undefined;
  }

  /** A whole line that is no longer than a window, in a state that only lines end. */
  function remembered(text: string): string | undefined {
    const kind = awaited;
    awaited = undefined;
    if (pem.isInside()) return pem.next(text);
    if (kind === undefined || !isLoneValue(text)) return undefined;
    count(kind);
    return text.replace(text.trim(), () => mask(kind));
  }

  return {
    /** The next line has to be looked at, whatever is in it. */
    isWaiting,

    /** A window, not the last one, of a line longer than that. */
    window(raw: string): Part {
      const found = findIn(raw);
      const { limit, open } = limitOf(found, raw.length);
      const out = write(found, limit);
      isHead = false;
      until = open;
      return { consumed: found.rawAt(limit), out };
    },

    /** A line, or what is left of one after its windows; with its line end. */
    last(raw: string): string | undefined {
      const end = bodyLength(raw);
      const body = raw.slice(0, end);
      const wasInside = isHead && pem.isInside();
      const answered = isHead && isWaiting() ? remembered(normalise(body).text) : undefined;
      const found = findIn(answered ?? body);
      until = undefined;
      const out = settled(found) ?? answered;
      if (!wasInside) pem.look(found.text);
      if (!wasInside && !pem.isInside() && out !== undefined) pem.look(out);
      awaited =
        isHead && answered === undefined ? (openKey(found.text, keyKinds) ?? openKey(out ?? '', keyKinds)) : undefined;
      isHead = true;
      return out === undefined ? undefined : out + raw.slice(end);
    },
  };
}

function bodyLength(raw: string): number {
  if (!raw.endsWith('\n')) return raw.length;
  return raw.endsWith('\r\n') ? raw.length - 2 : raw.length - 1;
}

/** Where to stop in a window: before what the next one sees better, or inside a secret that is longer than both. */
function limitOf({ text, spans, placeAt }: Masked, rawLength: number): { limit: number; open: RegExp | undefined } {
  const limit = placeAt(rawLength - overlapLength);
  const across = spans.find((span) => span.from < limit && span.end > limit);
  if (across === undefined) return { limit, open: undefined };
  if (across.end < text.length) return { limit: across.end, open: undefined };
  if (across.start >= limit && across.from > 0) return { limit: across.from, open: undefined };
  return { limit: Math.max(across.start + 1, text.length - seamLength), open: across.until };
}

/** In order and without overlaps; of two that overlap, one mask stands for both. */
function apart(spans: Found[]): Found[] {
  if (spans.length < 2) return spans;
  const result: Found[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end, until: span.until };
  }
  return result;
}

/** A line that is one word and no time: what was typed after a prompt, or the value of a key on the line above. */
function isLoneValue(text: string): boolean {
  const word = text.trim();
  if (isBare(word) || word.length > 1024 || /\s/.test(word)) return false;
  return !/^(?:[[<]?\d{1,4}[-/:.T]\d|[[<]?\d{9,}|[{}[\]<>])|[:>#$]$/.test(word);
}
