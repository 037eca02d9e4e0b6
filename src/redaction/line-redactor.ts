import { type Anchors, anchorsOf } from './anchors.js';
import { keyKinds } from './key-name.js';
import { openKey } from './key-rule.js';
import { apart, type Found, limitOf, type Masked } from './masked.js';
import { normalise } from './normalise.js';
import { createPemLines, type PemLines } from './pem.js';
import { isBare, mask, type Rule } from './rule.js';

/** A line longer than this is handled in overlapping windows of this size. */
export const windowLength = 64 * 1024;
const maxRounds = 4;

/** How much of the raw text was handled, and what to write for it; undefined to write it unchanged. */
type Part = { consumed: number; out: string | undefined };

export function createLineRedactor(rules: readonly Rule[], count: (rule: string) => void): LineRedactor {
  return new LineRedactor(rules, count);
}

/**
 * Masks what rules find in consecutive lines. It remembers keys without a value, open private keys, and secrets longer
 * than a window. Texts are latin1, one character per byte.
 */
export class LineRedactor {
  private readonly rules: readonly Rule[];
  private readonly count: (rule: string) => void;
  private readonly pem: PemLines;
  private readonly anchors: Anchors;
  /** The indexes of rules without an anchor. */
  private readonly always: readonly number[];
  /** A line begins here: none of its windows was read yet. */
  private isHead = true;
  /** The kind of a key on the line before, if its value may be this line. */
  private awaited: string | undefined;
  /** The end to look for of a secret that the last window ended in. */
  private until: RegExp | undefined;

  constructor(rules: readonly Rule[], count: (rule: string) => void) {
    this.rules = rules;
    this.count = count;
    this.pem = createPemLines(count);
    this.anchors = anchorsOf(rules.map((rule) => rule.anchors));
    this.always = [...rules.keys()].filter((index) => rules[index]?.anchors.length === 0);
  }

  /** Whether the next line must be looked at, whatever it contains. */
  isWaiting(): boolean {
    return !this.isHead || this.pem.isInside() || this.awaited !== undefined;
  }

  /** Masks a window of a longer line, but not its last one. */
  window(raw: string): Part {
    const found = this.findIn(raw);
    const { limit, open } = limitOf(found, raw.length);
    const out = this.write(found, limit);
    this.isHead = false;
    this.until = open;
    return { consumed: found.rawAt(limit), out };
  }

  /** Masks a line, or the rest of one after its windows, including its line end. */
  last(raw: string): string | undefined {
    const end = bodyLength(raw);
    const body = raw.slice(0, end);
    const wasInside = this.isHead && this.pem.isInside();
    const answered = this.isHead && this.isWaiting() ? this.remembered(normalise(body).text) : undefined;
    const found = this.findIn(answered ?? body);
    this.until = undefined;
    const out = this.settled(found) ?? answered;
    if (!wasInside || !this.pem.isInside()) this.lookForPem(found.text, out);
    this.awaited = this.isHead && answered === undefined ? keyLeftOpen(found.text, out) : undefined;
    this.isHead = true;
    return out === undefined ? undefined : out + raw.slice(end);
  }

  /** Masks a whole line that fits a window, when an earlier line left a key or a private key open. */
  private remembered(text: string): string | undefined {
    const kind = this.awaited;
    this.awaited = undefined;
    if (this.pem.isInside()) return this.pem.next(text);
    if (kind === undefined || !isLoneValue(text)) return undefined;
    this.count(kind);
    return text.replace(text.trim(), () => mask(kind));
  }

  /** Looks for the beginning of a private key in the line, before and after masking. */
  private lookForPem(text: string, out: string | undefined): void {
    this.pem.look(text);
    if (!this.pem.isInside() && out !== undefined) this.pem.look(out);
  }

  private findIn(raw: string): Masked {
    const normalised = normalise(raw);
    const { text } = normalised;
    const line = { text, isHead: this.isHead };
    const spans: Found[] = [];
    for (const index of [...this.always, ...this.anchors.listsIn(text)]) {
      const rule = this.rules[index];
      if (rule === undefined) continue;
      for (const span of rule.find(line)) {
        spans.push({ ...span, rule: rule.name, mask: rule.replace(text.slice(span.start, span.end)) });
      }
    }
    return { ...normalised, spans: apart([...this.goingOn(text), ...spans]) };
  }

  /** The rest of a secret that the last window ended in. */
  private goingOn(text: string): Found[] {
    const { until } = this;
    if (until === undefined) return [];
    const end = text.search(until);
    return [{ from: 0, start: 0, end: end < 0 ? text.length : end, until, mask: '', rule: '' }];
  }

  /** The masked line. It is looked at again, because a mask may change the text by which another secret is recognised. */
  private settled(found: Masked): string | undefined {
    let out = this.write(found, found.text.length);
    for (let round = 0; out !== undefined && round < maxRounds; round++) {
      const again = this.findIn(out);
      if (again.spans.length === 0) return out;
      out = this.write(again, again.text.length);
    }
    return out;
  }

  private write({ text, spans }: Masked, limit: number): string | undefined {
    const written = spans.filter((span) => span.start < limit);
    if (written.length === 0) return undefined;
    let out = '';
    let at = 0;
    for (const span of written) {
      out += text.slice(at, span.start) + span.mask;
      at = span.end;
      if (span.rule !== '') this.count(span.rule);
    }
    return out + text.slice(at, Math.max(at, limit));
  }
}

/** The kind of a key at the end of the line, if its value may follow on the next line. */
function keyLeftOpen(text: string, out: string | undefined): string | undefined {
  return openKey(text, keyKinds) ?? openKey(out ?? '', keyKinds);
}

function bodyLength(raw: string): number {
  if (!raw.endsWith('\n')) return raw.length;
  return raw.endsWith('\r\n') ? raw.length - 2 : raw.length - 1;
}

/**
 * Whether a line is one word and not a time: it may be what was typed after a prompt, or the value of a key on the line
 * above.
 */
function isLoneValue(text: string): boolean {
  const word = text.trim();
  if (isBare(word) || word.length > 1024 || /\s/.test(word)) return false;
  return !/^(?:[[<]?\d{1,4}[-/:.T]\d|[[<]?\d{9,}|[{}[\]<>])|[:>#$]$/.test(word);
}
