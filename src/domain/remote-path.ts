/** Paths that may be put into a remote command without quotes. */
export const plainPath = /^[A-Za-z0-9_./][A-Za-z0-9_./-]{0,299}$/;

/** A plain path from the root of a server, which does not lead back up. */
export function isPlainAbsolute(path: string): boolean {
  return plainPath.test(path) && path.startsWith('/') && !path.split('/').includes('..');
}
