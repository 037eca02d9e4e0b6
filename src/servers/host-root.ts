import type { Appliance } from '../domain/appliance.js';
import type { FileRoots } from '../state/file-roots.js';

/** Where the files of port 22 lie on the host OS, as far as it is known: what is configured, else what doctor found. */
export async function hostRootOf(appliance: Appliance, fileRoots: FileRoots): Promise<string | undefined> {
  return appliance.hostOs.filesRoot ?? (await fileRoots.of(appliance));
}
