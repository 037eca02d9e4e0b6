import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { answer, answersOne, choosesLine, goesOn, openTerminal } from '../support/terminal.ts';

const collectCli = ['collect', '--only', 'cli', '--at', '-45m', '--batch', '--yes'];
const bodyAt = (rig: Rig) => rig.mock.helpdesk?.tickets.at(-1)?.body ?? '';

async function given(rig: Rig, text: string, name = 'case.yaml'): Promise<string> {
  await writeFile(join(rig.folder, name), text);
  return join(rig.folder, name);
}

async function intentsOf(rig: Rig) {
  const [run] = await rig.runs();
  const path = join(rig.folder, '.local', 'state', 'icepack', 'runs', run ?? '', 'journal.jsonl');
  const entries = (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return entries.filter(({ intent }) => intent !== undefined).map(({ intent }) => intent);
}

describe('--answers', () => {
  it('says in a script all that the form asks: it is in ticket, bundle and journal', async () => {
    const rig = await startRig();
    const file = await given(
      rig,
      'summary: VPN down\nseverity: high\ndescription: All of it\nimpact: |\n  No work\n  CONTACT\nfrequency: daily\nownReference: 0012\ncontact: { name: Pat, phone: +46 660299200 x7 }\n',
    );

    const { code } = await rig.icepack([...collectCli, '--answers', file]);

    expect(code).toBe(0);
    expect(rig.mock.helpdesk?.tickets[0]).toMatchObject({ subject: 'VPN down', severity: 'high' });
    for (const text of [
      'All of it',
      'Impact: No work\n  CONTACT',
      'happen?\n  daily',
      '\n  0012',
      'CONTACT\nPat, +46 660 29 92 00 ext. 7',
    ])
      expect(bodyAt(rig)).toContain(text);
    expect((await intentsOf(rig))[0]).toMatchObject({
      answers: { impact: 'No work\nCONTACT', ownReference: '0012' },
      contact: { name: 'Pat', phone: '+46 660 29 92 00 ext. 7' },
    });
  });

  it('counts for less than options, and comes from standard input at "-"', async () => {
    const rig = await startRig();
    const words = [...collectCli, '--answers', '-', '--summary', 'By option'];

    const { code } = await rig.icepack(words, { input: 'summary: By file\nseverity: low\nactivity: none\n' });

    expect(code).toBe(0);
    expect(rig.mock.helpdesk?.tickets[0]).toMatchObject({ subject: 'By option', severity: 'low' });
  });

  it.each([
    ['severity: bad\nwhat: x', [':1: "severity": one of: low', ':2: unknown key "what"']],
    ['contact: { phone: 0660 29 92 00 }', [':1: "contact.phone": Begin the telephone number']],
  ])('is refused before anything happens: %j', async (text, faults) => {
    const rig = await startRig();
    const file = await given(rig, text);

    const { code, stderr } = await rig.icepack([
      ...collectCli,
      '--answers',
      file,
      '--summary',
      'x',
      '--severity',
      'low',
    ]);

    expect(code).toBe(2);
    for (const fault of faults) expect(stderr).toContain(`${file}${fault}`);
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
    await expect(rig.runs()).rejects.toThrow('ENOENT');
  });

  it.each([['--description'], ['--recipe']])('and %s cannot both read standard input', async (option) => {
    const rig = await startRig();

    const { code, stderr } = await rig.icepack([...collectCli, '--answers', '-', option, '-'], { input: '' });

    expect(code).toBe(2);
    expect(stderr).toContain('cannot both read standard input');
  });

  it('that come when the ticket is there are not sent to it, which is said', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack([...collectCli, '--summary', 'One', '--severity', 'low', '--json'])).json();

    const late = await rig.icepack(['submit', run, '--batch', '--yes', '--summary', 'Two']);

    expect(late.stderr).toContain('TIC-1001 is registered already: the new words are not sent to it');
    expect(late.stderr).toContain('icepack ticket describe TIC-1001');
    expect(rig.mock.helpdesk?.tickets).toMatchObject([{ subject: 'One' }]);
  });

  it('name a person by as little as a telephone number; the rest is known', async () => {
    const rig = await startRig();
    const file = await given(rig, 'summary: x\nseverity: low\ncontact: { phone: +46 660299200 }\n');

    await rig.icepack([...collectCli, '--answers', file]);

    expect(bodyAt(rig)).toContain('CONTACT\nKim Doe, kim@example.com, +46 660 29 92 00');
  });

  it('with a secret in them have it masked, in ticket, bundle and journal', async () => {
    const rig = await startRig();
    const file = await given(
      rig,
      'summary: x\nseverity: low\nimpact: "password: hunter9x"\ndescription: api_key=hunter9x\n',
    );

    const { stderr, code } = await rig.icepack([...collectCli, '--answers', file]);

    expect(code).toBe(0);
    expect(stderr).toContain('what you wrote held a secret: it is masked');
    expect(bodyAt(rig)).toContain('<redacted:');
    expect(bodyAt(rig) + JSON.stringify(await intentsOf(rig))).not.toContain('hunter9x');
  });

  it('adds to what was said when it is submitted later', async () => {
    const rig = await startRig();
    const first = await given(rig, 'summary: VPN down\nseverity: high\nfrequency: daily\nimpact: none yet\n');
    const { run } = (await rig.icepack([...collectCli, '--no-submit', '--answers', first, '--json'])).json();
    const second = await given(rig, 'impact: No work\n', 'later.yaml');

    const { code } = await rig.icepack(['submit', run, '--batch', '--yes', '--answers', second]);

    expect(code).toBe(0);
    expect(bodyAt(rig)).toContain('Impact: No work');
    expect(bodyAt(rig)).toContain('How often does it happen?\n  daily');
  });
});

describe('the own ticket number', () => {
  it('goes into the own reference of a web form, and into the fields of a help desk; --reference is something else', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal' };
    });
    const file = await given(rig, 'summary: x\nseverity: low\nownReference: INC-4711\nissueType: Bug\n');

    const { texts } = (await rig.icepack([...collectCli, '--json', '--answers', file, '--reference', 'ref-1'])).json();

    const textOf = (name: string) => texts.find(({ field }: { field: string }) => field === name)?.text;
    expect(textOf('Reference')).toBe('INC-4711');
    expect(textOf('Description')).toMatch(/type is the issue\?\n {2}Bug\n.*\n {2}INC-4711[\s\S]*reference ref-1\./);
  });
});

describe('a template of the operator', () => {
  async function withTemplate(text: string) {
    const rig = await startRig();
    const path = join(dirname(rig.config), 'templates', 'ticket-description.txt');
    await mkdir(dirname(path));
    await writeFile(path, text);
    return { rig, path };
  }

  it('makes the text of the ticket', async () => {
    const { rig } = await withTemplate('OUR OWN\n{{description}}\n\nIMPACT\n{{impact}}\n');

    await rig.icepack(['collect', ...batch, '--only', 'cli']);

    expect(bodyAt(rig)).toMatch(/^OUR OWN\n/);
    expect(bodyAt(rig)).not.toContain('IMPACT');
  });

  it('with an unknown word is refused before a collection begins, and by doctor, and ours does not take its place', async () => {
    const { rig, path } = await withTemplate('a\n{{impcat}}\n');

    const collected = await rig.icepack(['collect', ...batch, '--only', 'cli']);
    const { checks } = (await rig.icepack(['doctor', '--batch', '--json'])).json();

    expect(collected.code).toBe(2);
    expect(collected.stderr).toContain(`${path}:2: unknown {{impcat}}; did you mean {{impact}}?`);
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
    await expect(rig.runs()).rejects.toThrow('ENOENT');
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'config', status: 'fail', text: expect.stringContaining(`${path}:2`) }),
    );
  });
});

describe('the contact of the configuration', () => {
  it('with a telephone number without country code is warned of by doctor, and stops nothing', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.contact = { name: 'Kim', phone: '0660 29 92 00' };
    });

    const { checks } = (await rig.icepack(['doctor', '--batch', '--json'])).json();
    const { code } = await rig.icepack(['collect', ...batch, '--only', 'cli']);

    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'config', status: 'warn', text: expect.stringContaining('country code') }),
    );
    expect(code).toBe(0);
    expect(bodyAt(rig)).toContain('Kim, 0660 29 92 00');
  });
});

describe.skipIf(lacks('tmux'))('the form at a terminal of 80 by 24', () => {
  const screen = { columns: 80, rows: 24 };
  const essentials = [
    'collect',
    '--only',
    'cli',
    '--at',
    '-45m',
    '--yes',
    '--summary',
    'VPN down',
    '--severity',
    'high',
  ];

  async function withEditor(script: string) {
    const rig = await startRig();
    const editor = await given(rig, `#!/bin/sh\n${script}\n`, 'editor.sh');
    await chmod(editor, 0o700);
    const scratch = join(rig.folder, 'scratch');
    await mkdir(scratch);
    return { rig, scratch, env: { ...rig.env, VISUAL: editor, TMPDIR: scratch } };
  }

  it('shows all questions at once, and Enter skips them', async () => {
    const rig = await startRig();
    const terminal = openTerminal(essentials, rig.env, screen);

    await terminal.shows('navigate');
    const shown = terminal.screen().split('\n');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(shown[1]).toMatch(/^\? More for support\?/);
    expect(shown[2]).toBe('❯ go on');
    for (const title of [
      'Description',
      'Reproducible',
      'Remote networks',
      'Issue type',
      'Own ticket number',
      'Contact',
    ])
      expect(shown.filter((line) => line.startsWith(`  ${title}`))).toHaveLength(1);
    expect(bodyAt(rig)).not.toMatch(/QUESTIONS|AFFECTED/);
  });

  it('fits also where there is a question before it, which it goes back to', async () => {
    const rig = await startRig();
    const terminal = openTerminal(['collect', '--only', 'cli', '--at', '-45m'], rig.env, screen);

    await answer(terminal, 'What happened, in one line?', 'VPN down');
    await terminal.shows('emergency – a service is down');
    terminal.press('Enter');
    await answersOne(terminal, 'Frequency', 'How often does it happen?', 'daily');
    await terminal.shows('Frequency             daily');
    expect(terminal.screen()).toMatch(/\? More for support[\s\S]*❯ Configuration change[\s\S]*< back/);
    await choosesLine(terminal, '< back');
    await terminal.shows('? How severe is it?');
    terminal.press('Enter');

    await terminal.shows('❯ go on');
  });

  it('refuses a telephone number without country code, and shows it in international form', async () => {
    const rig = await startRig();
    const terminal = openTerminal(essentials, rig.env, screen);

    await choosesLine(terminal, 'Contact');
    await answer(terminal, 'Whom to ask', '0660 29');
    await terminal.shows('country code: +46');
    terminal.press('C-u');
    terminal.type('Pat, +46 660299200 x7');
    terminal.press('Enter');
    await terminal.shows('Pat, +46 660 29 92 00 ext. 7');
    await goesOn(terminal);
    await terminal.shows('ended with 0');

    expect(bodyAt(rig)).toContain('CONTACT\nPat, +46 660 29 92 00 ext. 7');
  });

  it('has the description written in the editor, in a private file, and the terminal is whole afterwards', async () => {
    const { rig, scratch, env } = await withEditor(
      `stat -c %a "$1" > "$HOME/mode"; stty raw -echo < /dev/tty; printf 'One.\\n\\nTwo.\\n' > "$1"`,
    );
    const terminal = openTerminal(essentials, env, screen);

    await choosesLine(terminal, 'Description');
    await terminal.shows('One. Two.');
    await answersOne(terminal, 'Impact', 'What can people not do', 'work');
    await goesOn(terminal);
    await terminal.shows('ended with 0');

    expect(await readFile(join(rig.folder, 'mode'), 'utf8')).toBe('600\n');
    expect(await readdir(scratch)).toEqual([]);
    expect(bodyAt(rig)).toContain('One.\n\nTwo.');
    expect(bodyAt(rig)).toContain('Impact: work');
  });

  it('asks for a line where the editor fails', async () => {
    const { rig, env } = await withEditor('exit 3');
    const terminal = openTerminal(essentials, env, screen);

    await answersOne(terminal, 'Description', 'Describe it in more words', 'One line.');
    await goesOn(terminal);
    await terminal.shows('ended with 0');

    expect(bodyAt(rig)).toContain('One line.');
  });

  it('proposes what was answered last time at this help desk, and does not use it by itself', async () => {
    const rig = await startRig();
    const file = await given(rig, 'frequency: daily\nsystemChanges: an upgrade\nbegan: at ten\n');
    await rig.icepack([...essentials, '--batch', '--answers', file]);
    const terminal = openTerminal([...essentials, '--new-ticket'], rig.env, screen);

    await terminal.shows('Frequency             – (last time: daily)');
    await choosesLine(terminal, 'Frequency');
    await terminal.shows('Last time: (daily)');
    terminal.press('Enter');
    await terminal.shows('Frequency             daily');
    expect(terminal.screen()).not.toContain('at ten');
    await goesOn(terminal);
    await terminal.shows('ended with 0');

    expect(bodyAt(rig)).toContain('How often does it happen?\n  daily');
    expect(bodyAt(rig)).not.toContain('an upgrade');
  });

  it('shows the answers of a file', async () => {
    const rig = await startRig();
    const file = await given(rig, 'frequency: daily\nimpact: No work\n');
    const terminal = openTerminal([...essentials, '--answers', file], rig.env, screen);

    await terminal.shows('Impact                No work');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(bodyAt(rig)).toContain('Impact: No work');
  });
});
