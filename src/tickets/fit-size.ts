import { isPrecapture } from '../domain/capture-choice.js';
import type { Manifest } from '../domain/manifest.js';
import { reportName } from './bundle-report.js';
import type { BundleToSend } from './submission.js';

/** What level 9 may save of what the usual level left, at most. */
const hoped = 0.97;

/** What the page to look at takes in a ZIP. */
export function packedReport({ zip, topFolder }: BundleToSend): number {
  return zip.packed?.get(`${topFolder}/${reportName}`) ?? 0;
}

/** What the evidence takes in the ZIP that nobody leaves out, and the texts of icepack. */
export function mustStay(made: BundleToSend): number {
  const { zip, manifest, topFolder } = made;
  let bytes = zip.bytes - packedReport(made);
  for (const { items, folder } of manifest.servers)
    for (const { collector, path } of items)
      if ((collector !== 'config' && collector !== 'techsupport') || isPrecapture({ path }))
        bytes -= zip.packed?.get(`${topFolder}/${folder}/${path}`) ?? 0;
  return Math.ceil(bytes * hoped);
}

/** Level 9 saves little; what matters is what leaves. Only whether an attempt is worth writing is judged by this. */
export function estimate(
  made: BundleToSend,
  { manifest, report, instead }: { manifest: Manifest; report: boolean; instead: ReadonlyMap<string, string> },
): number {
  let bytes = made.zip.bytes - (report ? 0 : packedReport(made));
  for (const [index, { items, folder, name }] of made.manifest.servers.entries()) {
    for (const item of items) {
      const now = manifest.servers[index]?.items.find(({ path }) => path === item.path);
      const size = made.zip.packed?.get(`${made.topFolder}/${folder}/${item.path}`) ?? 0;
      if (now?.sha256 === undefined) bytes -= size;
      else if (instead.has(`${name} ${item.path}`))
        bytes -= size * (1 - (now.bytes ?? 0) / Math.max(1, item.bytes ?? 1));
    }
  }
  return Math.ceil(bytes * hoped);
}
