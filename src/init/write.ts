import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { noHome } from '../config/home.js';
import { parseConfig } from '../config/load.js';
import type { ConfigSearchPath } from '../config/places.js';
import { icepack, say } from '../domain/command.js';
import { usageError } from '../errors.js';
import { createPartial, makePrivateFolder } from '../fs/durable.js';
import type { Providers } from '../helpdesk/provider.js';
import { composeConfig } from './compose.js';
import type { InitAnswers } from './init-answers.js';

/** Where to write a new configuration: where icepack would look for one. @throws UserError `config-exists` */
export async function newConfigPath({ given, cwd, configHome }: ConfigSearchPath): Promise<string> {
  const folder = configHome ?? (given === undefined ? noHome('the configuration goes there') : cwd);
  const path = given === undefined ? join(folder, 'icepack', 'icepack.yaml') : resolve(cwd, given);
  for (const taken of given === undefined ? [join(cwd, 'icepack.yaml'), path] : [path]) {
    if ((await lstat(taken).catch(() => undefined)) !== undefined) throw configExists(taken); // not there, as it should be
  }
  return path;
}

/** @returns the text of a new configuration @throws UserError `bad-config` where it could not be read back */
export function checkNewConfig(path: string, answers: InitAnswers, home: string | undefined, desks: Providers): string {
  const text = composeConfig(answers, desks);
  parseConfig(text, path, home, desks);
  return text;
}

/** Writes a configuration after checking that it can be read back; nothing is overwritten. */
export async function writeNewConfig(
  path: string,
  answers: InitAnswers,
  home: string | undefined,
  desks: Providers,
): Promise<void> {
  const text = checkNewConfig(path, answers, home, desks);
  await makePrivateFolder(dirname(path));
  const partial = await createPartial(path);
  try {
    await partial.handle.writeFile(text);
    await partial.commit();
  } finally {
    await partial.discard();
  }
}

function configExists(path: string): Error {
  return usageError(
    'config-exists',
    `there is a configuration already: ${path}`,
    say`Check it with: ${icepack('doctor')}. To begin anew, move it away, or name another file with --config FILE`,
  );
}
