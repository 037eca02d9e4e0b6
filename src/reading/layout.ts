import { serverTitle } from '../domain/appliance.js';
import type { Manifest } from '../domain/manifest.js';
import { type Window, windowAround } from '../domain/window.js';
import { besideGap, instantsOf } from '../domain/zone.js';
import { isZone } from '../domain/zone-name.js';
import { type EventWords, eventWords, isJunk, placeInEvent } from './event-folder.js';
import type { OpenBundle } from './open-bundle.js';

/** One server's folder of one event. */
export type EventFolder = {
  /** Below the top folder, e.g. `Event1_ICE01_20261120_1032`. */
  folder: string;
  /** How the server is called where people read: `ICE01`. */
  label: string;
  /** Its name in the configuration that collected it, where there is a manifest. */
  name: string | undefined;
  cluster: string | undefined;
  zone: { name: string; source: 'config' | 'host OS' | 'last run' | 'logs' | 'other server' | 'assumed' | 'given' };
};

/** Which event a bundle is of, and which of its folders is which server; of a bundle made by hand as far as its names tell. */
export type Layout = {
  ticket: string | undefined;
  event: { number: number | undefined; at: Date; window: { since: Date; until: Date } } | undefined;
  /** The operator's zone, else that of the first server. */
  zone: string;
  servers: readonly EventFolder[];
};

/** What somebody says of a bundle that does not say it itself. */
export type LayoutOptions = {
  event?: Date | undefined;
  /** The zone of the servers, where it is known. */
  zone?: string | undefined;
  /** The zone that is assumed where nothing says it: the operator's. */
  assumed?: string | undefined;
};

const guideWindow = { beforeMs: 30 * 60_000, afterMs: 30 * 60_000 };

export function layoutOf(bundle: Pick<OpenBundle, 'manifest' | 'top' | 'files'>, options: LayoutOptions = {}): Layout {
  const { manifest } = bundle;
  return manifest === undefined ? byNames(bundle, options) : byManifest(manifest, bundle.top, options);
}

function byManifest(manifest: Manifest, top: string | undefined, { event, zone }: LayoutOptions): Layout {
  const { number, at, window } = manifest.event;
  const servers = manifest.servers.map(
    ({ folder, id, name, cluster, zone: own }): EventFolder => ({
      ...{ folder, label: serverTitle(id), name, cluster },
      zone: zone === undefined ? known(own) : { name: zone, source: 'given' },
    }),
  );
  const said = { since: new Date(window.since), until: new Date(window.until) };
  return {
    ticket: manifest.ticket ?? ticketIn(top),
    event: { number, at: event ?? new Date(at), window: event === undefined ? said : windowAround(event, guideWindow) },
    zone: zone ?? zoneOf(manifest.event.zone) ?? servers[0]?.zone.name ?? 'UTC',
    servers,
  };
}

/** A manifest may be of anybody, and name a zone that there is not. */
function known(zone: EventFolder['zone']): EventFolder['zone'] {
  return isZone(zone.name) ? zone : { name: 'UTC', source: 'assumed' };
}

function zoneOf(name: string | undefined): string | undefined {
  return name !== undefined && isZone(name) ? name : undefined;
}

function byNames({ files, top }: Pick<OpenBundle, 'top' | 'files'>, options: LayoutOptions): Layout {
  const places = files.filter(({ path }) => !isJunk(path)).map(({ path }) => placeInEvent(path)?.folder);
  const folders = [...new Set(places.filter((folder) => folder !== undefined))].sort(inOrder);
  const zone = options.zone ?? options.assumed ?? 'UTC';
  const isOneEvent = new Set(folders.map((folder) => eventWords(folder).number)).size < 2;
  return {
    ticket: ticketIn(top) ?? ticketIn(folders[0]),
    event: eventOf(folders, zone, options.event),
    zone,
    servers: folders.map((folder) => ({
      ...{ folder, label: labelOf(folder, isOneEvent), name: undefined, cluster: undefined },
      zone: { name: zone, source: options.zone === undefined ? 'assumed' : 'given' },
    })),
  };
}

function inOrder(a: string, b: string): number {
  const [left, right] = [eventWords(a), eventWords(b)];
  return (left.number ?? 0) - (right.number ?? 0) || (left.server ?? 0) - (right.server ?? 0) || (a < b ? -1 : 1);
}

function ticketIn(text: string | undefined): string | undefined {
  return /^TIC-\d+/i.exec(text ?? '')?.[0].toUpperCase();
}

function labelOf(folder: string, isOneEvent: boolean): string {
  const { number, server } = eventWords(folder);
  const title = server === undefined ? folder || 'the server' : serverTitle(server);
  return isOneEvent || number === undefined ? title : `Event${number} ${title}`;
}

function eventOf(folders: readonly string[], zone: string, given: Date | undefined): Layout['event'] {
  const words = folders.map(eventWords);
  const at = given ?? words.map((each) => folderInstant(each, zone)).find((each) => each !== undefined);
  if (at === undefined) return undefined;
  const window: Window = windowAround(at, guideWindow);
  return { number: words.find(({ number }) => number !== undefined)?.number, at, window };
}

/** When an event was by the name of its folder; undefined where it has no time, or none there can be. */
export function folderInstant({ time }: EventWords, zone: string): Date | undefined {
  if (time === undefined || time.month > 12 || time.day > 31 || time.hour > 23 || time.minute > 59) return undefined;
  if (time.month < 1 || time.day < 1) return undefined;
  const local = { ...time, second: 0 };
  return instantsOf(local, zone)[0] ?? besideGap(local, zone)[0];
}
