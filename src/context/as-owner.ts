import { lstat, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { icepack, type Sentence, say, type Verb } from '../domain/command.js';
import { shellWord } from '../domain/quoting.js';
import { isCode } from '../fs/durable.js';
import { type Surroundings, stateFolderOf } from './surroundings.js';

type Around = Pick<Surroundings, 'argv' | 'env' | 'cwd'>;

/** What was typed, for somebody to type as the owner of the state; undefined where that is nobody else. */
export async function asOwner(verb: Verb, around: Around): Promise<Sentence | undefined> {
  const uid = await otherOwnerOf(stateFolderOf(around.env));
  if (uid === undefined) return undefined;
  return typedAs(nameIn(await readFile('/etc/passwd', 'utf8').catch(() => ''), uid), verb, around);
}

/** @param user a name, or `#` and a number */
export function typedAs(user: string, verb: Verb, { argv, env, cwd }: Around): Sentence {
  const words = argv.slice(2);
  const at = words.indexOf(verb);
  const others = withoutConfig([...words.slice(0, at), ...words.slice(at + 1)]);
  const isNamed = others.length < words.length - 1; // what was named so is in each command that is shown
  const given = env['ICEPACK_CONFIG'] || undefined;
  const kept = [
    `XDG_STATE_HOME=${dirname(resolve(cwd, stateFolderOf(env)))}`,
    ...(isNamed || given === undefined ? [] : [`ICEPACK_CONFIG=${resolve(cwd, given)}`]),
  ];
  const as = ['sudo', '-u', user, 'env', ...kept].map(shellWord).join(' ');
  return say`Type it as its owner: ${as} ${icepack(verb, ...others)}`;
}

function withoutConfig(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.filter((word, index) => {
    if (end >= 0 && index >= end) return true;
    return word !== '--config' && !word.startsWith('--config=') && words[index - 1] !== '--config';
  });
}

/** The name of an account; sudo takes a number, too. */
export function nameIn(passwd: string, uid: number): string {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  return entries.find(([, , number]) => number === String(uid))?.[0] ?? `#${uid}`;
}

/** Whose a folder is; where it cannot be looked at, whose the folder is that keeps others out. */
async function otherOwnerOf(path: string): Promise<number | undefined> {
  try {
    const { uid } = await lstat(path);
    return process.getuid === undefined || uid === process.getuid() ? undefined : uid;
  } catch (error) {
    return isCode(error, 'EACCES') && dirname(path) !== path ? otherOwnerOf(dirname(path)) : undefined;
  }
}
