import { serverTitle } from './appliance.js';
import { folderTime } from './zone.js';

/** The sub-folders of an event folder (guide, chapter 3). */
export type BundleFolder = 'Config' | 'Techsupport' | 'Logs' | 'CLI' | 'VM';

/** A bundle that was written. */
export type Bundle = {
  path: string;
  name: string;
  bytes: number;
  sha256: string;
  /** What each entry takes, by its name, in bytes; known where it was written just now. */
  packed?: ReadonlyMap<string, number>;
};

/** What the name of a bundle says of its event; another bundle of the same event has another sequence. */
export type BundleName = { number: number; time: string; sequence: number };

/** The top folder of a bundle whose ticket has no number yet. */
export const pendingTicket = 'TIC-pending';

/** The folder of one server in one event, e.g. `Event1_ICE01_20261120_1032`; the time is the event's, in the server's zone. */
export function eventFolder(event: { number: number; at: Date }, server: { id: number; zone: string }): string {
  return `Event${event.number}_${serverTitle(server.id)}_${folderTime(event.at, server.zone)}`;
}

/** The name of a bundle on disk and in the ticket, e.g. `TIC-1234_Event1_20261120_1032.zip`; later ones of an event end in `_2`. */
export function bundleName(
  ticket: string,
  event: { number: number; at: Date },
  zone: string,
  sequence: number,
): string {
  return `${ticket}_Event${event.number}_${folderTime(event.at, zone)}${sequence > 1 ? `_${sequence}` : ''}.zip`;
}

/** What a bundle's name says, or undefined when it is not one of ours. */
export function parseBundleName(name: string): BundleName | undefined {
  const match = /_Event(\d{1,6})_(\d{8}_\d{4})(?:_(\d{1,4}))?\.zip$/.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { number: Number(match[1]), time: match[2], sequence: Number(match[3] ?? 1) };
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Makes a local name of a name that a server chose: `[A-Za-z0-9][A-Za-z0-9._-]{0,99}`, never reserved on Windows,
 * never equal to one already used, whatever the case. The name is added to `used` (in lower case).
 */
export function safeName(remoteName: string, used: Set<string>): string {
  const last = remoteName.split(/[/\\]/).at(-1) ?? '';
  let stem = last
    .normalize('NFC')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '');
  if (stem === '' || reserved.test(stem)) stem = `file-${stem}`;
  stem = stem.slice(0, 90).replace(/\.+$/, ''); // Windows drops dots at the end
  let name = stem;
  for (let copy = 2; used.has(name.toLowerCase()); copy++) name = numbered(stem, copy);
  used.add(name.toLowerCase());
  return name;
}

function numbered(name: string, copy: number): string {
  const dot = name.indexOf('.', 1);
  return dot < 0 ? `${name}-${copy}` : `${name.slice(0, dot)}-${copy}${name.slice(dot)}`;
}
