import type { Manifest } from '../domain/manifest.js';
import type { Layout } from './layout.js';
import { evidenceOf } from './log-files.js';
import type { BundleFile } from './open-bundle.js';
import type { Reading } from './reading.js';

type Content = Reading['contents'][number];

const nothing = {
  status: undefined,
  reason: undefined,
  source: undefined,
  command: undefined,
  sha256: undefined,
  masked: 0,
};

/** Every file of the bundle, and every item of the manifest that is no file in it. */
export function contentsOf(files: readonly BundleFile[], layout: Layout, manifest: Manifest | undefined): Content[] {
  const items = new Map<string, Content>();
  for (const { folder, items: own } of manifest?.servers ?? []) {
    const server = layout.servers.findIndex((each) => each.folder === folder);
    for (const { path, bytes, status, reason, source, command, sha256, redactions } of own) {
      const masked = Object.values(redactions ?? {}).reduce((sum, count) => sum + count, 0);
      const full = `${folder}/${path}`;
      items.set(full, {
        path: full,
        server: server < 0 ? undefined : server,
        bytes,
        status,
        reason,
        source,
        command,
        sha256,
        masked,
      });
    }
  }
  for (const { path, bytes, sha256 } of manifest?.texts ?? [])
    items.set(path, { path, server: undefined, ...nothing, bytes, sha256, status: 'ok', source: 'written by icepack' });
  const present = files.map(({ path, bytes }): Content => {
    const known = items.get(path) ?? { path, server: evidenceOf({ path }, layout)?.server, ...nothing };
    return { ...known, bytes };
  });
  const isThere = new Set(files.map(({ path }) => path));
  return [...present, ...[...items.values()].filter(({ path }) => !isThere.has(path))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}
