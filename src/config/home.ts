import { isAbsolute, join, resolve } from 'node:path';

/** @returns an absolute path; `~/` is the home folder */
export function expandHome(path: string, home: string): string {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}
