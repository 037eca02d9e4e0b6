import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromVerbatim, hasMarker, verbatim } from '../../src/helpdesk/redmine/text.ts';

const pieces = fc.constantFrom(
  '<',
  '/',
  '>',
  'pre',
  'CODE',
  '\u212abd',
  'notextile',
  'x',
  ' ',
  '\n',
  '    ',
  '```',
  '~~~',
);
const text = fc.array(pieces, { maxLength: 60 }).map((found) => found.join(''));

describe('text for Redmine', () => {
  it('has no tag in Textile that would end its block, or begin another', () => {
    fc.assert(
      fc.property(text, (given) => {
        const inner = verbatim(given, 'textile').slice('<pre>\n'.length, -'\n</pre>'.length);

        expect(inner).not.toMatch(/<\/?(pre|code|kbd|notextile)/iu);
        expect(inner.replaceAll('< ', '<')).toBe(given.replaceAll('< ', '<'));
      }),
    );
  });

  it('has no line in Markdown that stands outside of its block, and is read back as it was', () => {
    fc.assert(
      fc.property(text, (given) => {
        const [first, ...lines] = verbatim(given, 'markdown').split('\n');

        expect(first).toBe('');
        expect(lines.filter((line) => !line.startsWith('    '))).toEqual([]);
        expect(fromVerbatim(verbatim(given, 'markdown'), 'markdown')).toBe(given);
      }),
    );
  });

  it('is left as it is where nothing is interpreted', () => {
    expect(verbatim('*a* <pre>', 'none')).toBe('*a* <pre>');
  });

  it.each(['textile', 'markdown', 'none'] as const)('is recognised by its marker in %s', (formatting) => {
    expect(hasMarker(verbatim('x\n[upload 0123 <pre>]', formatting), '[upload 0123 <pre>]')).toBe(true);
    expect(hasMarker(verbatim('x', formatting), '[upload 0123 <pre>]')).toBe(false);
  });
});
