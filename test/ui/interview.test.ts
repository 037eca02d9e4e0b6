import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { interviewed } from '../../src/ui/interview.ts';
import type { Operator } from '../../src/ui/operator.ts';
import type { FormOptions } from '../../src/ui/prompter.ts';

type TextOptions = { initial?: string; validate?: (text: string) => string | undefined };
type Asked = { question: string; initial: unknown };

/** Somebody who gives these answers, one after the other. */
function operatorWith(answers: (string | boolean | Error)[]) {
  const asked: Asked[] = [];
  const notes: string[] = [];
  const next = async (question: string, initial: unknown) => {
    asked.push({ question, initial });
    const answer = answers.shift();
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error(`no answer to ${question}`);
    return answer;
  };
  const operator = {
    emit: (event: { text: string }) => notes.push(event.text),
    ask: {
      text: async (question: string, { initial, validate }: TextOptions = {}) => {
        const typed = (await next(question, initial)) || (initial ?? '');
        const fault = validate?.(String(typed));
        if (fault !== undefined) throw new Error(`"${typed}" is refused: ${fault}`);
        return typed;
      },
      long: next,
      secret: (question: string) => next(question, undefined),
      choose: (question: string, choices: { value: string; title: string }[], initial: unknown) => {
        notes.push(...choices.map(({ title }) => title));
        return next(question, initial);
      },
      confirm: next, // outside of an interview
      form: async (question: string, _fields: unknown, { values, onBack }: FormOptions = {}) => {
        const typed = await next(question, values);
        return typed === '<' ? onBack?.({ ...values, where: 'site 3' }) : { ...values, often: String(typed) };
      },
    },
  } as unknown as Operator;
  return { operator, asked, notes };
}

async function incident({ ask, emit }: Operator) {
  const when = await ask?.text('When?', { initial: 'now' });
  emit({ type: 'note', text: `event ${when}` });
  const severity = await ask?.choose('How severe?', [
    { value: 'low', title: 'low' },
    { value: 'high', title: 'high' },
  ]);
  const note = await ask?.text('More words');
  return { when, severity, note };
}

const questions = (asked: Asked[]) => asked.map(({ question }) => question);

describe('an interview', () => {
  it('takes "-" for nothing where an answer may be left out, and for no answer where one is needed', async () => {
    const { operator } = operatorWith(['-', '']);
    const { operator: strict } = operatorWith(['-']);
    const needed = async ({ ask }: Operator) =>
      ask?.text('What?', { validate: (text) => (text === '' ? 'No' : undefined) });

    const skipped = await interviewed(operator, async ({ ask }) => ask?.text('More words'));

    expect(skipped).toBe('');
    await expect(interviewed(strict, needed)).rejects.toThrow('"-" is refused: An answer is needed');
  });

  it.each(['<', ' back '])('goes back at "%s", proposing what was answered there', async (back) => {
    const { operator, asked } = operatorWith(['1pm', 'high', back, 'low', 'x', '']);

    const answers = await interviewed(operator, incident);

    expect(answers).toEqual({ when: '1pm', severity: 'low', note: 'x' });
    expect(questions(asked)).toEqual([
      'When?',
      'How severe?',
      'More words',
      'How severe?',
      'More words',
      'Is that right?',
    ]);
    expect(asked[3]?.initial).toBe('high');
  });

  it('goes back from a list, and from a question for yes or no', async () => {
    const { operator, asked, notes } = operatorWith(['1pm', '<', '', 'high', '<', 'low', 'Y', '']);
    const interview = async ({ ask }: Operator) => [
      await ask?.text('When?', { initial: 'now' }),
      await ask?.choose('How severe?', [
        { value: 'low', title: 'low' },
        { value: 'high', title: 'high' },
      ]),
      await ask?.confirm('More?', false),
    ];

    expect(await interviewed(operator, interview)).toEqual(['1pm', 'low', true]);
    expect(questions(asked)).toEqual([
      ...['When?', 'How severe?', 'When?', 'How severe?', 'More? (y/N)', 'How severe?', 'More? (y/N)'],
      'Is that right?',
    ]);
    expect(asked[2]?.initial).toBe('1pm');
    expect(notes).toContain('< back');
  });

  it('offers no way back in a list that is the first question', async () => {
    const { operator, notes } = operatorWith(['a']);

    await interviewed(operator, async ({ ask }) => ask?.choose('Which?', [{ value: 'a', title: 'a' }]));

    expect(notes).not.toContain('< back');
  });

  it.each([
    ['Enter', '', 'kept'],
    ['"-"', '-', ''],
  ])('at an answer that may be empty takes %s after going back, and says so', async (_key, typed, expected) => {
    const { operator, asked } = operatorWith(['kept', '<', typed, 'x', '']);
    const interview = async ({ ask }: Operator) => [
      await ask?.text('Why? (e.g. this; Enter: skip)'),
      await ask?.text('Other words'),
    ];

    expect(await interviewed(operator, interview)).toEqual([expected, 'x']);
    expect(asked[2]).toEqual({ question: 'Why? (e.g. this; -: skip)', initial: 'kept' });
  });

  it('asks the first question again where there is nothing before it', async () => {
    const { operator } = operatorWith(['<', '2pm', 'high', 'x', '']);

    expect(await interviewed(operator, incident)).toMatchObject({ when: '2pm' });
  });

  it('shows all answers in the end, and asks only the one that is to be changed', async () => {
    const { operator, asked, notes } = operatorWith(['1pm', 'high', 'x', '0', '3pm', '']);

    const answers = await interviewed(operator, incident);

    expect(answers).toEqual({ when: '3pm', severity: 'high', note: 'x' });
    expect(notes).toContain('change: When: 1pm');
    expect(questions(asked).slice(3)).toEqual(['Is that right?', 'When?', 'Is that right?']);
  });

  it('asks again what is no longer an answer, as when what was changed rules it out', async () => {
    const { operator, asked } = operatorWith(['a', 'b', '0', 'b', 'c', '']);
    const two = async ({ ask }: Operator) => {
      const one = await ask?.text('One');
      return [one, await ask?.text('Another', { validate: (text) => (text === one ? 'each once' : undefined) })];
    };

    expect(await interviewed(operator, two)).toEqual(['b', 'c']);
    expect(questions(asked)).toEqual([
      ...['One', 'Another', 'Is that right?'],
      ...['One (-: empty)', 'Another', 'Is that right?'],
    ]);
  });

  it('says once how to go back, and nothing twice that was said on the way', async () => {
    const { operator, notes } = operatorWith(['1pm', 'high', '<', 'low', 'x', '']);

    await interviewed(operator, incident);

    expect(notes.filter((text) => text.includes('goes back'))).toHaveLength(1);
    expect(notes.filter((text) => text === 'event 1pm')).toHaveLength(1);
  });

  it('takes a form for one answer: it is gone back from, proposed again, and changed in the end', async () => {
    const { operator, asked, notes } = operatorWith(['1pm', '<', '2pm', 'daily', '1', 'weekly', '']);
    const fields = [{ key: 'often', title: 'How often', kind: 'text' as const, question: 'How often?' }];
    const interview = async ({ ask }: Operator) => [
      await ask?.text('When?', { initial: 'now' }),
      await ask?.form('More?', fields, { values: { words: 'x' } }),
    ];

    expect(await interviewed(operator, interview)).toEqual(['2pm', { words: 'x', where: 'site 3', often: 'weekly' }]);
    expect(questions(asked)).toEqual([
      ...['When?', 'More?', 'When?', 'More?', 'Is that right?', 'More?', 'Is that right?'],
    ]);
    expect(asked[3]?.initial).toEqual({ words: 'x', where: 'site 3' }); // what was filled in before going back
    expect(asked[5]?.initial).toEqual({ words: 'x', where: 'site 3', often: 'daily' });
    expect(notes).toContain('change: More: How often');
  });

  it('does not ask whether a single answer is right', async () => {
    const { operator, asked } = operatorWith(['1pm']);

    await interviewed(operator, async ({ ask }) => ask?.text('When?'));

    expect(questions(asked)).toEqual(['When?']);
  });

  it('loses no answer where one is refused in the end: that one is asked again', async () => {
    const { operator, asked, notes } = operatorWith(['1pm', 'high', 'x', '0', '2pm', '']);
    const check = async ({ when }: { when: string | undefined }) => {
      if (when === '1pm') throw new UserError('bad-config', '1pm cannot be', { exit: 2 });
    };

    expect(await interviewed(operator, incident, check)).toEqual({ when: '2pm', severity: 'high', note: 'x' });
    expect(notes).toContain('1pm cannot be');
    expect(questions(asked).slice(3)).toEqual(['Which answer is to be another one?', 'When?', 'Is that right?']);
  });

  it('says at Ctrl-C that nothing is kept, and ends with 130', async () => {
    const { operator } = operatorWith(['1pm', new UserError('interrupted', 'interrupted', { exit: 130 })]);

    await expect(interviewed(operator, incident)).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
      message: expect.stringContaining('no answer is kept'),
    });
  });

  it('shows an answer also where its question is long', async () => {
    const question = "Answer support's seven usual questions now? They will ask";
    const { operator, notes } = operatorWith(['1pm', '', '']);

    await interviewed(operator, async ({ ask }) => [await ask?.text('When?'), await ask?.confirm(question, false)]);

    expect(notes).toContain("change: Answer support's seven usual questions now: no");
  });

  it('offers a text of several lines again as it was, shows it in one line, and can be left from there', async () => {
    const { operator, asked, notes } = operatorWith(['1pm', 'All of\nsite 3', '1', '<', '2pm', 'Half of\nsite 3', '']);
    const interview = async ({ ask }: Operator) => [
      await ask?.text('When?'),
      await ask?.long('Describe it', 'nothing'),
    ];

    expect(await interviewed(operator, interview)).toEqual(['2pm', 'Half of\nsite 3']);
    expect(notes).toContain('change: Describe it: All of site 3');
    expect(asked.filter(({ question }) => question === 'Describe it').map(({ initial }) => initial)).toEqual([
      'nothing',
      'All of\nsite 3',
      'All of\nsite 3',
    ]);
  });
});
