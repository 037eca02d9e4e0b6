import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file below a folder whose bytes hold one of the texts: what must not be anywhere (oracle O4). */
export async function filesHolding(
  folder: string,
  texts: readonly string[],
  leaveOut: readonly string[] = [],
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || leaveOut.some((left) => path.startsWith(join(folder, left)))) continue;
    const content = await readFile(path, 'latin1');
    if (texts.some((text) => formsOf(text).some((form) => content.includes(form)))) found.push(path);
  }
  return found;
}

function formsOf(text: string): string[] {
  return [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ];
}
