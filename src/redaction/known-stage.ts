import { knownSecrets, maskKnown } from './known.js';
import { mask, type Rule } from './rule.js';

/** Masks known secrets in the raw bytes, before all other stages, because they may be broken over lines. */
export function createKnownStage(secrets: readonly string[], count: () => void) {
  const known = knownSecrets(secrets);
  if (known === undefined) {
    return { rules: [], push: (chunk: Buffer) => [chunk], end: (): Buffer[] => [] };
  }
  const { expression, maxLength } = known;
  let rest: Buffer = Buffer.alloc(0);

  function* upTo(bytes: Buffer, limit: number): Generator<Buffer> {
    const text = bytes.toString('latin1');
    let at = 0;
    expression.lastIndex = 0;
    for (let found = expression.exec(text); found !== null && found.index < limit; found = expression.exec(text)) {
      yield bytes.subarray(at, found.index);
      yield Buffer.from(maskKnown(found[0], count), 'latin1');
      at = found.index + found[0].length;
    }
    const end = Math.max(at, limit);
    yield bytes.subarray(at, end);
    rest = Buffer.from(bytes.subarray(end)); // a copy: the rest of its chunk is let go
  }

  return {
    rules: [knownRule(expression)],
    *push(chunk: Buffer): Generator<Buffer> {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (bytes.length <= maxLength) rest = bytes;
      else yield* upTo(bytes, bytes.length - maxLength);
    },
    *end(): Generator<Buffer> {
      yield* upTo(rest, rest.length);
    },
  };
}

/** Finds known secrets in a line without its escape sequences, where one may appear that was hidden before. */
function knownRule(expression: RegExp): Rule {
  return {
    name: 'known',
    anchors: [],
    find: ({ text }) =>
      [...text.matchAll(expression)]
        .filter(({ 0: found }) => !found.startsWith('<redacted:'))
        .map(({ 0: found, index }) => ({ from: index, start: index, end: index + found.length, until: /\s/ })),
    replace: () => mask('known'),
  };
}
