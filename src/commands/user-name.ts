import { userInfo } from 'node:os';

/** Who says something; an account without a name has a number. @param env where `sudo` says who it was */
export function userName(env: Record<string, string | undefined> = {}): string {
  const { SUDO_USER: before } = env;
  if (before !== undefined && before !== '') return before;
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`; // it is in no list of accounts, as in a container
  }
}
