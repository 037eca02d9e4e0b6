import { userInfo } from 'node:os';

/** Who says something; an account without a name has a number. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`; // it is in no list of accounts, as in a container
  }
}
