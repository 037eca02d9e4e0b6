import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../src/diff/line-diff.ts';

const asIs = (line: string) => line;
const text = (lines: ReturnType<typeof lineDiff>) => lines?.map(({ mark, text: each }) => mark + each);

describe('the difference of two texts', () => {
  it('is shown with three lines round it', () => {
    const left = ['1', '2', '3', '4', 'old', '6', '7', '8', '9', '10'];

    expect(
      text(
        lineDiff(
          left,
          left.map((line) => (line === 'old' ? 'new' : line)),
          asIs,
        ),
      ),
    ).toEqual([...[' 2', ' 3', ' 4', '-old', '+new', ' 6', ' 7', ' 8']]);
  });

  it('passes over what is not steady', () => {
    expect(lineDiff(['up 3 days'], ['up 4 days'], () => 'up')).toEqual([]);
  });

  it('is not looked for where it would take too long', () => {
    expect(lineDiff(Array(2000).fill('x'), ['x'], asIs)).toBeUndefined();
  });

  it('turns the one into the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }); // all of them are shown
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        const found = lineDiff(left, right, asIs) ?? [];
        const without = (mark: string) => found.filter((line) => line.mark !== mark).map((line) => line.text);
        const isSame = left.join() === right.join();
        expect(without('+')).toEqual(isSame ? [] : left);
        expect(without('-')).toEqual(isSame ? [] : right);
      }),
    );
  });
});
