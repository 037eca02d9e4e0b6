import { describe, expect, it } from 'vitest';
import { fillForm, type Screen } from '../../src/ui/form.ts';
import type { Field, FormOptions } from '../../src/ui/prompter.ts';

const fields: Field[] = [
  { key: 'words', title: 'Words', kind: 'long', question: 'More words?' },
  { key: 'often', title: 'How often', kind: 'text', question: 'How often?', last: 'daily' },
  { key: 'type', title: 'Type', kind: 'choice', question: 'Which type?', choices: ['Query', 'Bug'] },
  { key: 'who', title: 'Who', kind: 'text', question: 'Who?', known: 'Kim', tidy: (text) => text.toUpperCase() },
];

/** Fills the form as somebody who chooses and types this; what they were shown is noted. */
async function filledBy(actions: string[], options: FormOptions = {}, edit: Screen['edit'] = async () => undefined) {
  const lists: { lines: string[]; cursor: string | undefined }[] = [];
  const questions: { question: string; initial: string | undefined }[] = [];
  const next = () => {
    const action = actions.shift();
    if (action === undefined) throw new Error('nothing more is typed');
    return action;
  };
  const values = await fillForm('More?', fields, options, {
    columns: 40,
    edit,
    choose: async (_question, choices, initial) => {
      lists.push({ lines: choices.map(({ title }) => title), cursor: initial });
      const wanted = next();
      const found = choices.find(({ value }) => value === wanted);
      if (found === undefined) throw new Error(`"${wanted}" is not offered`);
      return found.value;
    },
    text: async (question, { initial, validate } = {}) => {
      questions.push({ question, initial });
      const typed = next() || (initial ?? '');
      const fault = validate?.(typed);
      if (fault !== undefined) throw new Error(fault);
      return typed;
    },
  });
  return { values, lists, questions };
}

describe('a form', () => {
  it('is left at once by Enter: the cursor stands on "go on", and nothing is answered', async () => {
    const { values, lists } = await filledBy(['']);

    expect(values).toEqual({});
    expect(lists).toEqual([
      {
        cursor: '',
        lines: ['go on', 'Words      –', 'How often  – (last time: daily)', 'Type       –', 'Who        Kim'],
      },
    ]);
  });

  it('asks the line that is chosen, and then stands on the next one that is not answered', async () => {
    const { values, lists } = await filledBy(['often', 'weekly', 'type', 'Bug', '']);

    expect(values).toEqual({ often: 'weekly', type: 'Bug' });
    expect(lists.map(({ cursor }) => cursor)).toEqual(['', 'type', '', '']);
    expect(lists.at(-1)?.lines).toContain('How often  weekly');
  });

  it('proposes what was answered last time, says so, and uses it only where the line is chosen', async () => {
    const { values, questions } = await filledBy(['often', '', '']);

    expect(values).toEqual({ often: 'daily' });
    expect(questions).toEqual([{ question: 'How often? (-: empty) Last time:', initial: 'daily' }]);
  });

  it('takes an answer away at "-", and leaves it as it is at "<"', async () => {
    const { values } = await filledBy(['often', '-', 'who', '<', ''], { values: { often: 'weekly' } });

    expect(values).toEqual({ often: '' });
  });

  it('stays on a line that was left with "<"', async () => {
    const { lists } = await filledBy(['often', '<', 'type', '<', '']);

    expect(lists.map(({ cursor }) => cursor)).toEqual(['', 'often', '', 'type']);
  });

  it('shows an answer as it is used', async () => {
    const { values } = await filledBy(['who', 'kim doe', '']);

    expect(values).toEqual({ who: 'KIM DOE' });
  });

  it('has long texts written in an editor, and in a line where there is none', async () => {
    const edited = await filledBy(['words', ''], {}, async () => 'one\n\ntwo\n');
    const typed = await filledBy(['words', 'one line', '']);

    expect(edited.values).toEqual({ words: 'one\n\ntwo' });
    expect(typed.values).toEqual({ words: 'one line' });
  });

  it('cuts what does not fit the screen', async () => {
    const { lists } = await filledBy([''], { values: { often: 'x'.repeat(100) } });

    expect(lists[0]?.lines[2]?.length).toBeLessThanOrEqual(36);
  });

  it('offers a way back only where there is a question before it', async () => {
    const onBack = () => {
      throw new Error('back');
    };

    await expect(filledBy(['<'], { onBack })).rejects.toThrow('back');
    await expect(filledBy(['<'])).rejects.toThrow('"<" is not offered');
  });
});
