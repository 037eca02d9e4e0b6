import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { manifestSchema } from '../../src/domain/manifest.ts';
import type { Layout } from '../../src/reading/layout.ts';
import type { OpenBundle } from '../../src/reading/open-bundle.ts';
import type { Incident } from './incident-maker.ts';

/** Opens the folder of an incident for reading. @param without paths that are taken away first */
export function openedFolder({ folder, manifest }: Incident, without = /(?!)/): OpenBundle {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const files = names
    .filter((path) => !without.test(path) && path !== 'manifest.json')
    .sort()
    .map((path) => ({
      path,
      bytes: statSync(join(folder, path)).size,
      read: () => createReadStream(join(folder, path)) as AsyncIterable<Buffer>,
    }));
  const known = names.includes('manifest.json') && !without.test('manifest.json');
  return {
    ...{ kind: 'folder', given: folder, name: `${basename(folder)}.zip`, bytes: 1, top: basename(folder), flaws: [] },
    manifestState: known && manifest !== undefined ? 'read' : 'none',
    manifest:
      known && manifest !== undefined
        ? manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))
        : undefined,
    files,
    sha256: async () => undefined,
    close: async () => undefined,
  };
}

export function layoutFor({ at, window, servers, manifest }: Incident): Layout {
  const source = manifest === undefined ? 'assumed' : 'host OS';
  return {
    ticket: 'TIC-1234',
    event: { number: 1, at: new Date(at), window: { since: new Date(window.since), until: new Date(window.until) } },
    zone: 'Europe/Stockholm',
    servers: servers.map(({ folder, title, name, zone }) => {
      return { folder, label: title, name, cluster: 'east', zone: { name: zone, source } };
    }),
  };
}
