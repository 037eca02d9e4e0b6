import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MockFault, MockHelpDesk, MockTicket } from '../../src/mock/help-desk.ts';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, type RunOptions, startRig } from '../support/rig.ts';
import { answer, answersOne, goesOn, openTerminal } from '../support/terminal.ts';

const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString();
const comments = 'POST /tickets/{id}/comments';
const put = 'PUT /tickets/{id}/files/{name}';
const change = 'PATCH /tickets/{id}';

type Desk = {
  rig: Rig;
  desk: MockHelpDesk;
  /** Types `icepack ticket …`, and asks for the document. */
  ticket(words: string[], options?: RunOptions): ReturnType<Rig['icepack']>;
  fails(route: string, fault: MockFault['fault'], status?: number, times?: number): void;
  only(): MockTicket;
};

/** A help desk that has these tickets, numbered from TIC-1001. */
async function deskWith(...tickets: Partial<MockTicket>[]): Promise<Desk> {
  const rig = await startRig({ appliances: 1 });
  const desk = rig.mock.helpdesk;
  if (desk === undefined) throw new Error('the rig has no help desk');
  for (const ticket of tickets) {
    const number = 1001 + desk.tickets.length;
    desk.tickets.push({
      ...{ id: String(number), key: `TIC-${number}`, url: `http://127.0.0.1/TIC-${number}`, reference: '' },
      ...{ subject: 'VPN down', body: '', severity: 'high', state: 'open', revision: '1' },
      ...{ files: [], comments: [], updatedAt: daysAgo(1), ...ticket },
    });
  }
  return {
    rig,
    desk,
    ticket: (words, options = {}) => rig.icepack(['ticket', ...words, '--batch', '--json'], options),
    fails(route, fault, status, times = 1) {
      for (let time = 0; time < times; time++)
        desk.faults.push({ route, fault, ...(status === undefined ? {} : { status }) });
    },
    only() {
      const [ticket] = desk.tickets;
      if (ticket === undefined) throw new Error('there is no ticket');
      return ticket;
    },
  };
}

const bodiesOf = ({ comments: told }: MockTicket) => told.map(({ body }) => body);
const changes = (desk: MockHelpDesk) => desk.requests.filter((request) => /^(POST|PUT|PATCH) /.test(request)).length;

async function atPortal(rig: Rig, url = 'https://portal.example.com'): Promise<void> {
  await rig.configure((document) => {
    document.helpdesk = { provider: 'portal', url };
  });
}

describe('icepack ticket list', () => {
  const all: Partial<MockTicket>[] = [
    { subject: 'older', updatedAt: daysAgo(3) },
    { subject: 'waits', state: 'awaiting-information', updatedAt: daysAgo(2) },
    { subject: 'newest', updatedAt: daysAgo(1) },
    { subject: 'ends soon', state: 'fixed', updatedAt: daysAgo(12) },
    { subject: 'ends later', state: 'fixed', updatedAt: daysAgo(5) },
    { subject: 'over', state: 'fixed', updatedAt: daysAgo(15) },
    { subject: 'gone', state: 'closed', updatedAt: daysAgo(1) },
  ];

  it('has the open tickets, the newest change first, marks what awaits us, and names Fixed ones that end soon', async () => {
    const { ticket } = await deskWith(...all);

    const done = (await ticket(['list'])).json();

    expect(done).toMatchObject({ schema: 1, verb: 'ticket list', exitCode: 0, outcome: 'complete', error: null });
    expect(done.tickets.map((each: { subject: string }) => each.subject)).toEqual(['newest', 'waits', 'older']);
    expect(done.tickets.map((each: { awaitsUs: boolean }) => each.awaitsUs)).toEqual([false, true, false]);
    expect(done.ending).toMatchObject([{ subject: 'ends soon', reopenUntil: expect.stringMatching(/^20\d\d-/) }]);
    expect(done.next).toEqual(['icepack ticket show TIC-1002', 'icepack ticket reopen TIC-1004']);
  });

  it('is a line of tab-separated values for each ticket through a pipe, and nothing where there are none', async () => {
    const { rig, desk } = await deskWith({ subject: 'a\tb', state: 'awaiting-information' }, { subject: 'other' });

    const done = await rig.icepack(['ticket', 'list']);
    desk.tickets.splice(0);
    const none = await rig.icepack(['ticket', 'list']);

    const [first = [], second = []] = done.stdout.split('\n').map((line) => line.split('\t'));
    const { updatedAt, url } = { updatedAt: expect.stringContaining('T'), url: 'http://127.0.0.1/TIC-1001' };
    expect(first).toEqual([
      'TIC-1001',
      'awaiting-information',
      'awaiting-information',
      'us',
      updatedAt,
      '',
      'a b',
      url,
    ]);
    expect(second.slice(0, 4)).toEqual(['TIC-1002', 'open', 'open', '']);
    expect(none).toMatchObject({ code: 0, stdout: '' });
  });

  it('takes states, one account and a limit', async () => {
    const { ticket } = await deskWith(...all, { subject: 'theirs', account: 'kim' });
    const subjects = async (...words: string[]) =>
      (await ticket(['list', ...words])).json().tickets.map((each: { subject: string }) => each.subject);

    expect(await subjects('--state', 'closed,fixed')).toEqual(['gone', 'ends later', 'ends soon', 'over']);
    expect(await subjects()).toContain('theirs');
    expect(await subjects('--mine')).not.toContain('theirs');
    expect(await subjects('--limit', '2', '--mine')).toEqual(['newest', 'waits']);
  });

  it.skipIf(lacks('tmux'))('is a table of 80 columns at a terminal', async () => {
    const long = 'All tunnels of site 3 are down since the update of last night, and nobody can log in';
    const { rig } = await deskWith(
      { subject: long, state: 'awaiting-information' },
      { state: 'fixed', updatedAt: daysAgo(12) },
    );
    const terminal = openTerminal(['ticket', 'list'], rig.env);

    await terminal.shows('ended with 0');

    const lines = terminal.screen().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines[1]).toMatch(/^ {2}TICKET {4}STATE {17}CHANGED {11}SUBJECT$/);
    expect(lines[2]).toMatch(
      /^! TIC-1001 {2}Awaiting Information {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}All tunnels of site.*…$/,
    );
    expect(lines.join('\n')).toContain('  icepack ticket comment TIC-1001 TEXT');
    expect(lines.join('\n')).toMatch(
      /TIC-1002 is Fixed, and can be reopened until .* at the latest:\n {2}icepack ticket reopen/,
    );
  });

  it('a help desk that is down ends with 6 and the command to type again', async () => {
    const { rig, fails, ticket } = await deskWith();
    fails('GET /tickets', 'status-before', 503, 4);

    const done = await ticket(['list', '--mine']);

    expect(done.json()).toMatchObject({ verb: 'ticket list', exitCode: 6, error: { code: 'helpdesk-unavailable' } });
    expect(done.json().error.hint).toBe('Later: icepack ticket list --mine');
    expect((await rig.icepack(['ticket', 'list', '--mine'])).code).toBe(0);
  });

  it('a refused token ends with 6 and says what to renew', async () => {
    const { fails, ticket } = await deskWith();
    fails('GET /tickets', 'status-before', 401);

    const done = await ticket(['list']);

    expect(done.json().error).toMatchObject({
      code: 'helpdesk-auth',
      hint: expect.stringContaining('Renew the credential'),
    });
  });
});

describe('icepack ticket show', () => {
  it('has state, comments, and attachments with size and the run they came from', async () => {
    const { rig, ticket } = await deskWith();
    const { run, bundle } = (await rig.icepack(['collect', ...batch, '--only', 'vm', '--json'])).json();
    await ticket(['comment', '1001', 'We look at it.']);

    const done = (await ticket(['show', '1001'])).json();
    const lines = (await rig.icepack(['ticket', 'show', 'tic-1001'])).stdout
      .split('\n')
      .map((line) => line.split('\t'));

    expect(done.ticket).toMatchObject({ key: 'TIC-1001', state: 'open', nativeState: 'open', created: false });
    expect(done.files).toEqual([{ name: bundle.name, bytes: bundle.bytes, sha256: bundle.sha256, run }]);
    expect(done.comments.at(-1)).toMatchObject({ body: expect.stringContaining('We look at it.'), public: true });
    expect(lines).toContainEqual(['file', bundle.name, String(bundle.bytes), bundle.sha256, run]);
    expect(lines).toContainEqual([
      'comment',
      expect.any(String),
      'icepack-mock',
      'public',
      expect.stringContaining('\\n'),
    ]);
  });

  it.skipIf(lacks('tmux'))('is a page at a terminal, with the two weeks of a Fixed ticket', async () => {
    const { rig } = await deskWith({
      ...{ state: 'fixed', updatedAt: '2099-01-01T10:00:00Z' },
      comments: [
        { body: 'Patched.\n\x1b[31mSee below.', public: false, marker: 'm', at: '2099-01-01T10:00:00Z', author: 'kim' },
      ],
    });
    const terminal = openTerminal(['ticket', 'show', '1001'], rig.env);

    await terminal.shows('ended with 0');

    const screen = terminal.screen();
    expect(screen).toContain('Fixed, changed 2099-01-01 10:00 UTC');
    expect(screen.replace(/\s+/g, ' ')).toContain('it can be reopened until 2099-01-15 10:00 at the latest');
    expect(screen).toContain('Nothing is attached.');
    expect(screen).toContain('  2099-01-01 10:00  kim  internal\n    Patched.\n    See below.');
    expect(screen).toContain('Next: icepack ticket reopen TIC-1001');
  });

  it('shows a ticket of a help desk that does not give its comments', async () => {
    const { desk, ticket } = await deskWith({});
    desk.switches.comments = false;

    expect((await ticket(['show', '1001'])).json()).toMatchObject({ exitCode: 0, comments: null, files: [] });
  });

  it('a ticket that is not there is said to be none', async () => {
    const { ticket } = await deskWith();

    const done = await ticket(['show', '4711']);

    expect(done.json()).toMatchObject({
      exitCode: 6,
      error: { code: 'no-such-ticket', hint: expect.stringContaining('icepack ticket list') },
    });
  });
});

describe('icepack ticket comment', () => {
  it('is written once, however often it is typed; --again writes it once more', async () => {
    const { ticket, only } = await deskWith({});
    const words = ['comment', '1001', 'The nodes are back.'];

    const first = (await ticket(words)).json();
    const second = (await ticket(words)).json();
    const once = bodiesOf(only());
    await ticket([...words, '--again']);

    expect(first).toMatchObject({
      verb: 'ticket comment',
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      comment: { posted: true },
    });
    expect(second.comment.posted).toBe(false);
    expect(once).toEqual([expect.stringMatching(/^The nodes are back\.\n\n\[comment [0-9a-f]{16}\]$/)]);
    expect(bodiesOf(only())).toHaveLength(2);
  });

  it('is one comment after a lost answer, a 502 and a killed run (exactly once)', async () => {
    const { desk, fails, ticket, only } = await deskWith({});
    const words = ['comment', '1001', 'Still down.'];
    fails(comments, 'reset-after');
    fails(comments, 'status-after', 502);
    const lost = (await ticket(words)).json();

    let kill = () => {};
    desk.onRequest = (request) => {
      if (request.startsWith('POST') && request.endsWith('/comments')) kill();
    };
    const other = ['comment', '1001', 'Killed on the way.'];
    const killed = await ticket(other, {
      onStart: (strike) => {
        kill = () => strike('SIGKILL');
      },
    });
    delete desk.onRequest;
    const again = (await ticket(other)).json();

    expect(lost).toMatchObject({ exitCode: 0, comment: { posted: true } });
    expect(killed.code).toBeNull();
    expect(again).toMatchObject({ exitCode: 0, comment: { posted: true } });
    expect(bodiesOf(only()).map((body) => body.split('\n')[0])).toEqual(['Still down.', 'Killed on the way.']);
  });

  it('--again that was lost goes on with the same comment, and makes no third one', async () => {
    const { fails, ticket, only } = await deskWith({});
    const words = ['comment', '1001', 'Once more.'];
    await ticket(words);
    fails(comments, 'reset-after', undefined, 3);

    const lost = (await ticket([...words, '--again'])).json();
    const done = (await ticket([...words, '--again'])).json();

    expect(lost).toMatchObject({ exitCode: 6, error: { code: 'helpdesk-outcome-unknown' } });
    expect(lost.error.hint).toContain("icepack ticket comment 1001 'Once more.'");
    expect(done.exitCode).toBe(0);
    expect(bodiesOf(only())).toHaveLength(2);
  });

  it('that is refused writes nothing, says why, and is written by the printed command', async () => {
    const { rig, fails, ticket, only } = await deskWith({});
    fails(comments, 'status-before', 403);

    const refused = (await ticket(['comment', '1001', 'words'])).json();
    const command = /icepack (ticket comment .*)$/.exec(refused.error.hint)?.[1] ?? '';
    const done = await rig.icepack([...command.split(' '), '--batch']);

    expect(refused).toMatchObject({ exitCode: 6, error: { code: 'helpdesk-forbidden' } });
    expect(done.code).toBe(0);
    expect(bodiesOf(only())).toHaveLength(1);
  });

  it('comes from a file, from standard input, or from a question at a terminal', async () => {
    const { rig, ticket, only } = await deskWith({});
    await writeFile(join(rig.folder, 'answer.txt'), 'from a file\n');

    await ticket(['comment', '1001', '@answer.txt']);
    await ticket(['comment', '1001', '-'], { input: 'from a pipe' });
    const nothing = await ticket(['comment', '1001']);

    expect(bodiesOf(only()).map((body) => body.split('\n')[0])).toEqual(['from a file', 'from a pipe']);
    expect(nothing.json()).toMatchObject({ exitCode: 2, error: { code: 'bad-text' } });
  });

  it.skipIf(lacks('tmux'))('is asked for at a terminal', async () => {
    const { rig, only } = await deskWith({});
    const terminal = openTerminal(['ticket', 'comment', '1001'], rig.env);

    await answer(terminal, 'What do you want to say to support?', 'typed words');
    await terminal.shows('ended with 0');

    expect(bodiesOf(only())[0]).toContain('typed words');
  });

  it.skipIf(lacks('tmux'))('what was typed as an answer stands in the command that repeats it', async () => {
    const { rig, fails, ticket, only } = await deskWith({});
    fails(comments, 'reset-after', undefined, 3);
    const terminal = openTerminal(['ticket', 'describe', '1001'], rig.env);

    await answer(terminal, 'Describe it', 'Site 3 is down.');
    await goesOn(terminal);
    await terminal.shows('ended with 6');
    const again = await ticket(['comment', '1001', 'Description\n\nSite 3 is down.']);

    expect(terminal.screen()).toContain("icepack ticket comment 1001 'Description");
    expect(again.code).toBe(0);
    expect(bodiesOf(only())).toHaveLength(1);
  });

  it('two at the same moment are one at work and one that is busy, or both done: the comment is there once', async () => {
    const { ticket, only } = await deskWith({});
    const words = ['comment', '1001', 'Both at once.'];

    const both = await Promise.all([ticket(words), ticket(words)]);

    expect(both.map(({ code }) => code).filter((code) => code !== 0 && code !== 9)).toEqual([]);
    expect(bodiesOf(only())).toHaveLength(1);
  });
});

describe.skipIf(lacks('tmux'))('an editor', () => {
  it('takes a description of several lines', async () => {
    const { rig, only } = await deskWith({});
    const editor = join(rig.folder, 'editor');
    await writeFile(editor, '#!/bin/sh\nprintf "All of site 3.\\nSince noon.\\n" > "$1"\n', { mode: 0o755 });
    const terminal = openTerminal(['ticket', 'describe', '1001'], { ...rig.env, VISUAL: editor });

    await terminal.shows('Describe it (Enter: opens');
    terminal.press('Enter');
    await terminal.shows('More for support?');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(bodiesOf(only())[0]).toMatch(/^Description\n\nAll of site 3\.\nSince noon\./);
  });
});

describe('icepack ticket describe', () => {
  it('adds a description as a comment, once', async () => {
    const { ticket, only } = await deskWith({});
    const words = ['describe', '1001', '--description', 'All of site 3.'];

    await ticket(words);
    await ticket(words);

    expect(bodiesOf(only())).toEqual([expect.stringMatching(/^Description\n\nAll of site 3\.\n\n\[comment/)]);
  });

  it.skipIf(lacks('tmux'))("asks for it, and the guide's questions, at a terminal", async () => {
    const { rig, only } = await deskWith({});
    const terminal = openTerminal(['ticket', 'describe', '1001'], rig.env);

    await answer(terminal, 'Describe it', 'All of site 3.');
    await answersOne(terminal, 'Reproducible', 'Can it be reproduced easily?', 'never twice');
    await goesOn(terminal);
    await terminal.shows('ended with 0');

    expect(bodiesOf(only())[0]).toContain('All of site 3.\n\nCan it be reproduced easily?\n  never twice');
  });
});

describe('icepack ticket attach', () => {
  async function withNotes(content = 'some notes', name = 'my notes.txt') {
    const all = await deskWith({});
    const write = (text: string) => writeFile(join(all.rig.folder, name), text);
    await write(content);
    const attach = (options: RunOptions = {}) => all.ticket(['attach', '1001', name], options);
    return { ...all, write, attach, names: () => all.only().files.map((file) => file.name) };
  }

  it('a file is attached once under a safe name, with a comment, and what changed gets _2', async () => {
    const { attach, write, names, only } = await withNotes();

    const first = await attach();
    await attach();
    const once = names();
    await write('other notes');
    const second = (await attach()).json();

    expect(first.json()).toMatchObject({
      verb: 'ticket attach',
      exitCode: 0,
      file: { name: 'my_notes.txt', attached: true },
    });
    expect(first.stderr).toContain('sent as it is');
    expect(once).toEqual(['my_notes.txt']);
    expect(second.file).toMatchObject({ name: 'my_notes_2.txt', attached: true });
    expect(names()).toEqual(['my_notes.txt', 'my_notes_2.txt']);
    expect(bodiesOf(only())[0]).toMatch(
      /^my_notes\.txt attached \(10 B\)\.\nSHA-256 [0-9a-f]{64}\n\[bundle [0-9a-f]{16}\]$/,
    );
  });

  it('is one file after a dropped file, a lost answer and a killed run (exactly once)', async () => {
    const { attach, fails, desk, names, write } = await withNotes();
    fails(put, 'drop-file');
    fails(put, 'reset-after');
    const lost = await attach();
    const first = names();
    await write('killed on the way');
    let kill = () => {};
    desk.onRequest = (request) => {
      if (request.startsWith('PUT')) kill();
    };
    const killed = await attach({
      onStart: (strike) => {
        kill = () => strike('SIGKILL');
      },
    });
    delete desk.onRequest;
    const again = await attach();

    expect(lost.code).toBe(0);
    expect(first).toEqual(['my_notes.txt']);
    expect(killed.code).toBeNull();
    expect(again.code).toBe(0);
    expect(names()).toHaveLength(2);
  });

  it('a help desk that never keeps the file is not believed, and the printed command attaches it', async () => {
    const { rig, attach, fails, names } = await withNotes('some notes', 'notes.txt');
    fails(put, 'drop-file', undefined, 3);

    const failed = (await attach()).json();
    const command = /icepack (ticket attach .*)$/.exec(failed.error.hint)?.[1] ?? '';
    const done = await rig.icepack([...command.split(' '), '--batch']);

    expect(failed).toMatchObject({ exitCode: 6, error: { code: 'attachment-not-there' } });
    expect(done.code).toBe(0);
    expect(names()).toEqual(['notes.txt']);
  });

  it('over the limit nothing is sent', async () => {
    const { attach, rig, desk } = await withNotes('x'.repeat(2000));
    await rig.configure((document) => {
      document.attachmentLimit = 1000;
    });

    const done = await attach();

    expect(done.json()).toMatchObject({ exitCode: 7, error: { code: 'over-limit' } });
    expect(changes(desk)).toBe(0);
  });

  it('what is no file is refused before the help desk is asked', async () => {
    const { ticket, desk } = await deskWith({});

    const done = await Promise.all([ticket(['attach', '1001', 'nowhere.txt']), ticket(['attach', '1001', '.'])]);

    expect(done.map((each) => each.json().error.code)).toEqual(['bad-file', 'bad-file']);
    expect(desk.requests).toEqual([]);
  });

  it('a run, and a ZIP that icepack made, go there as icepack submit brings them', async () => {
    const { rig, ticket, only } = await deskWith({});
    const call = ['collect', '--batch', '--at', '-45m', '--only', 'vm', '--no-submit', '--json'];
    const { run, bundle } = (await rig.icepack(call)).json();

    const byRun = (await ticket(['attach', '1001', run])).json();
    const byZip = (await ticket(['attach', '1001', bundle.path])).json();

    expect(byRun).toMatchObject({
      verb: 'ticket attach',
      exitCode: 0,
      run,
      ticket: { key: 'TIC-1001' },
      bundle: { attached: true },
    });
    expect(byZip).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(only().files.map(({ name }) => name)).toEqual([byRun.bundle.name]);
  });

  it.skipIf(lacks('tmux'))('is confirmed at a terminal', async () => {
    const { rig, names } = await withNotes();
    const terminal = openTerminal(['ticket', 'attach', '1001', join(rig.folder, 'my notes.txt')], rig.env);

    await terminal.shows('Attach it to TIC-1001 now?');
    terminal.type('n');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).toContain('is not attached');
    expect(names()).toEqual([]);
  });
});

describe('icepack ticket close', () => {
  it('writes the summary of the work and its hours first, then closes, each once', async () => {
    const { rig, ticket, only } = await deskWith({ state: 'fixed' });
    await writeFile(join(rig.folder, 'work.txt'), 'Disk replaced.\n');
    const words = ['close', '1001', '--summary', '@work.txt', '--hours', '3.5'];

    const done = (await ticket(words)).json();
    const again = (await ticket(words)).json();

    expect(done).toMatchObject({
      verb: 'ticket close',
      exitCode: 0,
      ticket: { state: 'closed' },
      before: 'fixed',
      changed: true,
    });
    expect(again).toMatchObject({ exitCode: 0, changed: false, comment: { posted: false } });
    expect(bodiesOf(only())).toEqual([
      expect.stringMatching(/^Summary of the work\n\nDisk replaced\.\n\nHours: 3\.5\n\n\[comment [0-9a-f]{16}\]$/),
    ]);
  });

  it.each([
    'work.txt',
    'wrok.txt',
    'done',
  ])('publishes neither the name of a file nor, unasked, what is in it: %s', async (name) => {
    const { rig, ticket, only } = await deskWith({});
    await writeFile(join(rig.folder, 'work.txt'), 'secret plan\n');
    await writeFile(join(rig.folder, 'done'), 'secret plan\n');

    const refused = await ticket(['close', '1001', '--summary', name]);

    expect(refused.code).toBe(2);
    expect(refused.json().error).toMatchObject({ code: 'bad-text', hint: expect.stringContaining(`@${name}`) });
    expect(only()).toMatchObject({ state: 'open', comments: [] });
  });

  it('names the way back, and until when', async () => {
    const { ticket, rig } = await deskWith({}, {});

    const done = (await ticket(['close', '1001'])).json();
    const shown = await rig.icepack(['ticket', 'close', '1002', '--batch']);

    expect(done.next).toEqual(['icepack ticket reopen TIC-1001']);
    expect(shown.stdout).toMatch(/until 20\d\d-\d\d-\d\d \d\d:\d\d: icepack ticket reopen TIC-1002/);
  });

  it('writes nothing to a ticket that is closed already, but a new summary', async () => {
    const { ticket, desk, only } = await deskWith({ state: 'closed' });

    const hours = (await ticket(['close', '1001', '--hours', '2'])).json();
    const written = changes(desk);
    const summary = (await ticket(['close', '1001', '--summary', 'Late words.', '--hours', '2'])).json();

    expect(hours).toMatchObject({ exitCode: 0, changed: false, comment: null });
    expect(hours.left).toEqual([expect.stringContaining('is closed already')]);
    expect(written).toBe(0);
    expect(summary).toMatchObject({ changed: false, comment: { posted: true } });
    expect(bodiesOf(only())).toHaveLength(1);
  });

  it('says plainly that there is no such file, and where the help of this command is', async () => {
    const { ticket, desk } = await deskWith({});

    const missing = (await ticket(['close', '1001', '--summary', '@work.txt'])).json();
    const unknown = (await ticket(['close', '1001', '--hour', '2'])).json();
    const wrong = (await ticket(['close', '1001', '--hours', 'two'])).json();
    const file = (await ticket(['attach', '1001', 'none.txt'])).json();

    expect(missing.error.message).toBe('--summary @work.txt: there is no file work.txt');
    expect(file.error.message).toBe('nothing was attached: there is no file none.txt');
    expect([unknown, wrong].map(({ error }) => error.hint)).toEqual(Array(2).fill('See: icepack ticket close --help'));
    expect(changes(desk)).toBe(0);
  });

  it.skipIf(lacks('tmux'))(
    'asks at a terminal for the work and its hours, shows what is written, and asks once',
    async () => {
      const { rig, only } = await deskWith({ state: 'fixed' });
      const terminal = openTerminal(['ticket', 'close', '1001'], rig.env);

      await terminal.shows('TIC-1001 is Fixed. What was done?');
      terminal.press('Enter');
      await terminal.shows('Close it without a summary of the work?');
      terminal.press('Enter');
      await terminal.shows('of the work? No');
      terminal.type('Disk replaced.');
      terminal.press('Enter');
      await answer(terminal, 'How many hours did it take?', '3,5');
      await terminal.shows('Hours: 3.5');
      await terminal.shows('Close TIC-1001?');
      const before = bodiesOf(only());
      terminal.press('Enter');
      await terminal.shows('ended with 0');

      expect(before).toEqual([]);
      expect(bodiesOf(only())).toEqual([expect.stringContaining('Disk replaced.\n\nHours: 3.5')]);
      expect(only().state).toBe('closed');
    },
  );

  it.skipIf(lacks('tmux'))(
    'does nothing where the answer at the terminal is no, and asks nobody with --yes',
    async () => {
      const { rig, desk, only } = await deskWith({});
      const terminal = openTerminal(['ticket', 'close', '1001', '--summary', 'Done.'], rig.env);

      await answer(terminal, 'Close TIC-1001?', 'n');
      await terminal.shows('ended with 0');
      const written = changes(desk);
      const another = openTerminal(['ticket', 'close', '1001', '--yes'], rig.env);
      await another.shows('ended with 0');

      expect(written).toBe(0);
      expect(only()).toMatchObject({ state: 'closed', comments: [] });
    },
  );

  it('says to whoever writes to a closed ticket that it is closed, and how to open it', async () => {
    const { ticket } = await deskWith({ state: 'closed' });

    const done = await ticket(['comment', '1001', 'Once more.']);

    expect(done.code).toBe(0);
    expect(done.stderr).toContain('TIC-1001 is Closed');
    expect(done.stderr).toContain('icepack ticket reopen TIC-1001');
  });

  it('takes the summary in words, by either name, and closes without one', async () => {
    const { ticket, desk } = await deskWith({}, {});

    await ticket(['close', '1001', '--resolution', 'Disk replaced.']);
    await ticket(['close', '1002']);

    expect(desk.tickets.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(desk.tickets.map(({ comments: told }) => told.length)).toEqual([1, 0]);
  });

  it('after a lost answer it looks before it asks again', async () => {
    const { fails, ticket, desk } = await deskWith({});
    fails(change, 'reset-after');

    const done = await ticket(['close', '1001']);

    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { state: 'closed' } });
    expect(desk.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(1);
  });

  it('that the help desk refuses says what is allowed; the summary is kept and not written again', async () => {
    const { desk, ticket, only } = await deskWith({});
    desk.switches.transitions = { open: ['fixed'] };
    const words = ['close', '1001', '--summary', 'Disk replaced.'];

    const refused = (await ticket(words)).json();
    desk.switches.transitions = {};
    const done = (await ticket(words)).json();

    expect(refused).toMatchObject({ exitCode: 6, error: { code: 'helpdesk-refused-transition' } });
    expect(refused.error.message).toContain('TIC-1001 stays Open: ');
    expect(refused.error.message).toContain('open may become: fixed');
    expect(done).toMatchObject({ exitCode: 0, ticket: { state: 'closed' } });
    expect(bodiesOf(only())).toHaveLength(1);
  });
});

describe('icepack ticket reopen', () => {
  it.each(['fixed', 'closed'])('opens a ticket that is %s', async (state) => {
    const { ticket, only } = await deskWith({ state });

    const done = (await ticket(['reopen', '1001'])).json();

    expect(done).toMatchObject({ verb: 'ticket reopen', exitCode: 0, before: state, ticket: { state: 'open' } });
    expect(only().state).toBe('open');
  });

  it('does nothing to one that is open', async () => {
    const { ticket, desk } = await deskWith({});

    expect((await ticket(['reopen', '1001'])).json()).toMatchObject({ exitCode: 0, changed: false });
    expect(changes(desk)).toBe(0);
  });

  it('a ticket that is Fixed for more than two weeks is opened where the help desk does it, and that is said', async () => {
    const { ticket, only } = await deskWith({ state: 'fixed', updatedAt: daysAgo(15) });

    const done = await ticket(['reopen', '1001']);

    expect(done.json()).toMatchObject({ exitCode: 0, before: 'fixed', ticket: { state: 'open' } });
    expect(done.stderr).toMatch(/is Fixed, and its two weeks ended 20\d\d-\d\d-\d\d \d\d:\d\d at the latest/);
    expect(only().state).toBe('open');
  });

  it('a ticket that the help desk does not open any more needs a new one', async () => {
    const { ticket, desk, only } = await deskWith({ state: 'fixed', updatedAt: daysAgo(15) });
    desk.switches.transitions = { fixed: ['closed'] };

    const done = (await ticket(['reopen', '1001'])).json();

    expect(done).toMatchObject({ exitCode: 6, error: { code: 'helpdesk-refused-transition' } });
    expect(done.error.hint).toContain('icepack collect --new-ticket');
    expect(only().state).toBe('fixed');
  });

  it('one that waits for our answer is to be answered', async () => {
    const { ticket } = await deskWith({ state: 'awaiting-information' });

    const done = (await ticket(['reopen', '1001'])).json();

    expect(done.exitCode).toBe(6);
    expect(done.error.hint).toBe('Answer it: icepack ticket comment TIC-1001 TEXT');
  });
});

describe('at a help desk that only people can use', () => {
  it.each([
    [['list'], 'look at your tickets there', null],
    [['show', '7'], 'read it there', null],
    [['comment', '7', 'The nodes are back.'], 'paste this into a comment', 'The nodes are back.'],
    [
      ['describe', '7', '--description', 'All of site 3.'],
      'paste this into a comment',
      'Description\n\nAll of site 3.',
    ],
    [
      ['close', '7', '--summary', 'Done.', '--hours', '2'],
      'set its state to Closed',
      'Summary of the work\n\nDone.\n\nHours: 2',
    ],
    [['reopen', '7'], 'choose Reopen', null],
  ])('%j says what to do in the browser', async (words, todo, text) => {
    const { rig, ticket, desk } = await deskWith();
    await atPortal(rig);

    const done = (await ticket(words)).json();
    const told = await rig.icepack(['ticket', ...words, '--batch']);

    expect(done).toMatchObject({ exitCode: 0, error: null, byHand: { url: 'https://portal.example.com', text } });
    expect(done.byHand.todo).toContain(todo);
    expect(told.stdout).toContain('https://portal.example.com');
    expect(told.stdout).toContain(text ?? todo);
    expect(desk.requests).toEqual([]);
  });

  it('attach names the file to drop into the box', async () => {
    const { rig, ticket } = await deskWith();
    await atPortal(rig);
    await writeFile(join(rig.folder, 'notes.txt'), 'notes');

    const done = (await ticket(['attach', '7', 'notes.txt'])).json();

    expect(done).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-7' }, file: { name: 'notes.txt', attached: false } });
    expect(done.byHand.todo).toContain(join(rig.folder, 'notes.txt'));
  });
});

describe('icepack ticket', () => {
  it('without a word that says what to do prints its help; a script gets a usage error', async () => {
    const { rig, ticket } = await deskWith();

    const help = await rig.icepack(['ticket']);

    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: icepack ticket');
    expect((await ticket([])).json()).toMatchObject({ exitCode: 2, error: { hint: 'See: icepack ticket --help' } });
  });

  it('says nothing with --quiet where all is well, and what waits for us', async () => {
    const { rig, desk } = await deskWith({});
    const quiet = (...words: string[]) => rig.icepack(['ticket', ...words, '--quiet', '--batch']);

    expect(await quiet('list')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await quiet('comment', '1001', 'words')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    for (const ticket of desk.tickets) ticket.state = 'awaiting-information';
    expect((await quiet('list')).stderr).toContain('icepack ticket show TIC-1001');
  });

  it('needs a help desk', async () => {
    const { rig, ticket } = await deskWith();
    await rig.configure((document) => {
      delete document.helpdesk;
    });

    expect((await ticket(['list'])).json()).toMatchObject({ exitCode: 2, error: { code: 'no-helpdesk' } });
  });
});
