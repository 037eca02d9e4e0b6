import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarOf } from './made-tar.ts';
import { madeZip } from './made-zip.ts';
import { temporaryFolder } from './rig.ts';

const at = '2026-11-20T09:32:00.000Z';
const window = { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' };

/** Logs of a minute, on the clock of Stockholm. */
export function minutesOfLog(from: string, minutes: number, text = 'INFO all is well'): string {
  const start = Date.parse(from);
  const lines = Array.from({ length: minutes }, (_, index) => new Date(start + index * 60_000));
  return lines.map((each) => `${each.toISOString().slice(0, 19).replace('T', ' ')} ${text}\n`).join('');
}

export const backup = gzipSync(tarOf({ 'etc/incenter.conf': 'name = ICE01\n', 'pki/ca.pem': 'a certificate\n' }));
export const techsupportText = `${'A line of the techsupport file.\n'.repeat(50)}`;

const readme = 'Read me.\n';

/** What a server of a bundle has, by path: content, with what the manifest says besides. */
export type MadeItem = { content?: string | Buffer } & Record<string, unknown>;
export type MadeServer = { id: number; items: Record<string, MadeItem> } & Record<string, unknown>;

const collectors: Record<string, string> = {
  Config: 'config',
  Techsupport: 'techsupport',
  Logs: 'logs',
  CLI: 'cli',
  VM: 'vm',
};

/** A log of which the whole window was collected. */
export function wholeLog(content: string): MadeItem {
  return { content, coverage: { first: window.since, last: window.until, complete: true } };
}

export function usualItems(): Record<string, MadeItem> {
  return {
    'Config/backup.tar.gz': { content: backup },
    'Techsupport/techsupport.tsf': { content: techsupportText },
    'Logs/system.log': wholeLog(minutesOfLog('2026-11-20T10:00:00Z', 65)),
    'CLI/show-ha.txt': { content: 'state: ACTIVE\nuptime: 4 days\n' },
    'VM/virtual-machine.txt': { content: 'hypervisor: KVM\nkernel: 6.1.0-25-amd64\nmemory: 8 GB\n' },
  };
}

export function folderOf(id: number, number = 1): string {
  return `Event${number}_ICE${String(id).padStart(2, '0')}_20261120_1032`;
}

function recordOf({ id, items, ...more }: MadeServer, number: number): Record<string, unknown> {
  const face = { address: '192.0.2.1', port: 22, status: 'up' };
  return {
    ...{ name: `ice0${id}`, id, address: '192.0.2.1', folder: folderOf(id, number) },
    zone: { name: 'Europe/Stockholm', source: 'host OS' },
    faces: { cli: face, hostOs: { ...face, port: 2222 } },
    clock: { offsetMs: 0, errorMs: 30, zone: 'Europe/Stockholm' },
    versions: { InCenter: '2.2.5' },
    ...more,
    items: Object.entries(items).map(([path, { content, ...said }]) => ({
      ...{ path, collector: collectors[path.split('/')[0] ?? ''] ?? 'extras', status: 'ok' },
      ...(content === undefined ? {} : hashed(content)),
      ...said,
    })),
  };
}

function hashed(content: string | Buffer): { bytes: number; sha256: string } {
  return { bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') };
}

export type MadeBundle = {
  servers?: MadeServer[];
  number?: number;
  /** Changes the manifest before it is written. */
  manifest?: (manifest: Record<string, unknown>) => void;
  /** Files in the ZIP that the manifest does not know; undefined leaves one out. */
  files?: Record<string, string | Buffer | undefined>;
};

/** The files of a bundle as icepack makes it, by their names in the ZIP. */
export function bundleFiles(given: MadeBundle = {}): Record<string, string | Buffer> {
  const { servers = [{ id: 1, items: usualItems() }], number = 1, manifest: change, files = {} } = given;
  const manifest: Record<string, unknown> = {
    ...{ schema: 1, tool: { name: 'icepack', version: '0.3.0', node: '20.0.0' }, run: '20261120-1110-east-k3f9' },
    ...{ argv: [], created: '2026-11-20T10:10:00.000Z', reference: 'icepack-4b357478c61f', ticket: 'TIC-1234' },
    event: { number, at, window, zone: 'Europe/Stockholm' },
    servers: servers.map((server) => recordOf(server, number)),
    texts: [{ path: 'README.txt', ...hashed(readme) }],
  };
  change?.(manifest);
  const evidence = servers.flatMap(({ id, items }) =>
    Object.entries(items).flatMap(([path, { content }]) =>
      content === undefined ? [] : [[`TIC-1234/${folderOf(id, number)}/${path}`, content] as const],
    ),
  );
  const all: [string, string | Buffer | undefined][] = Object.entries({
    ...Object.fromEntries(evidence),
    'TIC-1234/README.txt': readme,
    'TIC-1234/manifest.json': `${JSON.stringify(manifest, null, 2)}\n`,
    ...files,
  });
  return Object.fromEntries(all.filter((file): file is [string, string | Buffer] => file[1] !== undefined));
}

export function zipOf(files: Record<string, string | Buffer>): Buffer {
  return madeZip({ entries: Object.entries(files).map(([name, content]) => ({ name, content })) });
}

/** Writes a ZIP into a folder of its own. @returns its path */
export async function writtenZip(bytes: Buffer, name = 'TIC-1234_Event1_20261120_1032.zip'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** A bundle as icepack makes it, on the disk. @returns the path of its ZIP */
export async function madeBundle(given: MadeBundle = {}, name?: string): Promise<string> {
  return writtenZip(zipOf(bundleFiles(given)), name);
}
