import type { Appliance } from '../domain/appliance.js';
import type { Edges } from '../flows/edges.js';

/** Where the files of port 22 lie on the host OS, as far as it is known: what is configured, else what doctor found. */
export async function hostRootOf(
  appliance: Appliance,
  { fileRoots }: Pick<Edges, 'fileRoots'>,
): Promise<string | undefined> {
  return appliance.hostOs.filesRoot ?? (await fileRoots.of(appliance));
}
