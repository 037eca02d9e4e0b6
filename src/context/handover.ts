import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { defined } from '../domain/defined.js';
import { shellWord } from '../domain/quoting.js';
import { browserAnswer, keepBrowserAnswer } from '../state/browser-answer.js';
import { type Browser, clipboardSequence, type Handover, reachedBy, scpLine } from '../ui/handover.js';
import { type Surroundings, stateFolderOf } from './surroundings.js';

/** What there is on this machine for somebody who fills in a web form. @param isAlone nobody is at a terminal */
export function handoverOf(around: Surroundings, isAlone: boolean): Handover {
  return defined({
    browser: isAlone ? undefined : browserOf(around),
    clipboard: isAlone ? undefined : clipboardOf(around),
    fetch: fetchOf(around),
  });
}

/** Who the user is may be asked of the network: not before it is needed. */
function fetchOf({ env }: Surroundings): Handover['fetch'] {
  const reachedAs = (user: string) => reachedBy(env['SSH_CONNECTION'], user);
  if (reachedAs('USER') === undefined) return undefined;
  return (paths) => {
    const reached = reachedAs(env['USER'] || env['LOGNAME'] || nameOfUser());
    return reached === undefined ? '' : scpLine(reached, paths);
  };
}

/** What a person types to see a page: on a desktop what opens it, over SSH what fetches it from here. */
export function commandToSee(around: Surroundings, path: string): string {
  const fetch = fetchOf(around)?.([path]);
  return fetch || [openerHere(), shellWord(path)].join(' ');
}

function openerHere(): string {
  if (process.platform === 'darwin') return 'open';
  return process.platform === 'win32' ? 'start' : 'xdg-open';
}

function browserOf({ env }: Surroundings): Browser | undefined {
  const opener = openerOf(env);
  if (opener === undefined) return undefined;
  const kept = join(stateFolderOf(env), 'browser.json');
  return {
    open: (page) => isTaken([...opener, page], env),
    answered: () => browserAnswer(kept),
    keep: (answer) => keepBrowserAnswer(kept, answer),
  };
}

/** The command that opens a file on a desktop; a display that is forwarded over SSH is none. */
function openerOf(env: Surroundings['env']): string[] | undefined {
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return undefined;
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined;
}

/** Some openers stay as long as the browser does: one that has not failed by then has taken the page. */
const longestOpeningMs = 3000;

function isTaken([program = '', ...words]: string[], env: Surroundings['env']): Promise<boolean> {
  const child = spawn(program, words, { env, stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), longestOpeningMs);
    const ended = (taken: boolean) => {
      clearTimeout(timer);
      resolve(taken);
    };
    child.once('error', () => ended(false)); // it is not there
    child.once('exit', (code) => ended(code === 0));
  });
}

/** Where the terminal is not known to take it, nothing is sent: GNU screen swallows it, a dumb one shows it. */
function clipboardOf({ env, stderr }: Surroundings): Handover['clipboard'] {
  if (!env['TERM'] || env['TERM'] === 'dumb' || env['TERM'] === 'linux' || env['STY']) return undefined;
  return (text) => {
    const sequence = clipboardSequence(text, Boolean(env['TMUX']));
    if (sequence === undefined) return false;
    stderr.write(sequence);
    return true;
  };
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'USER'; // how Node says that there is no entry, as in containers
  }
}
