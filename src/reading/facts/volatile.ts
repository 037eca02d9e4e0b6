const volatileName =
  /(?:^mem$|^swap$|up ?time|time|date|clock|\blast\b|since|\bage\b|load|packets|bytes|\brx\b|\btx\b|\bused\b|\bfree\b|available|\bcpu ?%|\bpid\b|sessions|connections|counter|\bhits\b|\bidle\b|\bnext\b)/i;
const volatileParts: readonly RegExp[] = [
  /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g,
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? /g,
  /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2}\b/g,
  /\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g,
  /\b\d+(?:\.\d+)? ?(?:ms|s|sec|secs|seconds?|min|mins|minutes?|h|hours?|d|days?|weeks?)\b/gi,
  /(?<![\d.])\d{4,}(?![\d.])/g,
];
/** What masking leaves in the place of a secret: two of them are equal, whatever they stood for. */
const masked = /\[(?:redacted|masked|filtered)[^\]]*\]|<(?:redacted|masked)[^>]*>|\*{3,}/gi;

/** A line without what changes from one minute to the next: times, durations, counters, and the traces of masking. */
export function steady(line: string): string {
  return volatileParts.reduce((text, part) => text.replace(part, '#'), withoutMasks(line));
}

export function withoutMasks(line: string): string {
  return line.replace(masked, '#');
}

/** Whether a value changes by itself, by what it is called: `uptime`, `rx packets`. */
export function isVolatile(name: string): boolean {
  return volatileName.test(name);
}
