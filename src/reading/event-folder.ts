/** The sub-folders of the guide (chapter 3), by the names people give them. */
const parts: ReadonlyArray<readonly [part: GuidePart, names: RegExp]> = [
  ['Config', /^(?:config|configs|configuration|backup|conf)$/i],
  ['Techsupport', /^(?:techsupport|tech[ _-]support|tsf|techsupports)$/i],
  ['Logs', /^(?:logs?|logfiles)$/i],
  ['CLI', /^(?:cli|console)$/i],
  ['VM', /^(?:vm|virtual ?machine)$/i],
];

export type GuidePart = 'Config' | 'Techsupport' | 'Logs' | 'CLI' | 'VM';

/** What the path of an event folder says of it, in whatever form. */
export type EventWords = {
  number: number | undefined;
  server: number | undefined;
  /** Local, as the folder has it. */
  time: { year: number; month: number; day: number; hour: number; minute: number } | undefined;
  /** It is written exactly as the guide has it. */
  isExact: boolean;
};

/** Whether it was captured ahead of the event or after it, and is not the event's own evidence. */
export function isOfCapture({ part, rest }: { part: GuidePart | undefined; rest: string }): boolean {
  return part === 'Techsupport' && rest.startsWith('precapture_');
}

/** What programs leave in a ZIP without being asked. */
export function isJunk(path: string): boolean {
  return /(?:^|\/)(?:__MACOSX(?:\/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)/i.test(path);
}

/** Which part of the guide's a folder is; undefined where it is none of them. */
export function guidePart(name: string): GuidePart | undefined {
  return parts.find(([, names]) => names.test(name))?.[0];
}

/** Takes a path apart: the event folder, the part of it, and the rest. Undefined where it is in no event folder. */
export function placeInEvent(path: string): { folder: string; part: GuidePart | undefined; rest: string } | undefined {
  const names = path.split('/');
  const at = names.slice(0, -1).findIndex((name) => guidePart(name) !== undefined);
  if (at >= 0)
    return {
      folder: names.slice(0, at).join('/'),
      part: guidePart(names[at] ?? ''),
      rest: names.slice(at + 1).join('/'),
    };
  const last = names.slice(0, -1).findLastIndex((name) => looksLikeEvent(name));
  if (last < 0) return undefined;
  return { folder: names.slice(0, last + 1).join('/'), part: undefined, rest: names.slice(last + 1).join('/') };
}

function looksLikeEvent(name: string): boolean {
  const { number, server, time } = eventWords(name);
  return number !== undefined || (server !== undefined && time !== undefined) || /^ice[ _-]*\d+$/i.test(name);
}

/** Reads `Event1_ICE01_20261120_1032`, and what people make of it: `event 1 ICE1`, `Event-2_20261120_10:32`. */
export function eventWords(folder: string): EventWords {
  const [, number] = /(?:^|[^a-z])event[\s_-]*(\d{1,6})/i.exec(folder) ?? [];
  const [, server] = /(?:^|[^a-z])ice[\s_-]*(\d{1,4})(?!\d)/i.exec(folder) ?? [];
  const [, year, month, day, hour, minute] =
    /(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[T\s_.-]*(\d\d)[:._h-]?(\d\d)(?:[:._]?\d\d)?)?(?!\d)/.exec(folder) ?? [];
  const time =
    year === undefined || hour === undefined
      ? undefined
      : {
          ...{ year: Number(year), month: Number(month), day: Number(day) },
          ...{ hour: Number(hour), minute: Number(minute) },
        };
  return {
    number: number === undefined ? undefined : Number(number),
    server: server === undefined ? undefined : Number(server),
    time,
    isExact: /^Event[1-9]\d*_ICE(?:\d\d|[1-9]\d{2,3})_\d{8}_\d{4}$/.test(folder),
  };
}

/** The one folder that everything is in, unless it is that of an event. @returns undefined where there is none */
export function topOf(paths: readonly string[]): string | undefined {
  const wanted = paths.filter((path) => !isJunk(path));
  const [first = ''] = wanted;
  const top = first.split('/')[0] ?? '';
  if (!first.includes('/') || !wanted.every((path) => path.startsWith(`${top}/`))) return undefined;
  return looksLikeEvent(top) || guidePart(top) !== undefined ? undefined : top;
}

export function belowTop(path: string, top: string | undefined): string {
  return top !== undefined && path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path;
}
