import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where icepack is installed: the folder of `package.json`. All that is run lies two folders below it: `src`, `dist`, and the one file of the program. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

type TemplateName =
  | 'event-description.txt'
  | 'ticket-description.txt'
  | 'bundle-readme.txt'
  | 'virtual-machine.txt'
  | 'markers.yaml'
  | 'portal/form.css'
  | 'portal/form.js'
  | `completion/icepack.${'bash' | 'zsh' | 'fish'}`;

/** The texts that somebody has of their own, in the place of ours. */
export type OwnTemplates = Partial<Readonly<Record<'ticket-description.txt' | 'bundle-readme.txt', string>>>;

/** Somebody's own template where there is one, else ours. */
export function templateFor(name: keyof OwnTemplates, own: OwnTemplates = {}): string {
  return own[name] ?? readTemplate(name);
}

export function readTemplate(name: TemplateName): string {
  return readFileSync(join(packageRoot, 'templates', name), 'utf8');
}
