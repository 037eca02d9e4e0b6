import { nearest, printableLine } from '../domain/text.js';
import { usageError } from '../errors.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';

/** Which lines of a file, from 1; both ends belong to it. */
export type LineRange = { from: number; to: number };

/** Finds a file by its path in the bundle, with or without the folder on top, or by how its path ends. */
export function fileNamed(
  given: string,
  { files, top }: OpenBundle,
): { file: BundleFile; range: LineRange | undefined } {
  const whole = fileAt(given, files, top);
  if (whole !== undefined) return { file: whole, range: undefined };
  const [, path = given, from, to] = /^(.*):(\d{1,9})(?:-(\d{1,9}))?$/.exec(given) ?? [];
  const file = fileAt(path, files, top);
  if (file === undefined) throw noFile(path, files);
  const range = from === undefined ? undefined : { from: Number(from), to: Number(to ?? from) };
  if (range !== undefined && (range.from < 1 || range.to < range.from))
    throw usageError('bad-file', `"${given}" names no lines: they are counted from 1`, 'Write it as PATH:120-160');
  return { file, range };
}

function fileAt(path: string, files: readonly BundleFile[], top: string | undefined): BundleFile | undefined {
  const below = top !== undefined && path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path;
  const exact = files.find((file) => file.path === path || file.path === below);
  if (exact !== undefined) return exact;
  const ending = files.filter((file) => file.path.endsWith(`/${path}`));
  return ending.length === 1 ? ending[0] : undefined;
}

function noFile(path: string, files: readonly BundleFile[]) {
  const several = files.filter((file) => file.path.endsWith(`/${path}`)).map((file) => printableLine(file.path));
  const near =
    nearest(
      path,
      files.map((file) => file.path),
    ) ?? files.find((file) => file.path.includes(path))?.path;
  const hint =
    several.length > 1
      ? `Which one: ${several.slice(0, 6).join(', ')}?`
      : near && `Did you mean ${printableLine(near)}?`;
  return usageError(
    'bad-file',
    `there is no one file "${printableLine(path)}" in the bundle`,
    hint || 'See them all with --tree',
  );
}
