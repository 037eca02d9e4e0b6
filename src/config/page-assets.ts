import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './templates.js';

export type PageAssets = { script: string; worker: string; style: string };

/** What `npm run page` makes of `src/page`. */
export function pageAssets(): PageAssets {
  const read = (name: string) => readFileSync(join(packageRoot, 'dist', 'page', name), 'utf8').trimEnd();
  return { script: read('page.js'), worker: read('worker.js'), style: read('page.css') };
}
