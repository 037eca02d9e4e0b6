import { shownName } from '../bundle/archive/names.js';
import { formatSize } from '../domain/quantities.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import { type Check, check, counted } from './check.js';
import type { SeenFile } from './look-at-files.js';

const where = 'safe to unpack';

/** What is wrong with the archive as such. */
export function flawChecks({ flaws }: Pick<OpenBundle, 'flaws'>): Check[] {
  return flaws.map(({ id, text }) => check('unsafe', id, where, text));
}

/** Whether it can be unpacked, now that all of it was read. */
export function safetyChecks(bundle: OpenBundle, seen: readonly SeenFile[]): Check[] {
  const bad = seen.flatMap(({ path, damage, isBomb }): Check[] => {
    if (damage !== undefined) return [check('unsafe', 'contents.damaged', where, damage)];
    const text = `${shownName(path)} would unpack to more than 200 times its size`;
    return isBomb ? [check('unsafe', 'safe.bomb-inside', where, text)] : [];
  });
  if (bad.length > 0) return bad;
  const bytes = seen.reduce((sum, file) => sum + file.bytes, 0);
  const size = `${counted(seen.length, 'file')}, ${formatSize(bytes)}`;
  if (bundle.kind !== 'zip') return [check('ok', 'safe.archive', 'files', `${size}; no twins, links or odd names`)];
  return [check('ok', 'safe.archive', where, `${size} unpacked; no twins, links or odd names`)];
}
