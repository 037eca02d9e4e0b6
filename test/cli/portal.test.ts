import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, startRig, until } from '../support/rig.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const vm = [...batch, '--only', 'vm'];
const number = 'The number the ticket was given';
const whole = { columns: 150, rows: 120 };

async function portalRig(settings: Record<string, unknown> = {}): Promise<Rig> {
  const rig = await startRig();
  await rig.configure((document) => {
    document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/', product: 'InCenter', ...settings };
  });
  return rig;
}

async function collected(rig: Rig): Promise<string> {
  const args = ['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'];
  return (await rig.icepack(args)).json().run;
}

const draft = ['--summary', 'VPN "east" down 🧊', '--severity', 'high', '--description', 'first\n\n  second'];

function submit(rig: Rig, run: string, env: Record<string, string> = {}): Terminal {
  return openTerminal(['submit', run, ...draft], { ...rig.env, ...env }, whole);
}

async function end(terminal: Terminal, typed: string): Promise<void> {
  await terminal.shows(number);
  terminal.type(typed);
  terminal.press('Enter');
  await terminal.shows('ended with 0');
}

describe('the page for a web form', () => {
  it('is written in batch, is private, and has the ZIP as it is: pending, then under its name', async () => {
    const rig = await portalRig();

    const prepared = await rig.icepack(['collect', ...vm, '--json']);
    const { run, page, texts, bundle } = prepared.json();
    const before = await readFile(page, 'utf8');
    const named = (await rig.icepack(['submit', run, '--ticket', '4711', '--batch', '--json'])).json();
    const after = await readFile(page, 'utf8');

    expect(page).toBe(join(rig.folder, '.local/state/icepack/runs', run, 'portal', 'form.html'));
    expect((await stat(page)).mode & 0o777).toBe(0o600);
    expect(texts.map(({ field }: { field: string }) => field)).toContain('Summary');
    expect(before).toContain('VPN down');
    expect(before).toContain(bundle.path);
    expect(before).toContain(`icepack submit ${run} --ticket NUMBER`);
    expect(named.page).toBe(page);
    expect(after).toContain('VPN down');
    expect(after).toContain(named.bundle.path);
    expect(after).toContain('Open TIC-4711 and drop the ZIP');
    expect(after).not.toContain(bundle.name);
  });

  it('is named in the summary; where somebody came by SSH, what fetches it and the ZIP stands below', async () => {
    const rig = await portalRig();
    const env = { SSH_CONNECTION: '198.51.100.9 50022 192.0.2.7 22', USER: 'op' };

    const { stdout } = await rig.icepack(['collect', ...vm], { env });

    const lines = stdout.split('\n');
    const page = lines[lines.indexOf('As a page for a browser:') + 1] ?? '';
    const zip = lines.find((line) => /^\/.*\.zip$/.test(line)) ?? '';
    expect(page).toMatch(/\/portal\/form\.html$/);
    expect(lines).toContain(`scp op@192.0.2.7:${page} op@192.0.2.7:${zip} .`);
    expect(await readFile(page, 'utf8')).toContain(`scp op@192.0.2.7:${zip} .`);
  });

  it('says how to go on where the ZIP is over the limit', async () => {
    const rig = await portalRig();
    await rig.configure((document) => {
      document.attachmentLimit = '1kB';
    });

    const done = (await rig.icepack(['collect', ...vm, '--ticket', '7', '--json'])).json();

    const page = await readFile(done.page, 'utf8');
    expect(done.exitCode).toBe(7);
    expect(page).toContain('Do not attach it');
    expect(page).toContain(`icepack upload ${done.run} --to URL`);
  });
});

describe.skipIf(lacks('tmux'))('a person at a terminal of a desktop', () => {
  /** A desktop that writes down what it is to open. */
  async function desktop(rig: Rig, exit = 0) {
    const bin = join(rig.folder, 'mock', 'bin');
    const log = join(rig.folder, 'mock', 'opened');
    await mkdir(bin);
    await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" >> '${log}'\nexit ${exit}\n`);
    await chmod(join(bin, 'xdg-open'), 0o755);
    const env = { PATH: `${bin}:${rig.env['PATH']}`, DISPLAY: ':9' };
    const opened = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''); // nothing yet
    return { env, opened };
  }

  it('is asked once whether the page is opened; then it is, and the run goes on with the number', async () => {
    const rig = await portalRig();
    const run = await collected(rig);
    const { env, opened } = await desktop(rig);

    const first = submit(rig, run, env);
    await first.shows('Open the texts for the form in your browser?');
    first.press('Enter');
    await end(first, '');
    const second = submit(rig, run, env);
    await end(second, '4711');

    const page = join(rig.folder, '.local/state/icepack/runs', run, 'portal', 'form.html');
    expect(await opened()).toEqual([page, page]);
    expect(second.screen()).not.toContain('Open the texts');
    expect(second.screen()).toContain('TIC-4711_Event1_');
    expect(second.screen()).not.toContain('--- Summary ---');
    expect(await readFile(page, 'utf8')).toContain('TIC-4711_Event1_');
  });

  it('who does not want it has the texts at the terminal, and is not asked again', async () => {
    const rig = await portalRig({ clipboard: false });
    const run = await collected(rig);
    const { env, opened } = await desktop(rig);

    const first = submit(rig, run, env);
    await first.shows('Open the texts for the form in your browser?');
    first.type('n');
    first.press('Enter');
    await end(first, '');
    const second = submit(rig, run, env);
    await end(second, '');

    expect(await opened()).toEqual([]);
    expect(first.screen()).toContain('--- Summary ---');
    expect(second.screen()).not.toContain('Open the texts');
  });

  it.each<[string, Record<string, unknown>, number, Record<string, string>, number]>([
    ['as the configuration says, unasked', { browser: true }, 0, {}, 1],
    ['not where the configuration forbids it', { browser: false }, 0, {}, 0],
    ['not over SSH, where the display is on another machine', {}, 0, { SSH_CONNECTION: '::1 50022 ::1 22' }, 0],
    ['and has the texts at the terminal where no browser could be opened', { browser: true }, 3, {}, 1],
  ])('gets the page opened %s', async (_how, settings, exit, more, times) => {
    const rig = await portalRig({ clipboard: false, ...settings });
    const run = await collected(rig);
    const { env, opened } = await desktop(rig, exit);

    const terminal = submit(rig, run, { ...env, ...more });
    await end(terminal, '');

    expect(await opened()).toHaveLength(times);
    expect(terminal.screen()).not.toContain('Open the texts');
    expect(terminal.screen().includes('--- Summary ---')).toBe(times === 0 || exit !== 0);
  });
});

describe.skipIf(lacks('tmux'))('a person at a terminal without a browser', () => {
  const sent = (label: string) => `${label} was sent to the clipboard`;

  function withClipboard(rig: Rig, run: string): Terminal {
    const terminal = submit(rig, run);
    terminal.tmux('set-option', '-s', 'set-clipboard', 'on');
    return terminal;
  }

  it('gets field after field in the clipboard, each exactly as it is in its file', async () => {
    const rig = await portalRig();
    const run = await collected(rig);
    const folder = join(rig.folder, '.local/state/icepack/runs', run, 'portal');

    const terminal = withClipboard(rig, run);
    for (const [label, file] of [
      ['Product', 'product'],
      ['Summary', 'summary'],
      ['Description', 'description'],
      ['Priority', 'severity'],
      ['Own reference', 'reference'],
    ]) {
      await terminal.shows(sent(`${label}`));
      const text = (await readFile(join(folder, `${file}.txt`), 'utf8')).slice(0, -1);
      await until(() => terminal.tmux('show-buffer') === text);
      terminal.press('Enter');
    }
    await end(terminal, '4711');

    expect(terminal.screen()).toContain('TIC-4711_Event1_');
    expect(await readdir(folder)).toContain('form.html');
    expect(terminal.screen()).not.toContain(sent('License')); // nothing is known of it
  });

  it('may leave the rest', async () => {
    const rig = await portalRig();
    const terminal = withClipboard(rig, await collected(rig));

    await terminal.shows(sent('Product'));
    terminal.type('s');
    terminal.press('Enter');
    await end(terminal, '');

    expect(terminal.screen()).not.toContain(sent('Summary'));
  });

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['the configuration forbids it', { clipboard: false }, {}],
    ['the terminal is a dumb one', {}, { TERM: 'dumb' }],
  ])('gets nothing in the clipboard where %s', async (_why, settings, env) => {
    const rig = await portalRig(settings);
    const terminal = submit(rig, await collected(rig), env);

    await end(terminal, '');

    expect(terminal.screen()).not.toContain('was sent to the clipboard');
  });

  it('gets what fetches the page where they came by SSH', async () => {
    const rig = await portalRig({ clipboard: false });
    const env = { SSH_CONNECTION: '198.51.100.9 50022 192.0.2.7 2222', USER: 'op' };
    const terminal = submit(rig, await collected(rig), env);

    await terminal.shows(number);

    expect(terminal.screen().replaceAll('\n', '')).toMatch(/scp -P 2222 op@192\.0\.2\.7:\/\S+\/portal\/form\.html \./);
  });
});
