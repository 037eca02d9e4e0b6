import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsWithPrompts, outputOf, promptPattern, screenText } from '../../src/ssh/cli/cli-text.ts';

describe('the text of a screen', () => {
  it.each([
    ['drops colours', '\x1b[1;32madmin\x1b[0m@\x1b[34mInCenter\x1b[m', 'admin@InCenter'],
    ['drops a window title', '\x1b]0;admin@ice01\x07ready', 'ready'],
    ['drops cursor movements and switches', '\x1b[?25l\x1b[2J\x1b[Htext\x1b[?25h', 'text'],
    ['ends lines by LF', 'one\r\ntwo\r\n', 'one\ntwo\n'],
    ['takes CR CR LF for one line end', 'one\r\r\ntwo\r\r\n', 'one\ntwo\n'],
    ['overwrites from the start of the line after CR', ' 10 %\r 55 %\r100 %\n', '100 %\n'],
    ['keeps what a shorter text does not overwrite', 'abcdef\rXY\n', 'XYcdef\n'],
    ['goes back with a backspace', 'admim\bn\n', 'admin\n'],
    ['rubs out as a terminal does', 'techsupprt\b\b  \b\bort\n', 'techsupport\n'],
    ['stops at the start of the line', 'a\b\b\b\bb\n', 'b\n'],
    ['keeps tabs and other letters', 'Größe\t日本 🚒\n', 'Größe\t日本 🚒\n'],
    ['drops bells and other control characters', 'a\x07b\x00c\x7f\n', 'abc\n'],
    ['erases to the end of the line', 'working...\r\x1b[Kdone\n', 'done\n'],
    ['erases the whole line', 'working...\x1b[2K\rdone\n', 'done\n'],
  ])('%s (B06, B07)', (_what, raw, text) => {
    expect(screenText(raw)).toBe(text);
  });

  it('has no control character in it but tab and LF, whatever a server sends (B06)', () => {
    const pieces = fc.constantFrom(
      '\x1b[31m',
      '\x1b[',
      '\x1b',
      '\r',
      '\b',
      '\n',
      '\t',
      '\x07',
      '\x9b1m',
      'text',
      'ä',
      '\x00',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (raw) => {
        expect(screenText(raw.join(''))).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
      }),
    );
  });

  it('of a line does not depend on the lines around it', () => {
    const line = fc
      .array(fc.constantFrom('\x1b[31m', '\x1b[0m', '\r', '\b', 'a', 'b', ' ', 'ä'), { maxLength: 20 })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(screenText(lines.join('\n'))).toBe(lines.map((each) => screenText(each)).join('\n'));
      }),
    );
  });

  it('is found in time that does not explode with its length (B14)', () => {
    const raw = `${'x'.repeat(2_000_000)}\r${'\x1b['.repeat(200_000)}\n`;
    const started = performance.now();

    screenText(raw);

    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('the pattern of a prompt', () => {
  it.each([
    ['admin@InCenter:/> ', 'admin@InCenter:/>'],
    ['[1] ice01# ', '[27] ice01#'],
    ['admin 09:59:58 $ ', 'admin 10:00:01 $'],
    ['(cfg*)+? ', '(cfg*)+?'],
  ])('of %j fits %j', (learnt, shown) => {
    expect(endsWithPrompts(`output\n${shown}`, promptPattern(learnt), 1)).toBe(true);
  });

  it.each([
    'admin@InCenterX/>',
    'admin@InCenter:/',
    'xadmin@InCenter:/>',
    'admin@InCenter:/>x',
  ])('of another prompt does not fit %j', (shown) => {
    expect(endsWithPrompts(`output\n${shown}`, promptPattern('admin@InCenter:/> '), 1)).toBe(false);
  });

  it.each([
    ['one after the other', '> \n> ', true],
    ['with an empty line between', '> \n\n> ', true],
    ['only one', 'output\n> ', false],
    ['with text between', '> \noutput\n> ', false],
    ['on one line, as where nothing is echoed', '> > ', true],
  ])('tells whether two prompts came: %s', (_what, text, both) => {
    expect(endsWithPrompts(text, promptPattern('> '), 2)).toBe(both);
  });
});

describe('the output of a command', () => {
  const pattern = promptPattern('admin@InCenter:/> ');

  it.each([
    ['is without echo and prompts', 'show\none\ntwo\nadmin@InCenter:/> \nadmin@InCenter:/> ', 'one\ntwo\n'],
    ['is whole without an echo', 'one\ntwo\nadmin@InCenter:/> ', 'one\ntwo\n'],
    ['is without an echo behind a prompt', 'admin@InCenter:/> show\none\nadmin@InCenter:/> ', 'one\n'],
    ['loses the echo once', 'show\nshow\nadmin@InCenter:/> ', 'show\n'],
    [
      'keeps a prompt among its lines',
      'show\nadmin@InCenter:/> \none\nadmin@InCenter:/> ',
      'admin@InCenter:/> \none\n',
    ],
    [
      'keeps a line that begins with a prompt',
      'show\nadmin@InCenter:/> is it\nadmin@InCenter:/> ',
      'admin@InCenter:/> is it\n',
    ],
    ['keeps empty lines in front and between', 'show\n\none\n\ntwo\nadmin@InCenter:/> ', '\none\n\ntwo\n'],
    [
      'is without prompts on one line, as where nothing is echoed',
      'one\nadmin@InCenter:/> admin@InCenter:/> ',
      'one\n',
    ],
    ['may be nothing', 'show\nadmin@InCenter:/> \nadmin@InCenter:/> ', ''],
    ['keeps what came before a cut', 'show\none\ntw', 'one\ntw\n'],
    ['keeps the word more where no pager asked', 'show\n--More--\nadmin@InCenter:/> ', '--More--\n'],
  ])('%s (B04, B07)', (_what, text, output) => {
    expect(outputOf(text, 'show', pattern)).toBe(output);
  });

  it('loses the questions of a pager, not the lines that speak of one (B05)', () => {
    const text = 'show\none\n--More--two\nthere is more\npress the button\nadmin@InCenter:/> ';

    expect(outputOf(text, 'show', pattern, new Set(['--More--']))).toBe('one\ntwo\nthere is more\npress the button\n');
  });

  it('is told from prompts that count (B04)', () => {
    const text = 'show\none\n[12] ice01# \n[13] ice01# ';

    expect(outputOf(text, 'show', promptPattern('[11] ice01# '))).toBe('one\n');
  });
});
