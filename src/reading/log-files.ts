import type { Item, Manifest, ServerRecord } from '../domain/manifest.js';
import { isZone } from '../domain/zone-name.js';
import { type GuidePart, isJunk, placeInEvent } from './event-folder.js';
import type { Layout } from './layout.js';
import type { BundleFile } from './open-bundle.js';

/** A log of a bundle, with what is known of it before it is read. */
export type LogFile = {
  file: BundleFile;
  server: number;
  /** Without `Logs/`. */
  name: string;
  record: ServerRecord | undefined;
  item: Item | undefined;
  zone: string;
  /** A syslog server kept it: its clock is another one. */
  isExported: boolean;
};

const noLogs = /^errors\/|\.(?:err|zip|tar|tgz|bz2|xz|7z|pcap|png|jpe?g|pdf|html?)$|\.tar\.gz$/i;

/** Whether a file among the logs is one; exception reports and what is packed otherwise are none. */
export function isLogName(name: string): boolean {
  return !noLogs.test(name);
}

/** The logs of a bundle in the order in which equal times are sorted: by server, then name. */
export function logFilesOf(files: readonly BundleFile[], layout: Layout, manifest: Manifest | undefined): LogFile[] {
  const found = files.flatMap((file): LogFile[] => {
    const place = evidenceOf(file, layout);
    if (place === undefined || place.part !== 'Logs' || !isLogName(place.name)) return [];
    const { server, name } = place;
    const { folder, zone: own } = layout.servers[server] ?? { folder: '', zone: { name: 'UTC' } };
    const record = recordOf(manifest, folder);
    const item = record?.items.find(({ path }) => path === `Logs/${name}`);
    const zone = item?.coverage?.zones?.find(isZone) ?? own.name;
    return [{ file, server, name, record, item, zone, isExported: name.startsWith('exported/') }];
  });
  return found.sort((a, b) => a.server - b.server || (a.name < b.name ? -1 : 1));
}

/** Of which server a file is, and what of it; also where the folders have other names than the guide's. */
export function evidenceOf(
  { path }: Pick<BundleFile, 'path'>,
  { servers }: Layout,
): { server: number; part: GuidePart | undefined; name: string } | undefined {
  if (isJunk(path)) return undefined;
  const place = placeInEvent(path);
  const server = servers.findIndex(({ folder }) => folder === place?.folder);
  return place === undefined || server < 0 ? undefined : { server, part: place.part, name: place.rest };
}

export function recordOf(manifest: Manifest | undefined, eventFolder: string): ServerRecord | undefined {
  return manifest?.servers.find(({ folder: own }) => own === eventFolder);
}

/** In which order they are read, in case not all can be: what is terse and tells most comes first. */
export function byWorth(logs: readonly LogFile[]): LogFile[] {
  const worth = ({ name, isExported }: LogFile) => {
    if (name.startsWith('system')) return 0;
    if (name.startsWith('audit')) return 1;
    return name.startsWith('debug') ? 4 : isExported ? 3 : 2;
  };
  return [...logs].sort((a, b) => worth(a) - worth(b));
}
