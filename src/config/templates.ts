import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where icepack is installed: the folder of `package.json`. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

type TemplateName =
  | 'ticket-description.txt'
  | 'bundle-readme.txt'
  | 'virtual-machine.txt'
  | 'portal/form.css'
  | 'portal/form.js';

export function readTemplate(name: TemplateName): string {
  return readFileSync(join(packageRoot, 'templates', name), 'utf8');
}
