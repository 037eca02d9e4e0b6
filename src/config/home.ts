import { dirname, isAbsolute, join, resolve } from 'node:path';
import { usageError } from '../errors.js';

/**
 * @param home undefined where the account has none
 * @returns an absolute path; `~/` is the home folder
 * @throws UserError `no-home`
 */
export function expandHome(path: string, home: string | undefined): string {
  if (path.startsWith('~/')) return join(home ?? noHome(`"${path}" is in it`), path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}

/** The absolute path of a file that a configuration names: from the folder of the configuration, or from home. */
export function besideFile(named: string, { path, home }: { path: string; home: string | undefined }): string {
  return named.startsWith('~/') ? expandHome(named, home) : resolve(dirname(path), named);
}

/** @throws UserError `no-home` */
export function noHome(why: string): never {
  throw usageError(
    'no-home',
    `this account has no home folder, and ${why}`,
    'Set HOME; or XDG_CONFIG_HOME and XDG_STATE_HOME, and name files by their whole path',
  );
}
