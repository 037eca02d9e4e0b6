import { type Anchors, anchorsOf } from './anchors.js';
import { keyKinds } from './key-name.js';
import { openKey } from './key-rule.js';
import { apart, type Found, limitOf, type Masked } from './masked.js';
import { normalise } from './normalise.js';
import { createPemLines, type PemLines } from './pem.js';
import { isBare, mask, type Rule } from './rule.js';

/** A longer line is worked on in windows of this size that overlap. */
export const windowLength = 64 * 1024;
const maxRounds = 4;

/** How much of the raw text is dealt with, and what is to be written for it; undefined: as it was. */
type Part = { consumed: number; out: string | undefined };

export function createLineRedactor(rules: readonly Rule[], count: (rule: string) => void): LineRedactor {
  return new LineRedactor(rules, count);
}

/**
 * Masks what rules find in lines that come one after the other: it remembers keys without a value, open private keys and
 * secrets that are longer than a window. Texts are latin1, a character a byte.
 */
export class LineRedactor {
  private readonly rules: readonly Rule[];
  private readonly count: (rule: string) => void;
  private readonly pem: PemLines;
  private readonly anchors: Anchors;
  /** Rules without an anchor, by their index. */
  private readonly always: readonly number[];
  /** A line begins: no window of it was read. */
  private isHead = true;
  /** The kind of a key on the line before whose value may be this line. */
  private awaited: string | undefined;
  /** What ends the secret that the window before ended in. */
  private until: RegExp | undefined;

  constructor(rules: readonly Rule[], count: (rule: string) => void) {
    this.rules = rules;
    this.count = count;
    this.pem = createPemLines(count);
    this.anchors = anchorsOf(rules.map((rule) => rule.anchors));
    this.always = [...rules.keys()].filter((index) => rules[index]?.anchors.length === 0);
  }

  /** The next line has to be looked at, whatever is in it. */
  isWaiting(): boolean {
    return !this.isHead || this.pem.isInside() || this.awaited !== undefined;
  }

  /** A window, not the last one, of a line longer than that. */
  window(raw: string): Part {
    const found = this.findIn(raw);
    const { limit, open } = limitOf(found, raw.length);
    const out = this.write(found, limit);
    this.isHead = false;
    this.until = open;
    return { consumed: found.rawAt(limit), out };
  }

  /** A line, or what is left of one after its windows; with its line end. */
  last(raw: string): string | undefined {
    const end = bodyLength(raw);
    const body = raw.slice(0, end);
    const wasInside = this.isHead && this.pem.isInside();
    const answered = this.isHead && this.isWaiting() ? this.remembered(normalise(body).text) : undefined;
    const found = this.findIn(answered ?? body);
    this.until = undefined;
    const out = this.settled(found) ?? answered;
    if (!wasInside) this.lookForPem(found.text, out);
    this.awaited = this.isHead && answered === undefined ? keyLeftOpen(found.text, out) : undefined;
    this.isHead = true;
    return out === undefined ? undefined : out + raw.slice(end);
  }

  /** A whole line that is no longer than a window, in a state that only lines end. */
  private remembered(text: string): string | undefined {
    const kind = this.awaited;
    this.awaited = undefined;
    if (this.pem.isInside()) return this.pem.next(text);
    if (kind === undefined || !isLoneValue(text)) return undefined;
    this.count(kind);
    return text.replace(text.trim(), () => mask(kind));
  }

  /** A private key may begin in the line, as it came or as it is written. */
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

  /** The rest of the secret that the window before ended in. */
  private goingOn(text: string): Found[] {
    const { until } = this;
    if (until === undefined) return [];
    const end = text.search(until);
    return [{ from: 0, start: 0, end: end < 0 ? text.length : end, until, mask: '', rule: '' }];
  }

  /** A mask may end what another secret was known by, so what is written is looked at again. */
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

/** The kind of a key whose value may follow on the next line. */
function keyLeftOpen(text: string, out: string | undefined): string | undefined {
  return openKey(text, keyKinds) ?? openKey(out ?? '', keyKinds);
}

function bodyLength(raw: string): number {
  if (!raw.endsWith('\n')) return raw.length;
  return raw.endsWith('\r\n') ? raw.length - 2 : raw.length - 1;
}

/** A line that is one word and no time: what was typed after a prompt, or the value of a key on the line above. */
function isLoneValue(text: string): boolean {
  const word = text.trim();
  if (isBare(word) || word.length > 1024 || /\s/.test(word)) return false;
  return !/^(?:[[<]?\d{1,4}[-/:.T]\d|[[<]?\d{9,}|[{}[\]<>])|[:>#$]$/.test(word);
}
