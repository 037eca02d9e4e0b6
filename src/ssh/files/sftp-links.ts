import { UserError } from '../../errors.js';
import type { RemoteEntry } from './remote-files.js';
import type { Facts } from './sftp-attributes.js';

/** This many links are asked about at once. */
const askedAtOnce = 16;

/**
 * Replaces links by what they lead to, as far as the server resolves them; a link that leads nowhere, or in a circle,
 * stays one that is neither file nor folder.
 * @param leadsTo what the server says about the end of the link of that name
 */
export async function followLinks(
  entries: readonly RemoteEntry[],
  leadsTo: (name: string) => Promise<Facts>,
): Promise<RemoteEntry[]> {
  const followed = [...entries];
  const links = followed.flatMap(({ isLink }, index) => (isLink ? [index] : [])).values();
  const follow = async () => {
    for (const index of links) {
      const { name } = followed[index] as RemoteEntry;
      followed[index] = { name, ...(await endOf(name, leadsTo)), isLink: true };
    }
  };
  await Promise.all(Array.from({ length: askedAtOnce }, follow)); // they share the links that are left
  return followed;
}

async function endOf(name: string, leadsTo: (name: string) => Promise<Facts>): Promise<Facts> {
  try {
    return await leadsTo(name);
  } catch (error) {
    if (error instanceof UserError && (error.code === 'no-such-file' || error.code === 'transfer-failed'))
      return { kind: 'other' };
    throw error;
  }
}
