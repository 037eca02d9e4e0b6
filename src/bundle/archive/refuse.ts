import { icepack, say } from '../../domain/command.js';
import { exitCode, UserError } from '../../errors.js';
import type { Archive } from './archive.js';

/** @throws UserError `archive-unsafe` where anything is wrong with the archive */
export function refuseUnsafe({ path, flaws: [flaw, ...more] }: Pick<Archive, 'path' | 'flaws'>): void {
  if (flaw === undefined) return;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  throw new UserError('archive-unsafe', `"${path}" is not safe to unpack: ${flaw.text}${others}`, {
    exit: exitCode.notAsItShouldBe,
    hint: say`See all that is wrong with it: ${icepack('verify', path)}`,
  });
}
