/** What the part of the address behind `#` asks for. */
export type Asked = {
  /** A time of day. */
  time?: string;
  /** A line, by its place among the lines of the bundle. */
  line?: number;
  servers?: string[];
  query?: string;
};

export function askedIn(hash: string): Asked {
  const given = new URLSearchParams(hash.slice(1));
  const [time, line, servers, query] = ['t', 'l', 's', 'q'].map((name) => given.get(name));
  return {
    ...(time ? { time } : {}),
    ...(line && /^\d+$/.test(line) ? { line: Number(line) } : {}),
    ...(servers ? { servers: servers.split(',') } : {}),
    ...(query ? { query } : {}),
  };
}

/** A link to this page that asks for it. */
export function linkTo({ line, servers, query }: Asked): string {
  const parts = [
    ...(line === undefined ? [] : [`l=${line}`]),
    ...(servers === undefined ? [] : [`s=${servers.map(encodeURIComponent).join(',')}`]),
    ...(query === undefined ? [] : [`q=${encodeURIComponent(query)}`]),
  ];
  return `${location.href.replace(/#.*/s, '')}#${parts.join('&')}`;
}
