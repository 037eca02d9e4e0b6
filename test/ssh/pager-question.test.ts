import { describe, expect, it } from 'vitest';
import { pagerQuestion } from '../../src/ssh/cli/pager-question.ts';

describe('a line that stands still', () => {
  it.each([
    '--More--',
    '-- more --',
    '<--- More --->',
    '---(more)---',
    '---(more 42%)---',
    '--More--(42%)',
    '-- More -- (42%)',
    '--More-- or (q)uit',
    "---- More ( Press 'Q' to break ) ----",
    '-- MORE --, next page: Space, next line: Enter, quit: Control-C',
    '--More--(Press space to continue, q to quit)',
    '--More-- (byte 1234)',
    '[More]',
    '{more}',
    '--- more: <space> ---',
    '--Mehr--',
    '--Mer--',
    ':',
    'lines 1-24/60',
    'lines 1-24/60 40%',
    'lines 1-24',
    'system.log lines 25-48/60 byte 999/2000 80%',
    'Manual page log(1) line 1 (press h for help or q to quit)',
    'Press any key to continue',
    'Press any key to continue . . .',
    'Press any key to continue (Q to quit)',
    'Please press any key...',
    '-- Press any key --',
    'press space to continue',
    'Press the space bar to continue',
    'Press <SPACE> to continue or Q to quit:',
    'Press any key or q to quit',
    'Hit any key to go on',
    "Hit 'space' for more",
    '<space> for next page, <CR> for next line, q to quit',
    'Next page: Space, quit: q',
    'Tryck på valfri tangent för att fortsätta',
    'Drücken Sie eine Taste, um fortzufahren',
    'Weiter mit beliebiger Taste',
    'Appuyez sur une touche pour continuer',
  ])('like %j is the question of a pager, whose page is to be turned (field-C02) (B05)', (line) => {
    expect(pagerQuestion(line)).toEqual({ text: line, wants: 'turn' });
    expect(pagerQuestion(` ${line} `)).toEqual({ text: line, wants: 'turn' });
  });

  it.each([
    'Press RETURN to continue',
    'Press Enter to continue...',
    'hit return to see more',
    '[Press <Enter> to go on]',
  ])('like %j wants Enter (field-C02)', (line) => {
    expect(pagerQuestion(line)).toEqual({ text: line, wants: 'enter' });
  });

  it.each([
    '(END)',
    'lines 37-60/60 (END)',
    'system.log lines 1-2/2 (END)',
  ])('like %j is the end of the pages, which are left (field-C02) (B05)', (line) => {
    expect(pagerQuestion(line)).toEqual({ text: line, wants: 'leave' });
  });

  it.each([
    'there is more to say',
    '3 more files',
    'more than one file',
    '- more (see below)',
    'admin@InCenter:/>',
    'Read more at https://example.com/more',
    '',
    '   ',
    'error at line 5',
    'press the button',
    'Enter license key to continue: ',
    'Press any key to reboot',
    'Press Enter to confirm',
    'Press Enter to continue with the shutdown',
    'Press any key to continue and erase the disk',
    'Your session will expire. Press Enter to stay logged in',
    'Are you sure? (yes/no)',
    'Password: ',
  ])('like %j is not: nothing is pressed', (line) => {
    expect(pagerQuestion(line)).toBeUndefined();
  });
});
